"""Between four corners."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from genexplorer.engine.paths import corners
from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.images import GridView, Pixels
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap, named

from .page import Page, how_box, number_box
from .tray import Tray

_CORNERS = ("Top left", "Top right", "Bottom left", "Bottom right")


class Square(Page):
    """A code in each corner, and what lies between them as a grid; a cell that is clicked goes to the sliders."""

    title, noun = "Four corners", "Cell"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.slots = [Tray(name, session, "Drop here", limit=1) for name in _CORNERS]
        self.how = how_box()
        self.side = number_box(2, 24, 8, "Pictures along a side", "Pictures along each side of the grid")
        self.grid = GridView("Give each corner a code: what lies between the four is drawn here")
        self.grid.setToolTip("Click a picture to send its code to the sliders; arrow keys and Enter do too")
        self.grid.clicked.connect(self._send)
        self._pictures: Pixels | None = None
        self._chosen = -1
        places = QGridLayout()
        places.setSpacing(8)
        for slot, (row, column) in zip(self.slots, ((0, 0), (0, 2), (2, 0), (2, 2)), strict=True):
            side = Qt.AlignmentFlag.AlignTop if row == 0 else Qt.AlignmentFlag.AlignBottom
            places.addWidget(slot, row, column, side)
            slot.changed.connect(self.alter)
        places.addWidget(self.grid, 0, 1, 3, 1)
        places.setColumnStretch(1, 1)
        places.setRowStretch(1, 1)
        self.how.currentIndexChanged.connect(self.alter)
        self.side.valueChanged.connect(self.alter)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 8, 0, 0)
        column_.setSpacing(8)
        row_ = Wrap()
        row_.addWidget(self.how)
        row_.addWidget(named("Pictures a side", self.side))
        column_.addLayout(row_)
        column_.addLayout(places, 1)

    def trays(self) -> Sequence[Tray]:
        return self.slots

    def codes(self) -> np.ndarray:
        found = [slot.codes() for slot in self.slots]
        dim = len(self.session.code.z)
        if not all(len(codes) for codes in found):
            return np.zeros((0, dim), np.float32)
        return corners(np.concatenate(found).reshape(2, 2, dim), self.side.value(), self.how.currentData()).reshape(
            -1, dim
        )

    def begin(self, z: np.ndarray) -> None:
        super().begin(z)
        self._chosen = -1
        self.grid.across = self.side.value()
        if self._pictures is None or len(self._pictures) != len(z):
            self._pictures = None
            self.grid.set_images(None)

    def put(self, first: int, pictures: Pixels) -> None:
        if self._pictures is None:
            self._pictures = np.zeros((len(self.z), *pictures.shape[1:]), np.uint8)
        self._pictures[first : first + len(pictures)] = pictures
        self.grid.set_images(self._pictures)

    def here(self) -> Bookmark | None:
        index = self.grid.current if self.grid.current >= 0 else self._chosen
        if self._pictures is None or index < 0:
            return None
        return Bookmark(f"{self.noun} {index + 1}", self.z[index], self._pictures[index])

    def picture(self) -> Pixels | None:
        if self._pictures is None:
            return None
        n, (_, c, h, w) = self.side.value(), self._pictures.shape
        return self._pictures.reshape(n, n, c, h, w).transpose(2, 0, 3, 1, 4).reshape(c, n * h, n * w)

    def names(self) -> list[str]:
        n = self.side.value()
        return [f"row {i // n + 1} column {i % n + 1}" for i in range(len(self.z))]

    def _send(self, index: int) -> None:
        self._chosen = index
        self.session.code.change(f"Between four corners: {self.names()[index]}", self.z[index])
