"""A row of small pictures under a slider: what it would draw from one end of its track to the other."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from . import theme
from .images import Pixels, to_qimage

FRAMES = 7
GAP = 2
LARGEST = 64


def side_for(width: int) -> int:
    """How large the pictures are in a row of this width."""
    return max(16, min(LARGEST, width // FRAMES - GAP))


class FilmStrip:
    """Draws itself into the widget that has it; no widget of its own, for a hundred of them stand in one panel."""

    def __init__(self) -> None:
        self._film, self._cell = QImage(), (1, 1)

    @property
    def exposed(self) -> bool:
        return not self._film.isNull()

    def expose(self, pictures: Pixels | None) -> None:
        """(F, C, H, W) uint8, or nothing yet."""
        if pictures is None:
            self._film = QImage()
        else:
            self._film, self._cell = to_qimage(pictures), (pictures.shape[-1], pictures.shape[-2])

    def cells(self, room: QRectF, ratio: float) -> list[QRectF]:
        """Where the pictures lie, on the device's pixel grid; the middles of the outer two end the slider's track."""
        left, pace = room.left(), (room.width() - room.height()) / (FRAMES - 1)
        side = round(room.height() * ratio) / ratio
        return [
            QRectF(round((left + n * pace) * ratio) / ratio, round(room.top() * ratio) / ratio, side, side)
            for n in range(FRAMES)
        ]

    def at(self, point: QPointF, room: QRectF) -> int | None:
        return next((n for n, cell in enumerate(self.cells(room, 1.0)) if cell.contains(point)), None)

    def paint(self, painter: QPainter, room: QRectF, here: int, pointed: int | None, dim: bool) -> None:
        """`here` is the picture nearest to the slider's knob."""
        c, ratio = theme.colors(), painter.device().devicePixelRatioF()
        width, height = self._cell
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, room.height() * ratio < height)
        painter.setOpacity(0.45 if dim else 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.hover))
        cells = self.cells(room, ratio)
        for n, cell in enumerate(cells):
            if self.exposed:
                painter.drawImage(cell, self._film, QRectF(0, n * height, width, height))
            else:
                painter.drawRoundedRect(cell, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, color in ((pointed, c.faint), (here, c.muted if dim else c.accent)):
            if place is not None and self.exposed:
                painter.setPen(QPen(QColor(color), 2))
                painter.drawRoundedRect(cells[place].adjusted(-1, -1, 1, 1), 2, 2)
        painter.restore()
