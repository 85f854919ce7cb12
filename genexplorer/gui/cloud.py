"""A plane of many points, painted: under them a lattice of images, over them markers and lines."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from . import theme
from .images import WRAPPED
from .lattice import Lattice
from .splat import Dots, radius_for, splat
from .view import View

_SETTLE_MS = 120


class Cloud(QWidget):
    """Points (N, 2) in the colours (N,) given. It knows no hand: whoever moves it calls `pan`, `zoom` and `fit`."""

    moved = Signal()  # the view
    settled = Signal()  # it has come to rest

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.empty = empty
        self.view = View()
        self.lattice = Lattice()
        self.names = ("", "")  # of the axes
        self.point = -1  # the point that is pointed at
        self.fitted = True  # until somebody moves the view, it shows all
        self._xy, self._colors = np.zeros((0, 2), np.float32), np.zeros(0, np.uint32)
        self._front: np.ndarray | None = None
        self._marker: tuple[float, float] | None = None
        self._traveller: tuple[float, float] | None = None
        self._path = np.zeros((0, 2))
        self._trail: list[tuple[float, float]] | None = None  # what is being drawn
        self._closed = False  # whether that is a ring
        self._keyed = False  # keys, not the hand, move the map: its middle is marked
        self._dots: Dots | None = None
        self._drawn_for: tuple[View, bool] | None = None
        self._crowd = (0.0, 0)  # at which scale, and how many points that shows
        self._rest = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._rest.timeout.connect(self.update)
        self._rest.timeout.connect(self.settled)
        self.setMinimumSize(240, 200)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.notifier.changed.connect(self._stale)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def set_points(self, xy: np.ndarray, colors: np.ndarray, front: np.ndarray | None = None) -> None:
        """xy float32 (N, 2); colors uint32 (N,), premultiplied ARGB; where `front` (N,) is given, the others fade."""
        self._xy, self._colors, self._front = xy, colors, front
        self.setAccessibleDescription(f"{len(xy):,} images")
        self._stale()

    def xy(self) -> np.ndarray:
        return self._xy

    def set_marker(self, place: tuple[float, float] | None) -> None:
        self._marker = place
        self.update()

    def marker(self) -> tuple[float, float] | None:
        return self._marker

    def set_traveller(self, place: tuple[float, float] | None) -> None:
        """A second marker, on the path."""
        self._traveller = place
        self.update()

    def set_path(self, places: np.ndarray) -> None:
        """(K, 2); empty for none."""
        self._path = places
        self.update()

    def in_view(self) -> np.ndarray:
        """The points that are seen, as indices."""
        points = self.view.to_screen(self._xy)
        return np.flatnonzero(((points >= 0) & (points < (self.view.width, self.view.height))).all(1))

    def fit(self) -> None:
        """Show all points."""
        self.fitted = True
        self._go(self.view.fitted(self._xy))

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        self.fitted = False
        self._go(self.view.zoomed(factor, about or QPointF(self.rect().center())))

    def pan(self, dx: float, dy: float) -> None:
        self.fitted = False
        self._go(self.view.panned(dx, dy))

    def _go(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.update()
            self.moved.emit()
        self._rest.start()

    def _stale(self) -> None:
        self._drawn_for = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view = replace(self.view, width=self.width(), height=self.height())
        if self.fitted:
            self.view = self.view.fitted(self._xy)
        self._rest.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, ratio = QPainter(self), theme.colors(), self.devicePixelRatioF()
        painter.fillRect(self.rect(), QColor(c.surface))
        self.lattice.draw(painter, self.view, ratio)
        if not len(self._xy):
            painter.setPen(QColor(c.muted))
            painter.drawText(QRectF(self.rect()).adjusted(32, 16, -32, -16), WRAPPED, self.empty)
        else:
            self._paint_dots(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_drawn(painter, c)
        if 0 <= self.point < len(self._xy):
            self._ring(painter, self.view.point(*map(float, self._xy[self.point])), 7, c.text, c.surface)
        if self._traveller is not None:
            self._ring(painter, self.view.point(*self._traveller), 6, c.accent, c.surface)
        if self._keyed:
            middle = QPointF(self.rect().center())
            painter.setPen(QPen(QColor(c.text), 1))
            painter.drawLine(middle - QPointF(8, 0), middle + QPointF(8, 0))
            painter.drawLine(middle - QPointF(0, 8), middle + QPointF(0, 8))
        if self._marker is not None:
            at = self.view.point(*self._marker)
            self._ring(painter, at, 9, c.accent, c.surface)
            painter.setBrush(QColor(c.accent))
            painter.drawEllipse(at, 2.5, 2.5)
        self._paint_frame(painter, c)

    def _paint_dots(self, painter: QPainter) -> None:
        """One dot pixel per logical pixel while the view moves, as sharp as the screen once it rests."""
        moving = self._rest.isActive()
        ratio = 1.0 if moving else self.devicePixelRatioF()
        if self._drawn_for != (self.view, moving):
            points = self.view.to_screen(self._xy) * ratio
            size = QSize(round(self.width() * ratio), round(self.height() * ratio))
            if self._crowd[0] != self.view.scale or self._drawn_for is None:
                shown = (points[:, 0] >= 0) & (points[:, 0] < size.width())
                shown &= (points[:, 1] >= 0) & (points[:, 1] < size.height())
                self._crowd = (self.view.scale, int(np.count_nonzero(shown)))
            radius, halo = radius_for(self._crowd[1], ratio), QColor(theme.colors().surface).rgba()
            self._dots = splat(points, self._colors, size, radius, halo, self._front, not moving)
            self._drawn_for = (self.view, moving)
        assert self._dots is not None
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(-self._dots.margin, -self._dots.margin, self._dots.image)
        painter.restore()

    def _paint_drawn(self, painter: QPainter, c: theme.Colors) -> None:
        places = self._trail if self._trail is not None else self._path.tolist()
        if len(places) < 2:
            return
        line = QPolygonF([self.view.point(x, y) for x, y in places])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((c.surface, 5), (c.accent, 2.5)):
            painter.setPen(QPen(QColor(color), width, j=Qt.PenJoinStyle.RoundJoin, c=Qt.PenCapStyle.RoundCap))
            painter.drawPolyline(line)
        if self._trail is not None and self._closed:
            painter.setPen(QPen(QColor(c.accent), 1, Qt.PenStyle.DashLine))
            painter.drawLine(line.last(), line.first())
        elif self._trail is None:
            painter.setBrush(QColor(c.surface))
            painter.setPen(QPen(QColor(c.accent), 2))
            for end in (line.first(), line.last()):
                painter.drawEllipse(end, 4, 4)

    def _ring(self, painter: QPainter, at: QPointF, radius: float, color: str, halo: str) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(halo), 5))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(QColor(color), 2))
        painter.drawEllipse(at, radius, radius)

    def _paint_frame(self, painter: QPainter, c: theme.Colors) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        room, metrics = self.rect().adjusted(8, 8, -8, -8), self.fontMetrics()
        for name, turned in zip(self.names, (False, True), strict=True):
            if not name or not len(self._xy):
                continue
            size = metrics.size(0, name)
            painter.save()
            if turned:
                painter.translate(room.left() + size.height() + 4, room.bottom() - size.height() - 16)
                painter.rotate(-90)
                painter.translate(0, -size.height())
            else:
                painter.translate(room.left() + size.height() + 12, room.bottom() - size.height())
            tag = QRectF(-6, -2, size.width() + 12, size.height() + 4)
            painter.setOpacity(0.85)
            painter.fillRect(tag, QColor(c.surface))
            painter.setOpacity(1)
            painter.setPen(QColor(c.muted))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, name)
            painter.restore()
        painter.setPen(QColor(c.accent if self.hasFocus() else c.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
