"""What was drawn on a map: a path that can be walked, or images that were selected."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from .icons import icon
from .images import GridView
from .player import Player
from .reel import Reel

THUMBNAILS = 24


class PathTray(QWidget):
    """The frames of a path as a film strip, and a player whose picture travels on the map."""

    sent = Signal(int)  # this frame's code is wanted
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.player = Player()
        self.player.view.hide()
        self.reel = Reel(self.player)
        send = QPushButton("To the sliders")
        send.setToolTip("Take the code of the frame that is shown in hand")
        send.clicked.connect(lambda: self.sent.emit(self.player.index()))
        close = _close("Remove the path (Escape)")
        close.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.reel, 1)
        top.addWidget(close)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.player, 1)
        below.addWidget(send)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(below)
        self.hide()


class SelectionTray(QWidget):
    """How many images are selected, the first of them, and the way to a file."""

    exported = Signal()
    closed = Signal()
    clicked = Signal(int)  # the place of an image on the map

    def __init__(self) -> None:
        super().__init__()
        self.places = np.zeros(0, np.int64)
        self.label, self.grid = QLabel(), GridView("")
        self.grid.setFixedHeight(72)
        self.grid.setToolTip("Some of the selected images; a click sends one to the sliders")
        self.grid.setAccessibleName("Selected images")
        self.grid.clicked.connect(lambda n: self.clicked.emit(int(self.places[n])))
        self.export = QPushButton("Export…")
        self.export.setToolTip("Write the codes and labels of the selected images to a CSV or NPZ file (Ctrl+E)")
        self.export.clicked.connect(self.exported)
        close = _close("Select nothing (Escape)")
        close.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.label, 1)
        top.addWidget(self.export)
        top.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.grid)
        self.hide()

    def select(self, places: np.ndarray) -> None:
        """These images of the map; the pictures of the first follow."""
        self.places = places
        self.label.setText(f"{len(places):,} {'image' if len(places) == 1 else 'images'} selected")
        self.grid.set_images(None)
        self.setVisible(len(places) > 0)

    @property
    def sampled(self) -> np.ndarray:
        """The images that are shown."""
        return self.places[:THUMBNAILS]


def _close(tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon("x", "muted"))
    button.setToolTip(tip)
    button.setAccessibleName(tip.split(" (")[0])
    return button
