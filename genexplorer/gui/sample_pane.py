"""A grid of images with its heading and a line or two of facts above; and several of them side by side."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from .elided import Elided
from .images import GridView


class SamplePane(QWidget):
    """Where there are no images, it says why not."""

    def __init__(self, empty: str = "") -> None:
        super().__init__()
        self.heading, self.grid, self.note, self.more = Elided(), GridView(empty), Elided(), Elided()
        self.heading.setProperty("role", "title")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part, stretch in ((self.heading, 0), (self.note, 0), (self.more, 0), (self.grid, 1)):
            column.addWidget(part, stretch)
        self.grid.gap, self.grid.centred = 3, False

    def entitle(self, heading: str) -> None:
        self.heading.setText(heading)
        self.grid.setAccessibleName(heading)

    def show_images(self, x: np.ndarray | None, empty: str = "") -> None:
        """x is uint8 (N, C, H, W)."""
        self.grid.empty = empty
        self.grid.set_images(x)

    def tell(self, note: str, more: str = "", tip: str = "") -> None:
        """Two lines, and what they say at length."""
        for label, text in ((self.note, note), (self.more, more)):
            label.setText(text)
            label.setToolTip("\n".join(filter(None, (text, tip if label is self.note else ""))))
        self.more.setVisible(bool(more))


class Panes(QWidget):
    """In `columns` columns; where that is 0, in as many as make the panes largest."""

    def __init__(self) -> None:
        super().__init__()
        self.panes: list[SamplePane] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        self._placed = 0

    def put(self, panes: Sequence[SamplePane], columns: int = 0) -> None:
        """Other panes; those that were there go, and the keyboard stays among them."""
        focused = any(pane.grid.hasFocus() for pane in self.panes)
        for pane in self.panes:
            self._grid.removeWidget(pane)
            pane.hide()
            pane.deleteLater()
        self.panes, self._columns, self._placed = list(panes), columns, 0
        self._arrange()
        if focused:
            self.panes[0].grid.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        count, words = len(self.panes), 3 * self.fontMetrics().height() + 16

        def size(columns: int) -> float:
            return min(self.width() / columns, self.height() / -(-count // columns) - words)

        columns = self._columns or max(
            range(1, count + 1), key=lambda n: (round(size(n) / 16), -(-count % n), n), default=1
        )
        if columns == self._placed:
            return
        self._placed = columns
        for pane in self.panes:
            self._grid.removeWidget(pane)
        for place, pane in enumerate(self.panes):
            self._grid.addWidget(pane, place // columns, place % columns)
        for line in range(max(self._grid.columnCount(), self._grid.rowCount())):
            self._grid.setColumnStretch(line, int(line < columns))
            self._grid.setRowStretch(line, int(line < -(-count // columns)))
