"""An image that is judged, and where it is from: a test image by number, a photo, or what the code in hand draws."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from genexplorer.engine.density import Numbered, Opened

from .actions import buttons_of, local_action
from .images import SUFFIXES, ImageView


class JudgedImage(QWidget):
    """Says where the person wants the image from; whoever owns it tells what it became. `keys` come before O and C."""

    chosen = Signal(object)  # Numbered | Opened
    code_asked = Signal()
    cleared = Signal()

    def __init__(self, owner: QWidget, name: str, empty: str, keys: str, removable: bool) -> None:
        super().__init__()
        self.view, heading, self._note = ImageView(empty), QLabel(name), QLabel(" ")
        self.view.setAccessibleName(name)
        self.view.setMinimumSize(96, 96)
        self.view.dropped.connect(lambda path: self.chosen.emit(Opened(path)))
        self._note.setProperty("role", "muted")
        self.place = QSpinBox(prefix="№ ")
        self.place.setKeyboardTracking(False)
        self.place.setRange(-1, 1)
        self.place.setSpecialValueText(" ")
        self.place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.place.setToolTip(f"{name}: which test image; drop a picture of your own instead")
        self.place.setAccessibleName(f"{name}: test image")
        self.place.valueChanged.connect(lambda number: self.chosen.emit(Numbered(number)))
        self.open_action = local_action(
            owner, f"{name}: open a photo…", "image", f"{keys}O", f"{name}: open a photo, or drop one", self._open_file
        )
        self.code_action = local_action(
            *(owner, f"{name}: the code's picture", "sliders-horizontal", f"{keys}C"),
            *(f"{name}: what the code at the sliders draws, as it moves", self.code_asked.emit),
        )
        self.clear_action = local_action(
            owner, f"Remove {name}", "x", f"{keys}Del", f"Compare with nothing: remove {name}", self.cleared.emit
        )
        row = QHBoxLayout()
        row.setSpacing(2)
        actions = [self.open_action, self.code_action, *([self.clear_action] if removable else [])]
        for button in buttons_of(*actions):
            row.addWidget(button)
        row.insertStretch(0)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (heading, self._note):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addWidget(heading)
        column.addWidget(self.view, 1)
        column.addWidget(self._note)
        column.addWidget(self.place)
        column.addLayout(row)
        self.set_enabled(False)

    def show_image(self, pixels: np.ndarray | None, place: int, count: int, note: str) -> None:
        """uint8 (C, H, W), or nothing; at a place of `count` test images, or -1 where it is none of them."""
        self.view.set_image(pixels)
        self._note.setText(note or " ")
        self.place.blockSignals(True)
        self.place.setSpecialValueText("" if place >= 0 else " ")
        self.place.setRange(-1, max(1, count))  # one beyond either end: places go around
        self.place.setValue(place)
        self.place.blockSignals(False)

    def set_enabled(self, on: bool) -> None:
        self.place.setEnabled(on)
        for action in (self.open_action, self.code_action):
            action.setEnabled(on)
        self.clear_action.setEnabled(on and self.view.image() is not None)

    def _open_file(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Open a photo", "", f"Pictures ({endings})")
        if name:
            self.chosen.emit(Opened(Path(name)))
