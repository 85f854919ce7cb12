"""The picture that the code in hand draws, beside the one that it is compared with, and what is kept of both."""

import numpy as np
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from .actions import buttons_of
from .before_after import MODES, BeforeAfter
from .bookmark_strip import BookmarkStrip
from .photo_bar import PhotoBar
from .plausibility_gauge import PlausibilityGauge
from .session import Session
from .wrap import Wrap, together


class PictureSide(QWidget):
    """`pin` and `keep` are what its buttons do with the picture."""

    def __init__(self, session: Session, pin: QAction, keep: QAction) -> None:
        super().__init__()
        self.pictures = BeforeAfter("Open a run in the Library, or train one, to see its latent space here")
        self.pictures.setMinimumSize(208, 208)
        self.image = self.pictures.after
        self.image.setToolTip("Drop a picture here to find its code. Wheel: zoom. Drag: move. Double click: show all")
        self.image.setAccessibleName("The image that the sliders describe; drop a picture to find its code")
        self.photo = PhotoBar()
        self.photo.modes.chosen.connect(lambda number: self.pictures.set_mode(MODES[number]))
        self.gauge = PlausibilityGauge(session)
        self._before: float | None = None  # the error before the search
        row = Wrap(spacing=4)
        row.addWidget(self.gauge)
        row.addStretch()
        row.addWidget(together(*buttons_of(pin), *buttons_of(keep, texts=True)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.photo)
        column.addWidget(self.pictures, 1)
        column.addLayout(row)
        column.addWidget(BookmarkStrip(session))

    def show_picture(self, picture: np.ndarray | None) -> None:
        """uint8 (C, H, W), or nothing."""
        self.pictures.set_edited(picture)
        self.photo.set_error(self.pictures.error(), self._before)

    def pin(self, picture: np.ndarray | None) -> None:
        """What is compared with from here on."""
        self._before = None
        self.pictures.set_original(picture)
        self.photo.set_photo(picture is not None)
        self.photo.set_error(self.pictures.error())

    def begin_search(self) -> None:
        """For a better code: the error of the one at hand stays beside what it becomes."""
        self._before = self.pictures.error()

    def blink(self) -> None:
        """Show the other one of the two in the same place."""
        if self.pictures.original is not None:
            self.photo.modes.choose(MODES.index("blink"))
            if self.pictures.mode != "blink":
                self.pictures.set_mode("blink")
            self.pictures.blink()

    def shut(self) -> None:
        self.gauge.shut()
