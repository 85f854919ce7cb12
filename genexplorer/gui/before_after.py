"""An image that is edited, beside what it was: both, and what differs; or one after the other in the same place."""

from typing import Literal

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from .images import ImageView, Pixels
from .lens import Lens

Mode = Literal["edited", "compare", "blink"]
MODES: tuple[Mode, ...] = ("edited", "compare", "blink")
_ANY = 16_777_215  # Qt's own "as large as it likes"
_GAIN = 2  # of the difference, so that small ones are seen


class BeforeAfter(QWidget):
    """Three views that zoom and move as one. `original` and `edited` are uint8 (C, H, W)."""

    blinked = Signal()  # a person asked for the other one of two

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.before, self.after = ImageView("The original"), ImageView(empty)
        self.difference = ImageView("Difference")
        self._pixels: dict[str, Pixels | None] = {"before": None, "after": None}
        self.mode: Mode = "edited"
        self._shows_before = False
        self._lens = Lens(self)
        self._captions: list[QLabel] = []
        self._cells: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        for view, caption in (
            (self.before, "Original"),
            (self.after, "Edited"),
            (self.difference, f"Difference × {_GAIN}"),
        ):
            view.share(self._lens)
            view.copy_action.setShortcut("")  # Ctrl+C copies picture and code together
            view.held.connect(self._hold)
            view.setToolTip("Wheel: zoom. Drag: move. Double click: show all")
            view.setAccessibleName(caption)
            self._add_cell(view, caption)
        self.before.setAcceptDrops(False)
        self.difference.setAcceptDrops(False)
        self.set_mode("edited")

    @property
    def original(self) -> Pixels | None:
        return self._pixels["before"]

    @property
    def edited(self) -> Pixels | None:
        return self._pixels["after"]

    def set_original(self, pixels: Pixels | None) -> None:
        self._pixels["before"] = pixels
        self.before.set_image(pixels)
        if pixels is None:
            self.set_mode("edited")
        self._differ()

    def set_edited(self, pixels: Pixels | None) -> None:
        self._pixels["after"] = pixels
        self.after.set_image(pixels)
        self._differ()

    def error(self) -> float | None:
        """Mean squared difference of the two, of pixels in 0…1."""
        before, after = self.original, self.edited
        if before is None or after is None or before.shape != after.shape:
            return None
        return float(np.square(before.astype(np.float32) / 255 - after.astype(np.float32) / 255).mean())

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode if self.original is not None else "edited"
        self._shows_before = False
        self._differ()
        self._arrange()

    def blink(self) -> None:
        """Show the other one of the two."""
        self.show_before(not self._shows_before)

    def show_before(self, before: bool) -> None:
        self._shows_before = before and self.mode == "blink"
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _add_cell(self, view: ImageView, text: str) -> None:
        cell, caption = QWidget(), QLabel(text, alignment=Qt.AlignmentFlag.AlignHCenter)
        caption.setProperty("role", "muted")
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addStretch(1)
        column.addWidget(view, 100)
        column.addWidget(caption)
        column.addStretch(1)
        self._captions.append(caption)
        self._cells.append(cell)

    def _hold(self, pressed: bool) -> None:
        if self.mode == "blink":
            self.show_before(pressed)

    def _differ(self) -> None:
        before, after = self.original, self.edited
        if self.mode == "compare" and before is not None and after is not None and before.shape == after.shape:
            apart = np.abs(before.astype(np.int16) - after) * _GAIN
            self.difference.set_image(np.minimum(apart, 255).astype(np.uint8))

    def _arrange(self) -> None:
        """As many columns as make the images largest."""
        seen = {"edited": [1], "compare": [0, 1, 2], "blink": [0 if self._shows_before else 1]}[self.mode]
        columns = max((1, 2, 3), key=lambda n: min(self.width() / n, self.height() / -(-len(seen) // n)))
        columns = min(columns, len(seen))
        rows, views = -(-len(seen) // columns), (self.before, self.after, self.difference)
        focused = any(view.hasFocus() for view in views)
        square = min(self.width() // columns, self.height() // rows - self.fontMetrics().height() - 12)
        for cell, view in zip(self._cells, views, strict=True):
            self._grid.removeWidget(cell)
            view.setMaximumHeight(_ANY if self.mode == "edited" else max(64, square))  # the caption stays at the image
        for place, number in enumerate(seen):
            self._grid.addWidget(self._cells[number], place // columns, place % columns)
        for number, (cell, caption) in enumerate(zip(self._cells, self._captions, strict=True)):
            if focused and number == seen[0]:
                cell.show()
                views[number].setFocus()  # before the one that has it is hidden, or it would leave for anywhere
            cell.setVisible(number in seen)
            caption.setVisible(self.mode != "edited")
