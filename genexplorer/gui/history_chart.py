"""A few numbers over the steps of a game that is going on."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from . import theme

_MOST = 240  # points of a curve; every other one goes when there are more
_LATER_MS = 100  # numbers are read no quicker


class HistoryChart(QWidget):
    """Curves by name, over a logarithmic scale from `low` to `high` where these are given, else over a plain one."""

    def __init__(self, curves: Sequence[tuple[str, str, int]], low: float = 0.0, high: float = 0.0) -> None:
        """Each curve is its key, what it is called, and which of the theme's colours it has."""
        super().__init__()
        self._curves, self._low, self._high = list(curves), low, high
        self._rows: list[tuple[float, Mapping[str, float]]] = []
        self._every = self._seen = 1
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(96)
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 128)

    def clear(self) -> None:
        self._rows, self._every, self._seen = [], 1, 1
        self.update()

    def add(self, step: int, values: Mapping[str, float]) -> None:
        if self._rows and step <= self._rows[-1][0]:
            self._rows = [row for row in self._rows if row[0] < step]
        self._seen += 1
        if self._seen % self._every == 0:
            self._rows.append((step, values))
            if not self._later.isActive():
                self._later.start()
        if len(self._rows) > _MOST:
            self._rows, self._every = self._rows[::2], 2 * self._every

    def latest(self, key: str) -> float | None:
        return next((values[key] for _, values in reversed(self._rows) if key in values), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, metrics = QPainter(self), theme.colors(), self.fontMetrics()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = metrics.height()
        room = QRectF(self.rect()).adjusted(metrics.horizontalAdvance("−0.00") + 4, line + 12, -4, -line - 2)
        left: float = 0
        for key, name, color in self._curves:
            value = self.latest(key)
            if value is None and self._rows:
                continue
            text = f"{name} {value:.3f}".replace("-", "−") if value is not None else name
            painter.setPen(QPen(QColor(c.curves[color]), 2))
            painter.drawLine(QPointF(left, 4 + line / 2), QPointF(left + 12, 4 + line / 2))
            painter.setPen(QColor(c.text))
            painter.drawText(QRectF(left + 16, 4, 400, line), Qt.AlignmentFlag.AlignLeft, text)
            left += 16 + metrics.horizontalAdvance(f"{name} −0.0000") + 12
        low, high, ticks = self._scale()
        painter.setFont(self.font())
        for tick in ticks:
            y = room.bottom() - self._share(tick, low, high) * room.height()
            painter.setPen(QPen(QColor(c.line), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(c.muted))
            tag = QRectF(0, y - line / 2, room.left() - 6, line)
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(tag, side, f"{tick:g}".replace("-", "−"))
        last = max(self._rows[-1][0], 1) if self._rows else 1
        painter.drawText(QRectF(room.left(), room.bottom() + 2, room.width(), line), Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(
            QRectF(room.left(), room.bottom() + 2, room.width(), line), Qt.AlignmentFlag.AlignRight, f"step {last:,}"
        )
        painter.setClipRect(room.adjusted(-1, -2, 1, 2))
        for key, _, color in self._curves:
            places = [
                QPointF(
                    room.left() + step / last * room.width(),
                    room.bottom() - self._share(values[key], low, high) * room.height(),
                )
                for step, values in self._rows
                if key in values and math.isfinite(values[key])
            ]
            painter.setPen(QPen(QColor(c.curves[color]), 1.5))
            painter.drawPolyline(QPolygonF(places))

    def _scale(self) -> tuple[float, float, list[float]]:
        """Its ends, and where its lines are."""
        if self._high:
            first, last = math.ceil(math.log10(self._low) - 1e-9), math.floor(math.log10(self._high) + 1e-9)
            return self._low, self._high, [10.0**power for power in range(first, last + 1)]
        seen = [values[key] for _, values in self._rows for key, *_ in self._curves if key in values]
        low, high = (float(each) for each in np.percentile(seen, (1, 99))) if seen else (0.0, 1.0)
        step = 10.0 ** math.floor(math.log10(max(high - low, 1e-3)))
        step = next(step * part for part in (0.5, 1, 2, 5) if (high - low) / (step * part) <= 4)
        low, high = step * math.floor(low / step), step * math.ceil(high / step + 1e-9)
        return low, high, [low + step * n for n in range(round((high - low) / step) + 1)]

    def _share(self, value: float, low: float, high: float) -> float:
        """How high above the lowest line, as a share of the height."""
        if self._high:
            value, low, high = (math.log(max(each, 1e-9)) for each in (value, low, high))
        return (value - low) / max(high - low, 1e-9)
