"""The hand on a plane of many points: pan, zoom, point at, draw on; by mouse and by keys."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from .cloud import Cloud

Mode = Literal["pan", "path", "lasso"]
_CLICK = 4  # pixels that a hand may move and still have clicked
_NEAR = 10  # pixels within which a point is pointed at
_CURSORS = {
    "pan": Qt.CursorShape.ArrowCursor,
    "path": Qt.CursorShape.CrossCursor,
    "lasso": Qt.CursorShape.CrossCursor,
}


class Scatter(Cloud):
    """Tells what a hand pointed at, clicked and drew, on the plane and by number."""

    pointed = Signal(int)  # a point under the pointer, -1 for none
    clicked = Signal(int, float, float)  # that point or -1, and the place on the plane
    drawn = Signal(object)  # a path, (K, 2) on the plane
    lassoed = Signal(object)  # which points, as indices

    def __init__(self, empty: str) -> None:
        super().__init__(empty)
        self.mode: Mode = "pan"
        self._press: QPointF | None = None
        self._last = QPointF()
        self._panning = False
        self._stops: list[tuple[float, float]] = []  # of a path that is drawn by keys
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of codes")
        self.moved.connect(lambda: self._point_at(-1))

    def set_mode(self, mode: Mode) -> None:
        self.mode, self._closed = mode, mode == "lasso"
        self.setCursor(_CURSORS[mode])

    def set_path(self, places: np.ndarray) -> None:
        """(K, 2); empty for none, so that a path by keys begins anew."""
        super().set_path(places)
        if not len(places):
            self._stops = []

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
