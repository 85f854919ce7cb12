"""A few curves over a logarithmic axis, each point with its spread: read by pointing or by the arrow keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from . import theme
from .ring import draw_ring

_DOT, _GAP = 3.5, 8


@dataclass(frozen=True, eq=False)
class Curve:
    """y (N,) over x (N,), with what lies between low and high; one point alone is a diamond."""

    name: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray
    color: int  # of the theme's curves


class LineChart(QWidget):
    """The line above the chart names the curves with their values at the place that is pointed at, else the last."""

    def __init__(self, name: str, across: str, up: str, write: Callable[[float], str], log: bool = False) -> None:
        """`across` and `up` are the axes' names, `write` how a value is written; `log`: also y is logarithmic."""
        super().__init__()
        self._name, self._across, self._up, self._write, self._log = name, across, up, write, log
        self._curves: tuple[Curve, ...] = ()
        self._level: tuple[float, str] | None = None
        self.at: float | None = None  # the x that is read
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        theme.notifier.changed.connect(self.update)

    def set_curves(self, curves: Sequence[Curve], level: tuple[float, str] | None = None) -> None:
        """`level` is a value that is marked all across, with what it is."""
        self._curves, self._level, self.at = tuple(curves), level, None
        self._announce()

    def reading(self) -> list[str]:
        """A sentence for each curve that has a value where it is read."""
        return [
            f"{curve.name} {self._value(curve, place)}" for curve in self._curves if (place := self._place(curve)) >= 0
        ]

    def sizeHint(self) -> QSize:
        return QSize(400, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 176)

    def plot(self) -> QRectF:
        """Where the curves lie."""
        line = self.fontMetrics().height()
        left = max((self.fontMetrics().horizontalAdvance(self._write(y)) for y in self._ticks_up()), default=24) + 16
        return QRectF(
            left, 2 * line + 3 * _GAP, max(1, self.width() - left - 24), max(1, self.height() - 5 * line - 4 * _GAP)
        )

    def point(self, x: float, y: float) -> QPointF:
        room, (x0, x1), (y0, y1) = self.plot(), self._span(0), self._span(1)
        along = (np.log(x) - np.log(x0)) / max(np.log(x1) - np.log(x0), 1e-9)
        scale = np.log if self._log else float
        rise = (scale(max(y, 1e-12) if self._log else y) - scale(y0)) / max(scale(y1) - scale(y0), 1e-12)
        return QPointF(room.left() + along * room.width(), room.bottom() - min(max(rise, -0.02), 1.02) * room.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._curves:
            return
        painter, c, room, line = QPainter(self), theme.colors(), self.plot(), self.fontMetrics().height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        x0 = self._span(0)[0]
        for y in self._ticks_up():
            at = self.point(x0, y).y()
            painter.setPen(QPen(QColor(c.line), 1))
            painter.drawLine(QPointF(room.left(), round(at) + 0.5), QPointF(room.right(), round(at) + 0.5))
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(0, at - line, room.left() - 8, 2 * line), middle | right, self._write(y))
        self._paint_across(painter, room, line)
        painter.setPen(QColor(c.muted))
        painter.drawText(QRectF(0, line + _GAP, self.width(), line), self._up)
        wide = self.fontMetrics().horizontalAdvance(self._across) + 4
        below = QRectF(room.center().x() - wide / 2, self.height() - line - 2, wide, line)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._across)
        painter.setPen(QPen(QColor(c.faint), 1))
        painter.drawLine(
            QPointF(room.left(), round(room.bottom()) + 0.5), QPointF(room.right(), round(room.bottom()) + 0.5)
        )
        if self._level is not None:
            self._paint_level(painter, room, *self._level)
        for curve in self._curves:
            self._paint_curve(painter, curve)
        self._paint_key(painter, line)
        if self.hasFocus():
            draw_ring(painter, self.rect())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        places = self._places()
        if places and self.plot().adjusted(-16, -16, 16, 16).contains(event.position()):
            y = self._span(1)[0]
            self._read(min(places, key=lambda x: abs(self.point(x, y).x() - event.position().x())))
        else:
            self._read(None)

    def leaveEvent(self, event: QEvent) -> None:
        self._read(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, places = Qt.Key, self._places()
        if event.key() in (key.Key_Left, key.Key_Right) and places:
            here = places.index(self.at) if self.at in places else len(places) - 1
            step = 0 if self.at is None else (1 if event.key() == key.Key_Right else -1)
            self._read(places[min(max(here + step, 0), len(places) - 1)])
        elif event.key() == key.Key_Escape and self.at is not None:
            self._read(None)
        else:
            super().keyPressEvent(event)

    def _read(self, x: float | None) -> None:
        if x != self.at:
            self.at = x
            self._announce()

    def _announce(self) -> None:
        where = "" if self.at is None else f"At {self.at:,.0f} {self._across}: "
        self.setAccessibleDescription(where + "; ".join(self.reading()))
        self.update()

    def _places(self) -> list[float]:
        return sorted({float(x) for curve in self._curves for x in curve.x})

    def _place(self, curve: Curve) -> int:
        """Of a curve's points the one that is read, -1 for none."""
        if self.at is None or len(curve.x) == 1:
            return len(curve.x) - 1
        found = np.flatnonzero(curve.x == self.at)
        return int(found[0]) if len(found) else -1

    def _value(self, curve: Curve, place: int) -> str:
        half = (curve.high[place] - curve.low[place]) / 2
        return f"{self._write(float(curve.y[place]))} ± {self._write(float(half))}"

    def _span(self, axis: int) -> tuple[float, float]:
        if axis == 0:
            places = self._places() or [1.0, 10.0]
            return places[0], max(places[-1], places[0] * 1.01)
        low = min((float(curve.low.min()) for curve in self._curves), default=0.0)
        high = max((float(curve.high.max()) for curve in self._curves), default=1.0)
        if self._level is not None:
            low, high = min(low, self._level[0]), max(high, self._level[0])
        if self._log:
            low = max(low, 1e-7)
            return low / 1.15, max(high, low) * 1.15
        room = max(0.06 * (high - low), 0.01)
        return low - room, high + room

    def _ticks_up(self) -> list[float]:
        low, high = self._span(1)
        if self._log:
            tens = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
            return [m * 10.0**t for t in tens for m in (1, 2, 5) if low <= m * 10.0**t <= high]
        step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 1e9) if (high - low) / s <= 7)
        return [n * step for n in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]

    def _paint_across(self, painter: QPainter, room: QRectF, line: int) -> None:
        """Numbers beneath as far as they have room."""
        c, taken = theme.colors(), -1.0
        for x in self._places():
            at, text = self.point(x, self._span(1)[0]).x(), f"{x:,.0f}"
            half = self.fontMetrics().horizontalAdvance(text) / 2
            if x == self.at:
                painter.setPen(QPen(QColor(c.faint), 1))
                painter.drawLine(QPointF(at, room.top()), QPointF(at, room.bottom()))
            if at - half > taken:
                painter.setPen(QColor(c.text if x == self.at else c.muted))
                painter.drawText(QRectF(at - half - 1, room.bottom() + 4, 2 * half + 2, line), text)
                taken = at + half + 8

    def _paint_level(self, painter: QPainter, room: QRectF, value: float, text: str) -> None:
        c, at = theme.colors(), self.point(self._span(0)[0], value).y()
        painter.setPen(QPen(QColor(c.muted), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(room.left(), at), QPointF(room.right(), at))
        line = self.fontMetrics().height()
        painter.drawText(QRectF(room.left(), at - line - 1, room.width(), line), Qt.AlignmentFlag.AlignRight, text)

    def _paint_curve(self, painter: QPainter, curve: Curve) -> None:
        color = QColor(theme.colors().curves[curve.color])
        dots = [self.point(x, y) for x, y in zip(curve.x, curve.y, strict=True)]
        ends = [[self.point(x, y) for x, y in zip(curve.x, bound, strict=True)] for bound in (curve.high, curve.low)]
        band = QColor(color)
        band.setAlphaF(0.16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(band)
        painter.drawPolygon(QPolygonF([*ends[0], *reversed(ends[1])]))
        painter.setPen(QPen(color, 2))
        painter.drawPolyline(QPolygonF(dots))
        for high, low in zip(*ends, strict=True):
            painter.setPen(QPen(color, 1))
            painter.drawLine(high, low)
        painter.setPen(QPen(QColor(theme.colors().base), 1.5))
        painter.setBrush(color)
        for dot in dots:
            if len(dots) > 1:
                painter.drawEllipse(dot, _DOT, _DOT)
            else:
                painter.drawPolygon(QPolygonF([dot + QPointF(*at) for at in ((0, -7), (6, 0), (0, 7), (-6, 0))]))

    def _paint_key(self, painter: QPainter, line: int) -> None:
        c, left, wide = theme.colors(), 0.0, self.fontMetrics().horizontalAdvance
        told = [
            curve.name if (n := self._place(curve)) < 0 else f"{curve.name} {self._value(curve, n)}"
            for curve in self._curves
        ]
        short = [each.partition(" ±")[0] for each in told]  # as much as there is room for
        spread, valued = (sum(wide(each) + 32 for each in texts) - 10 <= self.width() for texts in (told, short))
        for curve in self._curves:
            place, name = self._place(curve), curve.name
            value = self._value(curve, place) if place >= 0 else ""
            value = value if spread else value.partition(" ±")[0] if valued else ""
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.curves[curve.color]))
            painter.drawEllipse(QPointF(left + 5, line / 2 + 1), 4, 4)
            for text, color in ((name, c.muted), (value, c.text)):
                painter.setPen(QColor(color))
                painter.drawText(QRectF(left + 14, 0, wide(text) + 2, line + 2), text)
                left += wide(text) + 6
            left += 24
