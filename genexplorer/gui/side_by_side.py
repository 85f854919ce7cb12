"""Square images of one size that are compared: each with its heading and a note below, zoomed and moved as one."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from .caption import Caption
from .images import ImageView
from .lens import Lens


class SideBySide(QWidget):
    """In as many columns as make the images largest; with nearly equals, such that no row is left ragged."""

    def __init__(self, views: Sequence[tuple[str, ImageView]]) -> None:
        super().__init__()
        self._lens = Lens(self)
        self._notes: list[Caption] = []
        self._cells: list[QWidget] = []
        self._views: list[ImageView] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        for title, view in views:
            view.share(self._lens)
            view.setAccessibleName(title)
            heading, note = QLabel(title), Caption()
            column = QVBoxLayout(cell := QWidget())
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addStretch(1)
            for part, stretch in ((heading, 0), (view, 1000), (note, 0)):
                column.addWidget(part, stretch)
            column.addStretch(1)
            self._cells.append(cell)
            self._views.append(view)
            self._notes.append(note)
        self._shown = set(range(len(self._cells)))
        self._arrange()

    def note(self, number: int, text: str) -> None:
        """What stands below an image."""
        self._notes[number].setText(text)

    def show_only(self, numbers: Collection[int]) -> None:
        """These of the images, in their order."""
        self._shown = set(numbers)
        for number, cell in enumerate(self._cells):
            cell.setVisible(number in self._shown)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        shown = [cell for number, cell in enumerate(self._cells) if number in self._shown]
        count, words = len(shown), 2 * self.fontMetrics().height() + 16

        def size(columns: int) -> float:
            return min(self.width() / columns, self.height() / -(-count // columns) - words)

        columns = max(range(1, count + 1), key=lambda n: (round(size(n) / 16), -(-count % n), n))
        high = max(self.width() - (columns - 1) * self._grid.spacing(), columns) // columns
        for cell, view in zip(self._cells, self._views, strict=True):
            view.setMaximumHeight(max(high, view.minimumHeight()))  # what is said of an image stands close to it
            self._grid.removeWidget(cell)
        for place, cell in enumerate(shown):
            self._grid.addWidget(cell, place // columns, place % columns)
        for line in range(len(self._cells)):
            self._grid.setColumnStretch(line, int(line < columns))
            self._grid.setRowStretch(line, int(line < -(-count // columns)))
