"""What was measured of runs: a row for each measure, a column for each run, and the best where it is certain."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from genexplorer.core.metric import METRICS
from genexplorer.engine.compare import Line, told_of

from . import theme


class MeasureTable(QTableWidget):
    """The best is bold and in a colour of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What was measured")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(16)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self._names: tuple[str, ...] = ()
        self.lines: tuple[Line, ...] = ()
        theme.notifier.changed.connect(self._dress)

    def show_lines(self, names: Sequence[str], lines: Sequence[Line]) -> None:
        self._names, self.lines = tuple(names), tuple(lines)
        self.setColumnCount(len(names) + 2)
        self.setHorizontalHeaderLabels(["Measure", *names, "Unit"])
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            about = " ".join((METRICS[line.metric].__doc__ or "").split())
            self.setItem(row, 0, _item(line.measure.replace("_", " "), about))
            self.setItem(row, len(names) + 1, _item(line.unit, about, muted=True))
            for place, value in enumerate(line.values):
                item = _item(told_of(value), about)
                if place == line.best:
                    font = QFont(self.font())
                    font.setBold(True)
                    item.setFont(font)
                    item.setForeground(QColor(theme.colors().good))
                    item.setToolTip("The best of these: its 95 % interval overlaps with no other one's")
                self.setItem(row, place + 1, item)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)

    def _dress(self) -> None:
        self.show_lines(self._names, self.lines)


def _item(text: str, about: str, muted: bool = False) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(about)
    if muted:
        item.setForeground(QColor(theme.colors().muted))
    return item
