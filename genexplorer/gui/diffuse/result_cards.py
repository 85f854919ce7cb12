"""Results of one question beside each other: a small picture of each, and how like the true image it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from genexplorer.gui import theme
from genexplorer.gui.images import Pixels, crisp_scale, to_qimage
from genexplorer.gui.ring import draw_ring

_GAP, _EDGE = 8, 6
_HIGHEST, _WORDS = 128, 120


@dataclass(frozen=True)
class Score:
    """PSNR in decibels, SSIM, and the perceptual distance where it is known."""

    psnr: float
    ssim: float
    distance: float | None = None

    def lines(self) -> list[str]:
        far = [] if self.distance is None else [f"distance {self.distance:.{2 if self.distance < 9.995 else 1}f}"]
        return [f"{self.psnr:.1f} dB", f"SSIM {self.ssim:.3f}", *far]


class ResultCards(QWidget):
    """A click, the arrow keys or its number choose one; `chosen` tells which."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.current = 0
        self._images: list[QImage] = []
        self._scores: Sequence[Score] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Results")
        self.setToolTip(
            "PSNR: how small the errors are, in decibels. SSIM: how like the structure is, 1 where it is the same. "
            "Distance: of the features by which samples are judged; less is more alike. Click one to see it large."
        )
        self._tell()

    def set_height(self, height: int) -> None:
        """Near to this; pictures and words stay legible, and small beside the large ones."""
        least = max(72, 3 * self.fontMetrics().height() + 2 * _EDGE)
        self.setFixedHeight(max(least, min(height, _HIGHEST)))

    def sizeHint(self) -> QSize:
        return QSize(320, 72)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 72)

    def count(self) -> int:
        return len(self._images)

    def show_images(self, pixels: Pixels | None) -> None:
        """(N, C, H, W), or none; what was said of others is gone."""
        self._images = [] if pixels is None else [to_qimage(image) for image in pixels]
        self._scores = ()
        self.current = max(0, min(self.current, len(self._images) - 1))
        self._tell()

    def show_scores(self, scores: Sequence[Score]) -> None:
        self._scores = scores
        self._tell()

    def choose(self, n: int) -> None:
        if 0 <= n < len(self._images) and n != self.current:
            self.current = n
            self._tell()
            self.chosen.emit(n)

    def card(self, n: int) -> QRect:
        """Where a result lies."""
        count = max(1, len(self._images))
        width = min(self.height() + _WORDS, (self.width() + _GAP) // count - _GAP)
        return QRect(n * (width + _GAP), 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for n, image in enumerate(self._images):
            card, now = self.card(n), n == self.current
            painter.setPen(QPen(QColor(c.accent if now else c.line), 2 if now else 1))
            painter.setBrush(QColor(c.surface))
            painter.drawRoundedRect(QRectF(card).adjusted(1, 1, -1, -1), 6, 6)
            left = self._draw_image(painter, image, card)
            self._write(painter, card, left, self._scores[n].lines() if n < len(self._scores) else [])
        if self.hasFocus():
            draw_ring(painter, self.rect())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            for n in range(len(self._images)):
                if self.card(n).contains(event.position().toPoint()):
                    self.choose(n)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps:
            self.choose(self.current + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _draw_image(self, painter: QPainter, image: QImage, card: QRect) -> int:
        """Says where there is room beside it."""
        words, ratio = self.fontMetrics().horizontalAdvance("distance 0.00"), self.devicePixelRatioF()
        side = max(16, min(card.height(), card.width() - words - 8) - 2 * _EDGE)
        scale = crisp_scale(QSize(side, side), image.width(), image.height(), ratio) / ratio
        width, height = image.width() * scale, image.height() * scale
        top = round((card.top() + (card.height() - height) / 2) * ratio) / ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale * ratio < 1)
        painter.drawImage(QRectF(card.left() + _EDGE, top, width, height), image)
        return card.left() + _EDGE + round(width) + _EDGE

    def _write(self, painter: QPainter, card: QRect, left: int, lines: list[str]) -> None:
        high = self.fontMetrics().height()
        top = card.top() + (card.height() - high * len(lines)) // 2
        painter.setPen(QColor(theme.colors().text))
        for number, line in enumerate(lines):
            room = QRect(left, top + number * high, card.right() - 2 - left, high)
            text = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _tell(self) -> None:
        said = ", ".join(self._scores[self.current].lines()) if self.current < len(self._scores) else ""
        count = len(self._images)
        self.setAccessibleDescription(f"Result {self.current + 1} of {count}. {said}" if count else "No results yet")
        self.update()
