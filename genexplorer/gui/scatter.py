"""A plane of many points that follows the hand: pan, zoom, point at, draw on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from . import theme
from .images import WRAPPED
from .lattice import Lattice
from .splat import Dots, radius_for, scaled, splat
from .view import View

Mode = Literal["pan", "path", "lasso"]
_CLICK = 4  # pixels that a hand may move and still have clicked
_NEAR = 10  # pixels within which a point is pointed at
_SETTLE_MS = 120
_BEHIND = np.uint32(48)  # of 256: how much of the points shows that are not in front
_CURSORS = {
    "pan": Qt.CursorShape.ArrowCursor,
    "path": Qt.CursorShape.CrossCursor,
    "lasso": Qt.CursorShape.CrossCursor,
}


class Scatter(QWidget):
    """Points (N, 2) in the colours (N,) given, over a lattice of images, under a marker and what the hand draws."""

    pointed = Signal(int)  # a point under the pointer, -1 for none
    clicked = Signal(int, float, float)  # that point or -1, and the place on the plane
    drawn = Signal(object)  # a path, (K, 2) on the plane
    lassoed = Signal(object)  # which points, as indices
    moved = Signal()  # the view
    settled = Signal()  # it has come to rest

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.empty = empty
        self.view = View()
        self.lattice = Lattice()
        self.mode: Mode = "pan"
        self.names = ("", "")
        self.point = -1
        self._xy, self._colors = np.zeros((0, 2), np.float32), np.zeros(0, np.uint32)
        self._front: np.ndarray | None = None
        self._marker: tuple[float, float] | None = None
        self._traveller: tuple[float, float] | None = None
        self._path = np.zeros((0, 2))
        self._stops: list[tuple[float, float]] = []  # of a path that is drawn by keys
        self._keyed = False  # keys, not the hand, move the map: its middle is marked
        self._dots: Dots | None = None
        self._drawn_for: tuple[View, bool] | None = None
        self._crowd = (0.0, 0)  # at which scale, and how many points that shows
        self.fitted = True  # until somebody moves the view, it shows all
        self._press: QPointF | None = None
        self._last = QPointF()
        self._trail: list[tuple[float, float]] | None = None
        self._panning = False
        self._rest = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._rest.timeout.connect(self.update)
        self._rest.timeout.connect(self.settled)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 200)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Map of codes")
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
        if not len(places):
            self._stops = []
        self.update()

    def in_view(self) -> np.ndarray:
        """The points that are seen, as indices."""
        points = self.view.to_screen(self._xy)
        return np.flatnonzero(((points >= 0) & (points < (self.view.width, self.view.height))).all(1))

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode
        self.setCursor(_CURSORS[mode])

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

    def nearest(self, at: QPointF, within: float = _NEAR) -> int:
        """The point that is drawn nearest to a place on the screen, -1 where none is so near."""
        if not len(self._xy):
            return -1
        x, y = self.view.place(at)
        far = np.square(self._xy[:, 0] - x) + np.square(self._xy[:, 1] - y)
        if self._front is not None and self._front.any():
            far = np.where(self._front, far, np.inf)
        best = int(far.argmin())
        return best if far[best] <= (within / self.view.scale) ** 2 else -1

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
            colors = self._colors
            if self._front is not None:
                points = np.concatenate([points[~self._front], points[self._front]])
                colors = np.concatenate([scaled(colors[~self._front], _BEHIND), colors[self._front]])
            self._dots = splat(
                points, colors, size, radius_for(self._crowd[1], ratio), QColor(theme.colors().surface).rgba()
            )
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
        if self._trail is not None and self.mode == "lasso":
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._keyed = False
        self._press, self._last = event.position(), event.position()
        drawing = event.button() == Qt.MouseButton.LeftButton and self.mode != "pan"
        self._panning = not drawing
        self._trail = [self.view.place(self._press)] if drawing else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position()
        if self._press is None:
            self._point_at(self.nearest(here))
        elif self._panning:
            if self._moved(here) or self.cursor().shape() == Qt.CursorShape.ClosedHandCursor:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._point_at(-1)
                self.pan(here.x() - self._last.x(), here.y() - self._last.y())
                self._last = here
        elif self._trail is not None:
            self._point_at(-1)
            self._trail.append(self.view.place(here))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        here, trail = event.position(), self._trail
        clicked = not self._moved(here) and self.cursor().shape() != Qt.CursorShape.ClosedHandCursor
        self._press, self._trail, self._panning = None, None, False
        self.setCursor(_CURSORS[self.mode])
        self.update()
        if clicked and (trail is None or len(trail) < 8):
            if event.button() == Qt.MouseButton.LeftButton:
                self.clicked.emit(self.nearest(here), *self.view.place(here))
        elif trail is not None and len(trail) > 1:
            if self.mode == "path":
                self.drawn.emit(np.array(trail))
            else:
                self.lassoed.emit(inside(self._xy, np.array(trail)))

    def _moved(self, here: QPointF) -> bool:
        return self._press is not None and (here - self._press).manhattanLength() > _CLICK

    def _point_at(self, point: int) -> None:
        if point != self.point:
            self.point = point
            self.update()
            self.pointed.emit(point)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.0015 ** event.angleDelta().y(), event.position())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1 + event.value(), event.position())
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, step = Qt.Key, 0.1 * min(self.width(), self.height())
        does: dict[int, Callable[[], None]] = {
            key.Key_Left: lambda: self.pan(step, 0),
            key.Key_Right: lambda: self.pan(-step, 0),
            key.Key_Up: lambda: self.pan(0, step),
            key.Key_Down: lambda: self.pan(0, -step),
            key.Key_Plus: lambda: self.zoom(1.25),
            key.Key_Equal: lambda: self.zoom(1.25),
            key.Key_Minus: lambda: self.zoom(0.8),
            key.Key_Return: self._enter,
            key.Key_Enter: self._enter,
        }
        if event.key() in does:
            self._keyed = True
            does[event.key()]()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        """What a press does in each mode, at the middle of the view."""
        middle = QPointF(self.rect().center())
        match self.mode:
            case "pan":
                self.clicked.emit(self.nearest(middle), *self.view.place(middle))
            case "lasso":
                self.lassoed.emit(self.in_view())
            case "path":
                self._stops.append(self.view.place(middle))
                if len(self._stops) > 1:
                    self.drawn.emit(np.array(self._stops))
        self.update()


def inside(xy: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Which of the points (N, 2) lie in the closed polygon (K, 2), by the even-odd rule, as indices."""
    if not len(xy):
        return np.zeros(0, np.int64)
    near = np.flatnonzero(((xy >= ring.min(0)) & (xy <= ring.max(0))).all(1))
    x, y = xy[near, 0], xy[near, 1]
    odd = np.zeros(len(near), bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            odd ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return near[odd]
