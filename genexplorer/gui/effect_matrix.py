"""Attribute by attribute: what going along each named slider changes. Its own on the diagonal, leakage beside it."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from genexplorer.engine.naming import Named

from . import theme
from .matrix_view import MatrixView


class EffectMatrix(MatrixView):
    """A row for each slider, a column for each attribute."""

    chosen = Signal(int)  # a slider

    def __init__(self) -> None:
        super().__init__("Effects of the named sliders")
        self._effect = np.zeros((0, 0), np.float32)
        self._same = np.zeros((0, 0), bool)  # attributes of one label
        self._skill = np.zeros(0, np.float32)  # of the judge, for each attribute
        self._seen = np.zeros(0, bool)  # whether that is enough to be believed
        self._kept: np.ndarray | None = None  # of identity, by each slider
        self.picked.connect(lambda row, _: self.chosen.emit(row))

    def show_named(self, named: Named | None) -> None:
        names: tuple[str, ...] = ()
        if named is not None and named.measured is not None:
            names, self._effect, self._seen = named.axes.names, named.changes, named.seen
            self._same = named.family[:, None] == named.family[None]
            self._kept = named.kept
            self._skill = named.skill if named.skill is not None else np.ones(len(names), np.float32)
        self.set_names(names, names)

    def says(self, row: int, column: int) -> str:
        value = f"{self._effect[row, column]:+.2f} σ".replace("-", "−")
        name = self.columns[column]
        doubt = "" if self._seen[column] else f" The judge sees only {max(0, self._skill[column]):.0%} of “{name}”."
        if row == column:
            keeps = f" and keeps {self._kept[row]:.0%} of identity" if self._kept is not None else ""
            return f"One step of “{name}” changes it by {value}{keeps}.{doubt}"
        kind = "of the same label" if self._same[row, column] else "leakage"
        return f"One step of “{self.columns[row]}” changes “{name}” by {value} ({kind}).{doubt}"

    def of_row(self, row: int) -> tuple[int, int]:
        return row, row

    def paint_cell(self, painter: QPainter, place: QRectF, row: int, column: int) -> None:
        c, largest = theme.colors(), max(1.0, float(np.abs(self._effect).max(initial=0)))
        value = float(self._effect[row, column]) / largest
        color = QColor(c.curves[0] if value > 0 else c.curves[1])
        color.setAlphaF(min(1.0, abs(value)) ** 0.7 * (1.0 if self._seen[column] else 0.3))
        painter.fillRect(place, QColor(c.hover if self._same[row, column] else c.surface))
        painter.fillRect(place, color)


class EffectDialog(QDialog):
    """The matrix in a window of its own, that stays while sliders are moved."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Effects and leakage")
        self.matrix = EffectMatrix()
        self._told = QLabel(wordWrap=True)
        self._empty = (
            "Rows: one step, of one standard deviation, along each named slider. Columns: what it changes, as a "
            "judge sees it that had no part in finding the sliders; pale where it sees too little. The diagonal also "
            "tells how much of identity is kept. A click goes to the slider."
        )
        self._told.setText(self._empty)
        self._told.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.matrix.told.connect(lambda words: self._told.setText(words or self._empty))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self._told)
        column.addWidget(self.matrix.scrolled(), 1)

    def sizeHint(self) -> QSize:
        room = self.screen().availableSize()
        wanted = self.matrix.sizeHint() + QSize(48, 96)
        return QSize(min(wanted.width(), room.width() * 9 // 10), min(wanted.height(), room.height() * 9 // 10))
