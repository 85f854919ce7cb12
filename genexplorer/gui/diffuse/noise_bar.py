"""Which noise, and of how many images at once."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.wrap import Wrap, named, together

LAST_SEED = 999_999


def seed_box() -> QSpinBox:
    box = QSpinBox(minimum=0, maximum=LAST_SEED)
    box.setKeyboardTracking(False)
    box.setAccessibleName("Seed")
    box.setToolTip("Of the first image's noise; each next image has the next number")
    return box


def dice(owner: QWidget, seed: QSpinBox) -> QAction:
    """Another seed, by the key R anywhere in `owner`."""
    roll: Callable[[], None] = lambda: seed.setValue(int(np.random.default_rng().integers(LAST_SEED)))  # noqa: E731
    return local_action(owner, "Other noise", "dice-five", "R", "Other noise", roll)


class NoiseBar(QWidget):
    """`changed` tells of another seed or another number of images."""

    changed = Signal()

    def __init__(self, owner: QWidget, sides: tuple[int, ...], side: int) -> None:
        super().__init__()
        self.seed, self.side = seed_box(), QComboBox()
        for each in sides:
            self.side.addItem(f"{each} × {each}" if each > 1 else "1", each)
        self.side.setCurrentIndex(sides.index(side))
        self.side.setAccessibleName("Images")
        self.side.setToolTip("How many images are made at once")
        self.again_action = dice(owner, self.seed)
        self.seed.valueChanged.connect(self.changed)
        self.side.currentIndexChanged.connect(self.changed)
        row = Wrap(self)
        row.addWidget(together(named("Seed", self.seed), *buttons_of(self.again_action)))
        row.addWidget(named("Images", self.side))

    def set_side(self, side: int) -> None:
        """Without a word."""
        self.side.blockSignals(True)
        self.side.setCurrentIndex(self.side.findData(side))
        self.side.blockSignals(False)

    def count(self) -> int:
        side: int = self.side.currentData()
        return side * side
