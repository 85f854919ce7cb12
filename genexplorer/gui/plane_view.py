"""The plane on which a model learns: its points, its grid, what its discriminator thinks; and a hand that draws."""

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from shiboken6 import VoidPtr

from genexplorer.engine.playground import Frame
from genexplorer.sources.dots import REACH

from . import theme

LAYERS = ("heat", "manifold", "ways", "pull", "real", "fake")
_STRENGTH = 0.5  # of the heat map's colours, so that points stand out
_LONGEST, _HALF, _HEAD = 0.24, 0.25, 0.3  # of an arrow, on the plane, the slope for half of it, its head's share
_FAINTEST = 0.1  # a heat map that leans no further than this does not fill the colours
_NEAR = 0.02  # on the plane: a stroke has no shorter pieces


class PlaneView(QWidget):
    """Shows one frame, square and in the middle. A stroke of the mouse is told when it ends, in the plane's numbers."""

    drawn = Signal(object)  # (K, 2), K ≥ 1

    def __init__(self) -> None:
        super().__init__()
        self.frame: Frame | None = None
        self.layers = set(LAYERS)
        self.hint = ""
        self.painted = 0
        self._trail: list[tuple[float, float]] = []
        self._heat = QImage()
        self._data: tuple[np.ndarray, object, QPixmap] | None = None  # real points, in which form, as they are drawn
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing below it is painted with each frame
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 200)
        theme.notifier.changed.connect(self._dress)

    def sizeHint(self) -> QSize:
        return QSize(480, 480)

    def show_frame(self, frame: Frame | None) -> None:
        self.frame = frame
        self._dress()

    def show_layer(self, layer: str, on: bool) -> None:
        (self.layers.add if on else self.layers.discard)(layer)
        self.update()

    def room(self) -> QRectF:
        """The square that is the plane."""
        side = min(self.width(), self.height()) - 1
        return QRectF((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def to_screen(self, points: np.ndarray) -> np.ndarray:
        """(…, 2) of the plane to pixels; y goes up there and down here."""
        room, half = self.room(), self.room().width() / (2 * REACH)
        middle = np.array([room.center().x(), room.center().y()])
        placed: np.ndarray = np.asarray(points, np.float64) * (half, -half) + middle
        return placed

    def to_plane(self, at: QPointF) -> tuple[float, float]:
        room, scale = self.room(), 2 * REACH / self.room().width()
        x, y = (at.x() - room.center().x()) * scale, (room.center().y() - at.y()) * scale
        return min(max(x, -REACH), REACH), min(max(y, -REACH), REACH)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.room().contains(event.position()):
            self._trail = [self.to_plane(event.position())]
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._trail:
            here, last = self.to_plane(event.position()), self._trail[-1]
            if abs(here[0] - last[0]) + abs(here[1] - last[1]) >= _NEAR:
                self._trail.append(here)
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._trail:
            trail, self._trail = self._trail, []
            self.update()
            self.drawn.emit(np.array(trail))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, room = QPainter(self), theme.colors(), self.room()
        self.painted += 1
        painter.fillRect(self.rect(), QColor(c.base))
        painter.setClipRect(room.adjusted(0, 0, 1, 1))
        painter.fillRect(room, QColor(c.surface))
        if self.frame is not None:
            self._paint_frame(painter, self.frame, room, c)
        if len(self._trail) > 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(c.accent), 3, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
            painter.drawPolyline(_polygon(self.to_screen(np.array(self._trail))))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.hint:
            tag = QRectF(room.left(), room.top() + 8, room.width(), self.fontMetrics().height() + 8)
            painter.setPen(QColor(c.muted))
            painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, self.hint)
        painter.setPen(QColor(c.accent if self.hasFocus() else c.line))
        painter.drawRect(room)

    def _paint_frame(self, painter: QPainter, frame: Frame, room: QRectF, c: theme.Colors) -> None:
        real, fake = QColor(c.curves[0]), QColor(c.curves[1])
        if "heat" in self.layers and not self._heat.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(room, self._heat)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if "manifold" in self.layers and frame.manifold is not None:
            line = QColor(fake)
            line.setAlphaF(0.55)
            painter.setPen(QPen(line, 1))
            lines = self.to_screen(frame.manifold)
            for each in (*lines, *lines.swapaxes(0, 1)):
                painter.drawPolyline(_polygon(each))
        if "ways" in self.layers and frame.ways is not None:
            thin = QColor(c.muted)
            thin.setAlphaF(0.7)
            painter.setPen(QPen(thin, 1))
            for way in self.to_screen(frame.ways):
                painter.drawPolyline(_polygon(way))
        if "real" in self.layers:
            painter.drawPixmap(0, 0, self._real_points(frame.real, real))
        if "fake" in self.layers:
            self._dots(painter, frame.fake, fake)
        if "pull" in self.layers and frame.pull is not None:
            painter.setPen(QPen(QColor(c.text), 1))
            painter.drawLines(self.arrows(frame))

    def _real_points(self, points: np.ndarray, color: QColor) -> QPixmap:
        """Drawn once for all frames of the same data."""
        ratio = self.devicePixelRatioF()
        form = (self.size().toTuple(), ratio, color.name())
        if self._data is None or self._data[0] is not points or self._data[1] != form:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._dots(painter, points, color)
            painter.end()
            self._data = points, form, pixmap
        return self._data[2]

    def _dots(self, painter: QPainter, points: np.ndarray, color: QColor) -> None:
        shade = QColor(color)
        shade.setAlphaF(0.8)
        painter.setPen(QPen(shade, 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(_polygon(self.to_screen(points)))

    def arrows(self, frame: Frame) -> list[QLineF]:
        """Three lines each. The steeper the longer, up to a length that is never reached: n / (n + ¼) of it."""
        assert frame.pull is not None and frame.pull_at is not None
        steep = np.linalg.norm(frame.pull, axis=1, keepdims=True)
        way = frame.pull / (steep + _HALF) * _LONGEST
        start = frame.pull_at
        tip, across = start + way, way[:, ::-1] * (-1, 1)
        barbs = [tip - _HEAD * (way + side * 0.6 * across) for side in (-1, 1)]
        told = [self.to_screen(each).tolist() for each in (start, tip, *barbs)]
        return [
            QLineF(*one, *other)
            for ends in zip(*told, strict=True)
            for one, other in ((ends[0], ends[1]), (ends[1], ends[2]), (ends[1], ends[3]))
        ]

    def _dress(self) -> None:
        """Colours of the heat map: the ground's at one half, towards that of made points below and of real ones above;
        full where it leans most."""
        heat = None if self.frame is None else self.frame.heat
        if heat is None:
            self._heat = QImage()
        else:
            c = theme.colors()
            made, even, real = (_rgb(each) for each in (c.curves[1], c.surface, c.curves[0]))
            lean = 2 * heat[::-1, :, None] - 1
            lean *= _STRENGTH / max(_FAINTEST, float(np.abs(lean).max()))
            rgb = np.where(lean > 0, even + lean * (real - even), even - lean * (made - even))
            pixels = np.full((*heat.shape, 4), 255, np.uint8)
            pixels[..., 2::-1] = rgb.round()
            height, width = heat.shape
            self._heat = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()
        self.update()


def _rgb(color: str) -> np.ndarray:
    shade = QColor(color)
    return np.array([shade.red(), shade.green(), shade.blue()], np.float64)


def _polygon(points: np.ndarray) -> QPolygonF:
    """(N, 2), written where the polygon keeps its numbers: to make N objects of them takes longer than to draw them."""
    polygon = QPolygonF()
    polygon.resize(len(points))
    if len(points):
        memory: Any = VoidPtr(polygon.data(), 16 * len(points), True)  # type: ignore[call-arg, arg-type]
        np.frombuffer(memory, np.float64)[:] = points.ravel()
    return polygon
