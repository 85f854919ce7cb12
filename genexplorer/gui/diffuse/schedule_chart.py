"""How much noise there is when: ᾱ, β and the signal-to-noise ratio over time, and a mark that is dragged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from genexplorer.core.schedule import T
from genexplorer.engine.denoise import NoiseCurves
from genexplorer.gui import theme
from genexplorer.gui.ring import draw_ring

_GAP = 24
_LEAST_BETA = 1e-5


@dataclass(frozen=True, eq=False)
class Line:
    """ᾱ at 0…T, (T + 1,), and a colour; "" for the accent."""

    alpha_bars: np.ndarray
    color: str = ""


@dataclass(frozen=True)
class _Plot:
    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def values(self, alpha_bars: np.ndarray) -> np.ndarray:
        """At 1…T, in the plot's own scale."""
        match self.title:
            case "ᾱ":
                found = alpha_bars[1:]
            case "β":
                found = np.log10(np.maximum(NoiseCurves.beta(alpha_bars), _LEAST_BETA))
            case _:
                found = NoiseCurves.log_snr(alpha_bars)
        return np.asarray(np.clip(found, self.low, self.high))


_PLOTS = (
    _Plot("ᾱ", 0.0, 1.0, ((0.0, "0"), (0.5, "½"), (1.0, "1"))),
    _Plot("β", -5.0, 0.0, ((-4.0, "10⁻⁴"), (-2.0, "10⁻²"), (0.0, "1"))),
    _Plot("log₁₀ SNR", -5.0, 5.0, ((-4.0, "−4"), (0.0, "0"), (4.0, "4"))),
)


class ScheduleChart(QWidget):
    """Press or drag to set the time; arrow keys and Page Up and Down do too."""

    moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.t = 0.0
        self._lines: Sequence[Line] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Noise over time")
        self.setToolTip("What is left of the image, what a step adds, and their ratio; drag the mark to another time")
        theme.notifier.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(480, 7 * self.fontMetrics().height() + 16)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """The model's own schedule is the first."""
        self._lines = lines
        self._describe()

    def set_time(self, t: float) -> None:
        """Without a word."""
        self.t = t
        self._describe()

    def plots(self) -> list[QRectF]:
        """Where the curves lie."""
        line = self.fontMetrics().height()
        whole, left = self.width() / len(_PLOTS), self.fontMetrics().horizontalAdvance("10⁻⁴") + 8
        return [
            QRectF(n * whole + left, line + 8, whole - left - (_GAP if n < 2 else 8), self.height() - 2 * line - 12)
            for n in range(len(_PLOTS))
        ]

    def reading(self) -> list[str]:
        """What the mark reads of the model's own schedule."""
        if not self._lines:
            return ["" for _ in _PLOTS]
        bars, at = self._lines[0].alpha_bars, max(round(self.t), 1)
        alpha_bar = float(bars[round(self.t)])
        beta, snr = NoiseCurves.beta(bars)[at - 1], NoiseCurves.log_snr(bars)[at - 1]
        return [f"{alpha_bar:.3f}", f"{beta:.2g}", f"{snr:.1f}".replace("-", "−")]

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._lines:
            return
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for plot, room, value in zip(_PLOTS, self.plots(), self.reading(), strict=True):
            self._paint_frame(painter, plot, room, value)
            for line in reversed(self._lines):
                painter.setPen(QPen(QColor(line.color or c.accent), 1.5 if line.color else 2.5))
                painter.drawPolyline(self._curve(plot, room, line.alpha_bars))
            x = room.left() + self.t / T * room.width()
            painter.setPen(QPen(QColor(c.text), 1))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
            dot = self._curve(plot, room, self._lines[0].alpha_bars).at(max(round(self.t), 1) - 1)
            painter.setPen(QPen(QColor(c.base), 1.5))
            painter.setBrush(QColor(c.accent))
            painter.drawEllipse(QPointF(x, dot.y()), 4.5, 4.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hasFocus():
            draw_ring(painter, self.rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        by = {key.Key_Left: -10, key.Key_Right: 10, key.Key_PageUp: 100, key.Key_PageDown: -100}
        if event.key() in by:
            self._move(self.t + by[Qt.Key(event.key())])
        elif event.key() in (key.Key_Home, key.Key_End):
            self._move(0 if event.key() == key.Key_Home else T)
        else:
            super().keyPressEvent(event)

    def _drag(self, point: QPointF) -> None:
        room = min(self.plots(), key=lambda room: abs(room.center().x() - point.x()))
        self._move((point.x() - room.left()) / room.width() * T)

    def _move(self, t: float) -> None:
        t = float(round(min(max(t, 0), T)))
        if self._lines and t != self.t:
            self.set_time(t)
            self.moved.emit(t)

    def _curve(self, plot: _Plot, room: QRectF, alpha_bars: np.ndarray) -> QPolygonF:
        rise = (plot.values(alpha_bars) - plot.low) / (plot.high - plot.low)
        x = room.left() + np.arange(1, T + 1) / T * room.width()
        return QPolygonF([QPointF(*at) for at in zip(x, room.bottom() - rise * room.height(), strict=True)])

    def _paint_frame(self, painter: QPainter, plot: _Plot, room: QRectF, value: str) -> None:
        c, line = theme.colors(), self.fontMetrics().height()
        for tick, text in plot.ticks:
            y = room.bottom() - (tick - plot.low) / (plot.high - plot.low) * room.height()
            painter.setPen(QPen(QColor(c.line), 1))
            painter.drawLine(QPointF(room.left(), round(y) + 0.5), QPointF(room.right(), round(y) + 0.5))
            painter.setPen(QColor(c.muted))
            beside = QRectF(room.left() - 60, y - line / 2, 54, line)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for t, side in ((0, Qt.AlignmentFlag.AlignLeft), (T, Qt.AlignmentFlag.AlignRight)):
            painter.drawText(QRectF(room.left(), room.bottom() + 2, room.width(), line), side, f"{t}")
        head = QRectF(room.left(), 0, room.width(), line)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, plot.title)
        painter.setPen(QColor(c.text))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight, value)

    def _describe(self) -> None:
        pairs = zip(_PLOTS, self.reading(), strict=True)
        said = ", ".join(f"{plot.title} {value}" for plot, value in pairs)
        self.setAccessibleDescription(f"t {self.t:.0f}: {said}" if self._lines else "no model is open")
        self.update()
