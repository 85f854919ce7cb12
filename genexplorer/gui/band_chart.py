"""Means over training steps with the spread around them, as many points as a run has."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF

from . import theme
from .images import WRAPPED
from .line_chart import Curve, LineChart
from .ring import draw_ring
from .ticks import ticks


class BandChart(LineChart):
    """Steps go evenly along; without curves it says why."""

    def __init__(self, name: str, write: Callable[[float], str], empty: str, log: bool = False) -> None:
        super().__init__(name, "step", "", write, log)
        self.empty = empty

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 136)

    def sizeHint(self) -> QSize:
        return QSize(360, 200)

    def plot(self) -> QRectF:
        line = self.fontMetrics().height()
        room = super().plot()
        return QRectF(room.left(), line + 12, room.width(), max(1.0, self.height() - 2 * line - 20))

    def point(self, x: float, y: float) -> QPointF:
        room, (x0, x1) = self.plot(), self._span(0)
        return QPointF(room.left() + (x - x0) / max(x1 - x0, 1e-9) * room.width(), super().point(x, y).y())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, line = QPainter(self), theme.colors(), self.fontMetrics().height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._curves:
            room, left = self.plot(), self._span(0)[0]
            for y in self._ticks_up():
                at = self.point(left, y).y()
                painter.setPen(QPen(QColor(c.line), 1))
                painter.drawLine(QPointF(room.left(), round(at) + 0.5), QPointF(room.right(), round(at) + 0.5))
                painter.setPen(QColor(c.muted))
                beside = QRectF(0, at - line, room.left() - 8, 2 * line)
                painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._write(y))
            self._paint_across(painter, room, line)
            for curve in self._curves:
                self._paint_curve(painter, curve)
            self._paint_key(painter, line)
        else:
            painter.setPen(QColor(c.muted))
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), WRAPPED, self.empty)
        if self.hasFocus():
            draw_ring(painter, self.rect())

    def set_bands(self, bands: Sequence[tuple[str, tuple[np.ndarray, np.ndarray, np.ndarray], int]]) -> None:
        """For each its name, steps with means and standard deviations, and which of the theme's curves it is."""
        at = self.at
        self.set_curves([Curve(name, x, y, y - std, y + std, color) for name, (x, y, std), color in bands if len(x)])
        if at is not None and at in self._places():
            self._read(at)

    def _value(self, curve: Curve, place: int) -> str:
        half = float(curve.high[place] - curve.low[place]) / 2
        return super()._value(curve, place) if half > 0 else self._write(float(curve.y[place]))

    def _ticks_up(self) -> list[float]:
        low, high = self._span(1)
        if self._log:
            found = super()._ticks_up()
            return found if len(found) <= 5 else [y for y in found if np.isclose(np.log10(y) % 1, 0, atol=1e-6)]
        return [value for value, _ in ticks(low, high, 5)]

    def _paint_across(self, painter: QPainter, room: QRectF, line: int) -> None:
        c, (x0, x1), right = theme.colors(), self._span(0), room.right()
        if self.at is not None:
            at = self.point(self.at, self._span(1)[0]).x()
            painter.setPen(QPen(QColor(c.faint), 1))
            painter.drawLine(QPointF(at, room.top()), QPointF(at, room.bottom()))
        painter.setPen(QColor(c.muted))
        for x, text in ticks(x0, x1, max(2, int(room.width() / 88))):
            at, half = self.point(x, 1.0).x(), painter.fontMetrics().horizontalAdvance(text) / 2
            if at + half <= right + 20:
                painter.drawText(QRectF(at - half - 1, room.bottom() + 4, 2 * half + 2, line), text)

    def _paint_curve(self, painter: QPainter, curve: Curve) -> None:
        painter.setClipRect(self.plot().adjusted(-1, -1, 1, 1))
        color = QColor(theme.colors().curves[curve.color])
        line, high, low = (
            [self.point(x, y) for x, y in zip(curve.x, values, strict=True)]
            for values in (curve.y, curve.high, curve.low)
        )
        band = QColor(color)
        band.setAlphaF(0.18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(band)
        painter.drawPolygon(QPolygonF([*high, *reversed(low)]))
        painter.setPen(QPen(color, 2))
        painter.drawPolyline(QPolygonF(line))
        if len(line) == 1:
            painter.setBrush(color)
            painter.drawEllipse(line[0], 3, 3)
        painter.setClipping(False)
