"""What is done with a photo: open it, refine its code, and compare it with what was made of it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from .actions import buttons_of
from .figure import Figure
from .icons import icon
from .images import SUFFIXES
from .segments import Segments
from .wrap import Wrap


class PhotoBar(QWidget):
    """Says what the person wants; whoever owns it tells it how far a search for a better code has come."""

    opened = Signal(object)  # Path
    refine_asked = Signal()
    cancel_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._busy = self._photo = False
        self.open_action = QAction(icon("image"), "Open a photo…", self)
        self.open_action.setShortcut("Ctrl+Shift+P")
        self.open_action.setToolTip("Open a photo to find its code (Ctrl+Shift+P), or drop one on the picture")
        self.open_action.triggered.connect(self._choose_file)
        self.refine_action = QAction("Refine", self)
        self.refine_action.triggered.connect(lambda: (self.cancel_asked if self._busy else self.refine_asked).emit())
        self.modes = Segments(
            [
                ("Edited", "The picture that the sliders describe", ""),
                ("Compare", "Original, edited, and their difference side by side", ""),
                ("A/B", "Original and edited in one place: hold the mouse on the picture, or press B", ""),
            ]
        )
        self._told = Figure("Error 0.0000 → 0.0000")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName("Refining")
        row = Wrap()
        for button in (*buttons_of(self.open_action), *buttons_of(self.refine_action, texts=True)):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.modes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addWidget(self._told)
        below.addWidget(self._bar, 1)
        below.addStretch(0)
        column.addLayout(below)
        self.set_photo(False)

    def set_photo(self, there: bool) -> None:
        """Whether there is a picture to compare with."""
        self._photo = there
        for number in range(3):
            self.modes.button(number).setEnabled(there)
        if not there:
            self.modes.choose(0)
            self._told.clear()
        self._told.setVisible(there)
        self.set_progress(None)

    def set_progress(self, share: float | None, what: str = "") -> None:
        """How far the search has come, 0…1, or that none goes on; `what` comes before it."""
        self._busy = share is not None
        if what:
            self._told.setText(f"{what} …")
            self._told.setToolTip("Once for this model: an encoder is learnt from what it draws")
        self._bar.setVisible(self._busy)
        self._bar.setRange(0, 100)
        self._bar.setValue(round(100 * (share or 0)))
        self.refine_action.setText("Cancel" if self._busy else "Refine")
        self.refine_action.setIcon(icon("x" if self._busy else "magic-wand"))
        self.refine_action.setEnabled(self._photo)
        self.refine_action.setToolTip(
            "Stop, and keep the code found so far"
            if self._busy
            else "Look for a code that draws the original better; locked sliders stay"
            if self._photo
            else "Open a photo first: its code is then looked for"
        )

    def set_error(self, now: float | None, before: float | None = None) -> None:
        """Mean squared error of the picture, and what it was before the search."""
        if now is None:
            self._told.clear()
            return
        was = "" if before is None else f"{before:.4f} → "
        self._told.setText(f"Error {was}{now:.4f}")
        self._told.setToolTip("Mean squared difference of original and edited, of pixels from 0 to 1")

    def _choose_file(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Open a photo", "", f"Pictures ({endings})")
        if name:
            self.opened.emit(Path(name))
