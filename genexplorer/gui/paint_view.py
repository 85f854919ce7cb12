"""An image that one paints on."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from . import theme
from .brush import stroke
from .images import ImageView


class PaintView(ImageView):
    """While `painting`, the mouse paints instead of moving the image; so do the arrow keys with Space.

    It says which pixels the brush went over; whoever listens paints them and shows the image anew.
    """

    brushed = Signal(object)  # bool (H, W)
    stroke_began = Signal()
    stroke_ended = Signal()

    def __init__(self, empty: str) -> None:
        super().__init__(empty)
        self.painting = False
        self.radius = 1.5  # pixels of the image
        self._at: QPointF | None = None  # where the brush is, in pixels of the image
        self._down = False
        self.setMouseTracking(True)

    def set_painting(self, on: bool) -> None:
        self.painting = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_radius(self, radius: float) -> None:
        self.radius = radius
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._paints() or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._down, self._at = True, self._pixel(event.position())
        self.stroke_began.emit()
        self._dab(self._at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._paints():
            super().mouseMoveEvent(event)
            return
        before, self._at = self._at, self._pixel(event.position())
        if self._down:
            self._dab(before or self._at)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._down and event.button() == Qt.MouseButton.LeftButton:
            self._down = False
            self.stroke_ended.emit()
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._paints():
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._down:
            self._at = None
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        steps = {key.Key_Left: (-1, 0), key.Key_Right: (1, 0), key.Key_Up: (0, -1), key.Key_Down: (0, 1)}
        if not self._paints() or event.key() not in (*steps, key.Key_Space):
            super().keyPressEvent(event)
            return
        assert self._image is not None
        width, height = self._image.width(), self._image.height()
        at = self._at or QPointF(width // 2 + 0.5, height // 2 + 0.5)
        if event.key() == key.Key_Space:
            self._at = at
            self.stroke_began.emit()
            self._dab(at)
            self.stroke_ended.emit()
        else:
            dx, dy = steps[Qt.Key(event.key())]
            self._at = QPointF(min(max(at.x() + dx, 0.5), width - 0.5), min(max(at.y() + dy, 0.5), height - 0.5))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._paints() or self._at is None:
            return
        assert self._image is not None
        painter, target = QPainter(self), self.target()
        scale = target.width() / self._image.width()
        middle = target.topLeft() + self._at * scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((theme.colors().base, 3.0), (theme.colors().accent, 1.5)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(middle, self.radius * scale, self.radius * scale)

    def _paints(self) -> bool:
        return self.painting and self._image is not None

    def _pixel(self, point: QPointF) -> QPointF:
        assert self._image is not None
        place = self._place(point)
        return QPointF(place.x() * self._image.width(), place.y() * self._image.height())

    def _dab(self, start: QPointF) -> None:
        assert self._image is not None and self._at is not None
        shape = self._image.height(), self._image.width()
        covered = stroke(shape, (start.x(), start.y()), (self._at.x(), self._at.y()), self.radius)
        if np.any(covered):
            self.brushed.emit(covered)
