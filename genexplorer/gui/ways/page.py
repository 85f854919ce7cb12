"""What all pages have: codes that they want drawn, and room for the drawings."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.images import Pixels
from genexplorer.gui.player import Player
from genexplorer.gui.session import Session

from .tray import Tray


class Page(QWidget):
    """`codes` says what is to be drawn; the panel asks for it and hands it over with `put`, part by part."""

    changed = Signal()  # what `codes` gives is another
    title: ClassVar[str] = ""
    noun: ClassVar[str] = ""  # what one of its codes is called
    player: Player | None = None

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.drawn = False  # whether the codes as they are were asked for
        self.z = np.zeros((0, 0), np.float32)

    def trays(self) -> Sequence[Tray]:
        return ()

    def codes(self) -> np.ndarray:
        """(N, D)."""
        raise NotImplementedError

    def begin(self, z: np.ndarray) -> None:
        """The drawings of these codes are about to come."""
        self.z, self.drawn = z, True

    def put(self, first: int, pictures: Pixels) -> None:
        """Those of the codes from `first` on, uint8 (n, C, H, W)."""
        raise NotImplementedError

    def here(self) -> Bookmark | None:
        """The code that the person looks at."""
        raise NotImplementedError

    def picture(self) -> Pixels | None:
        """All in one picture, uint8 (C, H, W)."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """What each code is, where they are written to a file."""
        return [f"{self.noun} {n + 1}" for n in range(len(self.z))]

    def alter(self) -> None:
        self.drawn = False
        self.changed.emit()


def how_box() -> QComboBox:
    box = QComboBox()
    box.addItem("Slerp", "slerp")
    box.addItem("Lerp", "lerp")
    box.setToolTip("Slerp keeps the length that codes have in many dimensions; lerp takes the straight line")
    box.setAccessibleName("How to go between codes")
    return box


def number_box(low: int, high: int, value: int, name: str, tip: str) -> QSpinBox:
    box = QSpinBox(minimum=low, maximum=high)
    box.setValue(value)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setKeyboardTracking(False)
    return box
