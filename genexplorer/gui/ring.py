"""The ring that shows where the keyboard is, for what paints itself."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from . import theme


def draw_ring(painter: QPainter, rect: QRect) -> None:
    """Just inside these edges."""
    painter.setPen(QColor(theme.colors().accent))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
