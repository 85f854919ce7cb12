"""The frames of a player side by side, evenly picked, with a mark where it stands: press or drag to go there."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from . import theme
from .images import to_qimage
from .player import Player

SIDE = 56  # logical pixels
_GAP, _MARK = 2, 6


class Reel(QWidget):
    """A second way to scrub; the slider of the player is the one for the keyboard."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._strip = QPixmap()
        self._stale = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("The way from left to right; press or drag to go there")
        self.setAccessibleName("Film strip")
        player.frames_changed.connect(self._redraw)
        player.frame_changed.connect(lambda _: self.update())
        theme.notifier.changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        return QSize(8 * SIDE, SIDE + _MARK)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * SIDE, SIDE + _MARK)

    def picked(self) -> np.ndarray:
        """The frames that it shows, by number: the first, the last, and even steps between."""
        count = self._player.count()
        room = max(1, (self.width() + _GAP) // (SIDE + _GAP))
        return np.linspace(0, max(count - 1, 0), min(room, count)).round().astype(int)

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._stale or self._strip.devicePixelRatio() != ratio:
            self._draw(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._strip)
        count = self._player.count()
        if self._player.index() >= 0 and count > 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            x = SIDE / 2 + self._player.index() / (count - 1) * self._span()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colors().accent))
            painter.drawRoundedRect(QRectF(x - 8, SIDE + 2, 16, 3), 1.5, 1.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()

    def _span(self) -> float:
        """Between the middles of the first and the last picture: the whole width, where there are enough."""
        shown = len(self.picked())
        tight = (shown - 1) * (SIDE + _GAP)
        return self.width() - SIDE if tight + SIDE + _GAP > self.width() - SIDE else tight

    def _go(self, point: QPointF) -> None:
        if self._player.index() >= 0 and (span := self._span()) > 0:
            self._player.show_frame(round((point.x() - SIDE / 2) / span * (self._player.count() - 1)))

    def _redraw(self) -> None:
        self._stale = True
        self.update()

    def _draw(self, ratio: float) -> None:
        """Once for many paints: while it plays only the mark moves."""
        self._stale = False
        self._strip = QPixmap(round(self.width() * ratio), round(SIDE * ratio))
        self._strip.setDevicePixelRatio(ratio)
        self._strip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._strip)
        frames, picked = self._player.frames(), self.picked()
        for left, number in zip(np.linspace(0, self._span(), len(picked)), picked, strict=True):
            room = QRectF(round(left * ratio) / ratio, 0, SIDE, SIDE)
            if number < len(frames):
                image: QImage = to_qimage(frames[number])
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, ratio * SIDE < image.width())
                painter.drawImage(room, image)
            else:
                painter.fillRect(room, QColor(theme.colors().hover))
        painter.end()
