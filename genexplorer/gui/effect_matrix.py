"""Attribute by attribute: what going along each named slider changes. Its own on the diagonal, leakage beside it."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from genexplorer.engine.naming import Named

from . import theme

_LARGEST = 28  # pixels of a cell


class EffectMatrix(QWidget):
    """A row for each slider, a column for each attribute. Point or use the arrow keys to read, click to choose."""

    chosen = Signal(int)  # a slider
    told = Signal(str)  # what the cell says that is pointed at

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._effect = np.zeros((0, 0), np.float32)
        self._same = np.zeros((0, 0), bool)  # attributes of one label
        self._skill = np.zeros(0, np.float32)  # of the judge, for each attribute
        self._seen = np.zeros(0, bool)  # whether that is enough to be believed
        self.current: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Effects of the named sliders")
        theme.notifier.changed.connect(self.update)

    def show_named(self, named: Named | None) -> None:
        if named is not None and named.measured is not None:
            self._names, self._effect, self._seen = named.axes.names, named.changes, named.seen
            self._same = named.family[:, None] == named.family[None]
            self._skill = named.skill if named.skill is not None else np.ones(len(self._names), np.float32)
        else:
            self._names, self._effect, self._same = (), np.zeros((0, 0), np.float32), np.zeros((0, 0), bool)
            self._skill, self._seen = np.zeros(0, np.float32), np.zeros(0, bool)
        self.current = None
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        room = self._label_room()
        return QSize(room + 24 * len(self._names) + 8, room + 24 * len(self._names) + 8)

    def minimumSizeHint(self) -> QSize:
        room = self._label_room()
        return QSize(room + 14 * len(self._names) + 8, room + 14 * len(self._names) + 8)

    def says(self, row: int, column: int) -> str:
        value = f"{self._effect[row, column]:+.2f} σ".replace("-", "−")
        name = self._names[column]
        doubt = "" if self._seen[column] else f" The judge sees only {max(0, self._skill[column]):.0%} of “{name}”."
        if row == column:
            return f"One step of “{name}” changes it by {value}.{doubt}"
        kind = "of the same label" if self._same[row, column] else "leakage"
        return f"One step of “{self._names[row]}” changes “{name}” by {value} ({kind}).{doubt}"

    def cell(self, row: int, column: int) -> QRectF:
        side, room = self._side(), self._label_room()
        return QRectF(room + column * side, room + row * side, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        metrics, room, side = self.fontMetrics(), self._label_room(), self._side()
        largest = max(1.0, float(np.abs(self._effect).max(initial=0)))
        vertical, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        for n, name in enumerate(self._names):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room - 12)
            here = self.current or (-1, -1)
            painter.setPen(QColor(c.text if n == here[0] else c.muted))
            painter.drawText(QRectF(0, room + n * side, room - 8, side), right | vertical, text)
            painter.setPen(QColor(c.text if n == here[1] else c.muted))
            painter.save()
            painter.translate(room + (n + 0.5) * side, room - 8)
            painter.rotate(-90)
            painter.drawText(QRectF(0, -side / 2, room - 8, side), vertical, text)
            painter.restore()
        painter.setPen(Qt.PenStyle.NoPen)
        for row, column in np.ndindex(*self._effect.shape):
            value = float(self._effect[row, column]) / largest
            color = QColor(c.curves[0] if value > 0 else c.curves[1])
            color.setAlphaF(min(1.0, abs(value)) ** 0.7 * (1.0 if self._seen[column] else 0.3))
            cell = self.cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.fillRect(cell, QColor(c.hover if self._same[row, column] else c.surface))
            painter.fillRect(cell, color)
        if self.current is not None:
            painter.setPen(QPen(QColor(c.accent), 2))
            painter.drawRect(self.cell(*self.current))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        where = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and where is not None:
            self.chosen.emit(where[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = Qt.Key, len(self._names) - 1
        steps = {key.Key_Left: (0, -1), key.Key_Right: (0, 1), key.Key_Up: (-1, 0), key.Key_Down: (1, 0)}
        if event.key() in steps and last >= 0:
            down, across = steps[Qt.Key(event.key())] if self.current else (0, 0)
            row, column = self.current or (0, 0)
            self._point((min(max(row + down, 0), last), min(max(column + across, 0), last)))
        elif event.key() in (key.Key_Return, key.Key_Enter) and self.current is not None:
            self.chosen.emit(self.current[0])
        else:
            super().keyPressEvent(event)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        room, side = self._label_room(), self._side()
        row, column = int((point.y() - room) // side), int((point.x() - room) // side)
        inside = 0 <= row < len(self._names) and (0 <= column < len(self._names) or point.x() < room)
        return (row, max(column, 0) if point.x() >= room else row) if inside else None

    def _point(self, where: tuple[int, int] | None) -> None:
        if where != self.current:
            self.current = where
            words = self.says(*where) if where is not None else ""
            self.setAccessibleDescription(words)
            self.told.emit(words)
            self.update()

    def _label_room(self) -> int:
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        return min(widest, metrics.averageCharWidth() * 24) + 16

    def _side(self) -> float:
        room = min(self.width(), self.height()) - self._label_room() - 8
        return max(14, min(_LARGEST, room // max(1, len(self._names))))


class EffectDialog(QDialog):
    """The matrix in a window of its own, that stays while sliders are moved."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Effects and leakage")
        self.matrix = EffectMatrix()
        self._told = QLabel(wordWrap=True)
        self._empty = (
            "Rows: one step, of one standard deviation, along each named slider. Columns: what it changes, as a "
            "judge sees it that had no part in finding the sliders; pale where it sees too little. A click goes to the "
            "slider."
        )
        self._told.setText(self._empty)
        self._told.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.matrix.told.connect(lambda words: self._told.setText(words or self._empty))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.matrix)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self._told)
        column.addWidget(area, 1)

    def sizeHint(self) -> QSize:
        room = self.screen().availableSize()
        wanted = self.matrix.sizeHint() + QSize(48, 96)
        return QSize(min(wanted.width(), room.width() * 9 // 10), min(wanted.height(), room.height() * 9 // 10))
