"""The error of each class as bars, the model's above PCA's: a click shows that class alone."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from genexplorer.engine.reconstruct import ClassError

from . import theme

_BAR, _THIN = 8, 4


class ClassErrors(QWidget):
    """One row a class: its name and count, the mean squared error with its standard error, and PCA's below."""

    chosen = Signal(object)  # index of the class that is to be shown alone, or None for all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.only: int | None = None
        self.rows: tuple[ClassError, ...] = ()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Error per class")
        self.setToolTip("Mean squared error of each class. Click one, or press Enter, to see its images alone")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_rows(self, rows: Sequence[ClassError]) -> None:
        self.rows = tuple(rows)
        self._current = min(self._current, max(0, len(rows) - 1))
        if all(row.index != self.only for row in rows):
            self.only = None
        self._announce()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self.rows)) * self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def row_at(self, point: QPoint) -> int:
        row = point.y() // self._height()
        return row if 0 <= row < len(self.rows) else -1

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, height = self.fontMetrics(), self._height()
        most = max((max(row.mse + row.error, row.pca or 0.0) for row in self.rows), default=1.0) or 1.0
        number = metrics.horizontalAdvance("0.0000") + 8
        room = self.width() - number - 16
        for nth, row in enumerate(self.rows):
            top = nth * height
            if row.index == self.only or (nth == self._current and self.hasFocus()):
                painter.setPen(QColor(c.accent) if self.hasFocus() and nth == self._current else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(c.hover))
                painter.drawRoundedRect(QRectF(0.5, top + 0.5, self.width() - 1, height - 1), 6, 6)
            faded = self.only is not None and row.index != self.only
            line = QRectF(8, top + 4, self.width() - 16, metrics.height())
            counted = f"{row.count:,}"
            name_room = int(line.width()) - metrics.horizontalAdvance(counted) - 8
            painter.setPen(QColor(c.faint if faded else c.text))
            painter.drawText(line, metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, name_room))
            painter.setPen(QColor(c.faint if faded else c.muted))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, counted)
            y = line.bottom() + 4
            painter.drawText(
                QRectF(self.width() - number - 8, y + _BAR / 2 - metrics.height() / 2, number, metrics.height()),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                f"{row.mse:.4f}",
            )
            self._bar(painter, QRectF(8, y, room * row.mse / most, _BAR), c.faint if faded else c.accent)
            end, spread = 8 + room * row.mse / most, room * row.error / most
            painter.setPen(QColor(c.text))
            painter.drawLine(round(end - spread), round(y + _BAR / 2), round(end + spread), round(y + _BAR / 2))
            if row.pca is not None:
                color = c.faint if faded else c.curves[1]
                self._bar(painter, QRectF(8, y + _BAR + 2, room * row.pca / most, _THIN), color)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._toggle(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        if event.key() in (key.Key_Up, key.Key_Down) and self.rows:
            step = 1 if event.key() == key.Key_Down else -1
            self._current = min(max(self._current + step, 0), len(self.rows) - 1)
            self._announce()
            self.update()
        elif event.key() in (key.Key_Return, key.Key_Enter, key.Key_Space) and self.rows:
            self._toggle(self._current)
        elif event.key() == key.Key_Escape and self.only is not None:
            self._show_only(None)
        else:
            super().keyPressEvent(event)

    def _toggle(self, row: int) -> None:
        self._current = row
        index = self.rows[row].index
        self._show_only(None if index == self.only else index)

    def _show_only(self, index: int | None) -> None:
        self.only = index
        self._announce()
        self.update()
        self.chosen.emit(index)

    def _announce(self) -> None:
        if self.rows:
            row = self.rows[self._current]
            pca = "" if row.pca is None else f", PCA {row.pca:.4f}"
            alone = ", shown alone" if row.index == self.only else ""
            self.setAccessibleDescription(f"{row.name}: {row.count} images, error {row.mse:.4f}{pca}{alone}")

    def _height(self) -> int:
        return 4 + self.fontMetrics().height() + 4 + _BAR + 2 + _THIN + 6

    def _bar(self, painter: QPainter, place: QRectF, color: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawRoundedRect(place, 2, 2)
