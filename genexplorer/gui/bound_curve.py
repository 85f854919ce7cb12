"""The bound on log p(x) over the number of draws in it, as it rises."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from genexplorer.statistics.bounds import Bound

from . import theme
from .density_words import with_error
from .images import WRAPPED
from .ticks import ticks

Curve = tuple[Bound, ...]


class BoundCurve(QWidget):
    """One line for each image, with a band of one standard error; pointing or the arrow keys read a number of draws.

    Of two images each is told from its own ELBO, for they may lie far apart.
    """

    pointed = Signal(int)  # a number of draws; 0: none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[Curve, ...] = ()
        self._at = -1
        self._gutter = 0.0  # of the numbers beside the plot
        self.empty = ""
        self.setMinimumSize(160, 88)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Bound over the number of draws")
        self.setToolTip("How the bound on log p(x) rises with the draws that weigh in it (Burda et al. 2016)")

    def sizeHint(self) -> QSize:
        return QSize(280, 120)

    def set_curves(self, curves: Sequence[Curve], empty: str = "") -> None:
        self._curves, self.empty = tuple(curve for curve in curves if curve), empty
        self._at = min(self._at, len(self._curves[0]) - 1) if self._curves else -1
        self._announce()
        self.update()

    def reading(self) -> str:
        """What is read at the number of draws that is pointed at, or of all."""
        if not self._curves:
            return self.empty
        told = [with_error(curve[self._at]) for curve in self._curves]
        if len(told) > 1:
            told = [f"{name} {text}" for name, text in zip(("x₁", "x₂"), told, strict=True)]
        return f"K = {self._curves[0][self._at].draws:,}: {', '.join(told)}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._curves:
            painter.setPen(QColor(c.muted))
            painter.drawText(self.rect().adjusted(8, 8, -8, -8), WRAPPED, self.empty)
            return
        low, high = self._reach()
        marks = ticks(low, high, 3)
        self._gutter = max((painter.fontMetrics().horizontalAdvance(text) for _, text in marks), default=0)
        plot = self._plot()
        self._paint_axes(painter, plot, marks)
        for nth, curve in enumerate(self._curves):
            self._paint_curve(painter, plot, nth, curve)
        painter.setPen(QColor(c.muted))
        heading = QRectF(0, 0, self.width() - 4, painter.fontMetrics().height())
        text = painter.fontMetrics().elidedText(self.reading(), Qt.TextElideMode.ElideRight, int(heading.width()))
        painter.drawText(heading, Qt.AlignmentFlag.AlignRight, text)
        if self.hasFocus():
            painter.setPen(QColor(c.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._curves:
            plot, x = self._plot(), event.position().x()
            self._point(min(range(len(self._curves[0])), key=lambda n: abs(self._x(plot, n) - x)))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self._curves:
            last = len(self._curves[0]) - 1
            self._point(min(max((self._at if self._at >= 0 else last) + step, 0), last))
        else:
            super().keyPressEvent(event)

    def _point(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self._announce()
            self.update()
            self.pointed.emit(self._curves[0][at].draws if at >= 0 else 0)

    def _announce(self) -> None:
        self.setAccessibleDescription(self.reading())

    def _base(self, curve: Curve) -> float:
        return curve[0].value if len(self._curves) > 1 else 0.0

    def _reach(self) -> tuple[float, float]:
        ends = [
            bound.value - self._base(curve) + sign * (bound.error if math.isfinite(bound.error) else 0.0)
            for curve in self._curves
            for bound in curve
            for sign in (-1, 1)
        ]
        low, high = min(ends), max(ends)
        return (low, high) if high - low > 1e-6 else (low - 0.5, high + 0.5)

    def _plot(self) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(self._gutter + 12, line + 6, -8, -line - 8)

    def _x(self, plot: QRectF, n: int) -> float:
        most = max(self._curves[0][-1].draws, 2)
        return plot.left() + plot.width() * math.log(self._curves[0][n].draws) / math.log(most)

    def _y(self, plot: QRectF, value: float) -> float:
        low, high = self._reach()
        return plot.bottom() - plot.height() * (value - low) / (high - low)

    def _paint_axes(self, painter: QPainter, plot: QRectF, marks: list[tuple[float, str]]) -> None:
        c, metrics = theme.colors(), painter.fontMetrics()
        for value, text in marks:
            y = self._y(plot, value)
            painter.setPen(QColor(c.line))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(c.muted))
            room = QRectF(0, y - metrics.height() / 2, plot.left() - 6, metrics.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        most = max(self._curves[0][-1].draws, 2)
        for power in range(5):
            if (draws := 10**power) <= most:
                x = plot.left() + plot.width() * math.log(draws) / math.log(most)
                painter.drawLine(QPointF(x, plot.bottom() + 2), QPointF(x, plot.bottom() + 6))
                text, width = f"{draws:,}", metrics.horizontalAdvance(f"{draws:,}")
                left = min(max(0.0, x - width / 2), self.width() - width - 2)
                painter.drawText(QPointF(left, plot.bottom() + 6 + metrics.ascent()), text)

    def _paint_curve(self, painter: QPainter, plot: QRectF, nth: int, curve: Curve) -> None:
        color, base = QColor(theme.colors().curves[nth]), self._base(curve)
        points = [QPointF(self._x(plot, n), self._y(plot, b.value - base)) for n, b in enumerate(curve)]
        known = [(p.x(), b) for p, b in zip(points, curve, strict=True) if math.isfinite(b.error)]
        over = [QPointF(x, self._y(plot, b.value - base + b.error)) for x, b in known]
        under = [QPointF(x, self._y(plot, b.value - base - b.error)) for x, b in reversed(known)]
        band = QColor(color)
        band.setAlpha(48)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(band)
        painter.drawPolygon(QPolygonF([*over, *under]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 2, Qt.PenStyle.DashLine if nth else Qt.PenStyle.SolidLine))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        for n, point in enumerate(points):
            size = 4.0 if n == (self._at if self._at >= 0 else len(points) - 1) else 2.0
            painter.drawRect(QRectF(point.x() - size, point.y() - size, 2 * size, 2 * size)) if nth else (
                painter.drawEllipse(point, size, size)
            )
