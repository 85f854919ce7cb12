"""Histograms of what images score, one set over another, with images of the person's own marked in it."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from . import theme
from .binned import Binned, binned, binned_alike
from .density_words import signed
from .images import WRAPPED
from .ticks import ticks

_GAP = 8  # pixels between the outer bins and the others
_TICK = 4


class ScoreHistogram(QWidget):
    """Pointing or the arrow keys choose a bar, a click or Enter sends it. Heights are shares, so that sets of any size
    compare; what lies far out stands in an outer bar at full height, with its share."""

    pointed = Signal(int)  # -1: none
    clicked = Signal(int)

    def __init__(self, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self.unit, self.whose = " nats", "the test images"
        self.current = -1
        self.bins: Binned | None = None
        self._names, self._axis = ("", ""), ""
        self._marks: tuple[tuple[str, float], ...] = ()
        self.setMinimumSize(200, 128)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Histogram")
        self._announce()

    def sizeHint(self) -> QSize:
        return QSize(400, 200)

    def set_scores(self, own: np.ndarray, other: np.ndarray, names: tuple[str, str], axis: str) -> None:
        """Scores (N,) and (M,), none or more, what they are called, and what is measured; bins suit the first."""
        self._show(binned(own, other) if len(own) else None, names, axis)

    def set_both(self, own: np.ndarray, other: np.ndarray, names: tuple[str, str], axis: str) -> None:
        """The same, where bins suit both."""
        self._show(binned_alike(own, other) if len(own) and len(other) else None, names, axis)

    def _show(self, bins: Binned | None, names: tuple[str, str], axis: str) -> None:
        self.bins = bins
        self._names, self._axis = names, axis
        self.current = min(self.current, self.bins.count - 1) if self.bins else -1
        self._announce()
        self.update()

    def set_marks(self, marks: Sequence[tuple[str, float]]) -> None:
        """Images of the person's own: what stands at each, and its score."""
        self._marks = tuple(marks)
        self._announce()
        self.update()

    def bar(self, number: int) -> QRectF:
        """The room of a bin, of full height."""
        plot, inner = self._plot(), self._inner()
        assert self.bins is not None
        if number == 0:
            return QRectF(plot.left(), plot.top(), inner.left() - _GAP - plot.left(), plot.height())
        if number == self.bins.count - 1:
            return QRectF(inner.right() + _GAP, plot.top(), plot.right() - inner.right() - _GAP, plot.height())
        width = inner.width() / (self.bins.count - 2)
        return QRectF(inner.left() + (number - 1) * width, plot.top(), width, plot.height())

    def x_of(self, score: float) -> float:
        """Where a score stands, at the middle of an outer bin where it lies in one."""
        assert self.bins is not None
        edges, inner = self.bins.edges, self._inner()
        if score < edges[0] or score > edges[-1]:
            return self.bar(0 if score < edges[0] else self.bins.count - 1).center().x()
        return inner.left() + inner.width() * float((score - edges[0]) / (edges[-1] - edges[0]))

    def range_of(self, number: int) -> str:
        """A bin's scores in words."""
        assert self.bins is not None
        edges = self.bins.edges
        digits = max(0, 1 - int(np.floor(np.log10(edges[1] - edges[0]))))
        if number == 0:
            return f"below {signed(float(edges[0]), digits)}"
        if number == self.bins.count - 1:
            return f"above {signed(float(edges[-1]), digits)}"
        return f"{signed(float(edges[number - 1]), digits)} to {signed(float(edges[number]), digits)}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.bins is None:
            painter.setPen(QColor(c.muted))
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), WRAPPED, self.empty)
        else:
            self._paint_bars(painter, self.bins)
            self._paint_axis(painter, self.bins)
            self._paint_names(painter, self.bins)
            self._paint_marks(painter)
        if self.hasFocus():
            painter.setPen(QColor(c.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._bin_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._choose(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        number = self._bin_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self.clicked.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, filled = Qt.Key, self._filled()
        if event.key() in (key.Key_Left, key.Key_Right) and len(filled):
            ahead = filled[filled > self.current] if event.key() == key.Key_Right else filled[filled < self.current]
            if self.current < 0:
                self._choose(int(filled[0]))
            elif len(ahead):
                self._choose(int(ahead[0] if event.key() == key.Key_Right else ahead[-1]))
        elif event.key() in (key.Key_Return, key.Key_Enter) and self.current >= 0:
            self.clicked.emit(self.current)
        elif event.key() == key.Key_Escape and self.current >= 0:
            self._choose(-1)
        else:
            super().keyPressEvent(event)

    def _filled(self) -> np.ndarray:
        return np.flatnonzero(self.bins.shares(False) + self.bins.shares(True)) if self.bins else np.zeros(0, int)

    def _bin_at(self, point: QPointF) -> int:
        if self.bins is None or not self._plot().adjusted(0, 0, 0, _TICK).contains(point):
            return -1
        return next((int(n) for n in self._filled() if self.bar(int(n)).contains(point)), -1)

    def _choose(self, number: int) -> None:
        if number != self.current:
            self.current = number
            self._announce()
            self.update()
            self.pointed.emit(number)

    def _announce(self) -> None:
        if self.bins is None:
            self.setAccessibleDescription(self.empty)
            return
        parts = [f"{name} at {signed(score, 1)}{self.unit}" for name, score in self._marks]
        if self.current >= 0:
            share = 100 * self.bins.shares(False)[self.current]
            parts.append(f"{self.range_of(self.current)}{self.unit}: {share:.1f} % of {self.whose}")
        self.setAccessibleDescription("; ".join(parts) or f"{len(self.bins.own)} images")

    def _plot(self) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(8, 2 * line + 8, -8, -line - _TICK - 6)

    def _inner(self) -> QRectF:
        """The plot without the outer bins, where there are such."""
        assert self.bins is not None
        shares = self.bins.shares(False) + self.bins.shares(True)
        outer = [any(_outside(self.bins, score) == side for _, score in self._marks) for side in (-1, 1)]
        room = self.fontMetrics().horizontalAdvance("100 %") + _GAP
        left, right = (room if share > 0 or mark else 0 for share, mark in zip(shares[[0, -1]], outer, strict=True))
        return self._plot().adjusted(left, 0, -right, 0)

    def _paint_bars(self, painter: QPainter, bins: Binned) -> None:
        c, plot = theme.colors(), self._plot()
        shares = [bins.shares(other) for other in (False, True)]
        most = max(float(each[1:-1].max()) for each in shares) or 1.0
        if self.current >= 0:
            painter.fillRect(self.bar(self.current), QColor(c.hover))
        for other, each in enumerate(shares):
            color = QColor(c.curves[other])
            painter.setPen(QPen(color, 1) if other else Qt.PenStyle.NoPen)
            painter.setBrush(_brush(color, bool(other)))
            for number in np.flatnonzero(each).tolist():
                room = self.bar(number)
                height = plot.height() * min(1.0, float(each[number]) / most)
                edge = min(1.0, room.width() / 8)
                painter.drawRect(QRectF(room.left() + edge, plot.bottom() - height, room.width() - 2 * edge, height))
        painter.setPen(QColor(c.text))
        for end in (0, bins.count - 1):
            line, room, top = painter.fontMetrics().height(), self.bar(end), plot.bottom()
            for share in sorted(float(each[end]) for each in shares if each[end] > 0):
                top = max(plot.top(), min(top, plot.bottom() - plot.height() * min(1.0, share / most)) - line)
                above = QRectF(room.left() - _GAP, top, room.width() + 2 * _GAP, line)
                text = f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"
                painter.fillRect(above.adjusted(_GAP + 2, 1, -_GAP - 2, 0), QColor(c.base))
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_axis(self, painter: QPainter, bins: Binned) -> None:
        c, plot, inner = theme.colors(), self._plot(), self._inner()
        metrics, bottom = painter.fontMetrics(), plot.bottom()
        painter.setPen(QColor(c.line))
        painter.drawLine(QPointF(inner.left(), bottom), QPointF(inner.right(), bottom))
        painter.setPen(QColor(c.muted))
        room = metrics.horizontalAdvance(self._axis) + 16
        painter.drawText(
            QRectF(self.width() - 8 - room, bottom + _TICK + 2, room, metrics.height()),
            Qt.AlignmentFlag.AlignRight,
            self._axis,
        )
        last = -1e9
        for value, text in ticks(float(bins.edges[0]), float(bins.edges[-1]), max(2, int(inner.width() / 96))):
            x, width = self.x_of(value), metrics.horizontalAdvance(text)
            if x - width / 2 < last + 8 or x + width / 2 > self.width() - 8 - room or x - width / 2 < 0:
                continue
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + _TICK))
            painter.drawText(QPointF(x - width / 2, bottom + _TICK + 2 + metrics.ascent()), text)
            last = x + width / 2

    def _paint_names(self, painter: QPainter, bins: Binned) -> None:
        c, metrics, x = theme.colors(), painter.fontMetrics(), 8.0
        for other, (name, count) in enumerate(zip(self._names, (len(bins.own), len(bins.other)), strict=True)):
            if not count:
                continue
            color, side = QColor(c.curves[other]), metrics.height() * 0.6
            painter.setPen(QPen(color, 1))
            painter.setBrush(_brush(color, bool(other)))
            painter.drawRect(QRectF(x, (metrics.height() - side) / 2 + 2, side, side))
            painter.setPen(QColor(c.muted))
            room = self.width() - 8 - int(x + side + 6)
            text = metrics.elidedText(f"{count:,} {name}", Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(x + side + 6, 2 + metrics.ascent()), text)
            x += side + 6 + metrics.horizontalAdvance(text) + 16

    def _paint_marks(self, painter: QPainter) -> None:
        """Their names side by side, even where the marks stand close."""
        c, plot, metrics = theme.colors(), self._plot(), painter.fontMetrics()
        places = sorted((self.x_of(score), nth) for nth, (_, score) in enumerate(self._marks))
        widths = [metrics.horizontalAdvance(self._marks[nth][0]) for _, nth in places]
        free, rest = 4.0, sum(widths) + 12 * len(widths)
        for (x, nth), width in zip(places, widths, strict=True):
            left = max(free, min(x - width / 2, self.width() + 8 - rest))
            rest -= width + 12
            painter.setPen(QPen(QColor(c.text), 1.5, Qt.PenStyle.DashLine if nth else Qt.PenStyle.SolidLine))
            painter.drawLine(QPointF(x, plot.top() - 2), QPointF(x, plot.bottom()))
            painter.setPen(QColor(c.text))
            painter.drawText(QPointF(left, plot.top() - 4 - metrics.descent()), self._marks[nth][0])
            free = left + width + 12


def _brush(color: QColor, other: bool) -> QBrush:
    """Hatched for the other set: told apart without colour too, and what lies behind is seen."""
    return QBrush(color, Qt.BrushStyle.BDiagPattern if other else Qt.BrushStyle.SolidPattern)


def _outside(bins: Binned, score: float) -> int:
    return int(score > bins.edges[-1]) - int(score < bins.edges[0])
