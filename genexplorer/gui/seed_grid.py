"""A grid of samples in the hand: drag for other seeds, pull a corner for more of them, choose several."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication

from . import theme
from .images import GridView, Pixels

_CAPTIONED = 88  # pixels of a cell from which on its caption has room
_STEP = 24  # pixels that the corner is pulled for another row or column
_GRIP = 14
_MODIFIERS = Qt.KeyboardModifier


class SeedGrid(GridView):
    """`dragged` tells how far since it was pressed, in pixels, and whether Alt is held; `resized` a wish for columns
    and rows. `chosen` are the cells that Ctrl or Shift and a click, or Space, put together."""

    dragged = Signal(float, float, bool)
    drag_began = Signal()
    drag_ended = Signal()
    resized = Signal(int, int)
    chosen_changed = Signal()

    def __init__(self, empty: str) -> None:
        super().__init__(empty)
        self.chosen: set[int] = set()
        self.captions: Sequence[str] = ()
        self.heads: Sequence[str] = ()
        """What each column is, above it."""
        self.shape = (1, 1)  # columns, rows
        self._anchor = -1  # from where Shift chooses
        self._pressed: QPointF | None = None
        self._dragging = False
        self._pulled: tuple[int, int] | None = None  # the shape when the corner was taken

    def show_images(self, x: Pixels | None, columns: int, captions: Sequence[str], heads: Sequence[str] = ()) -> None:
        """x is uint8 (N, C, H, W)."""
        count = 0 if x is None else len(x)
        if count != self._count:
            self.chosen = {n for n in self.chosen if n < count}
        self.across, self.captions, self.heads = columns, captions, heads
        self.head = self.fontMetrics().height() + 2 if heads else 0
        self.shape = (columns, -(-count // max(1, columns)))
        self.set_images(x)

    def choose(self, cells: set[int]) -> None:
        self.chosen = cells
        self.chosen_changed.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        cells = self.cells()
        if not cells:
            return
        painter, c = QPainter(self), theme.colors()
        line = self.fontMetrics().height()
        painter.setPen(QColor(c.muted))
        for head, cell in zip(self.heads, cells, strict=False):
            room = QRectF(cell.left(), cell.top() - line - 2, cell.width(), line)
            text = self.fontMetrics().elidedText(head, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        if cells[0].width() >= _CAPTIONED:
            for caption, cell in zip(self.captions, cells, strict=False):
                self._paint_caption(painter, caption, cell)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for n in self.chosen & set(range(len(cells))):
            painter.setPen(QPen(QColor(c.base), 5))
            painter.drawRect(cells[n].adjusted(1, 1, -1, -1))
            painter.setPen(QPen(QColor(c.accent), 3))
            painter.drawRect(cells[n].adjusted(1, 1, -1, -1))
        grip = self.grip()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.accent if self._pulled else c.muted), 2))
        for inset in (3, 8):
            painter.drawLine(grip.bottomLeft() + QPointF(inset, -1), grip.topRight() + QPointF(-1, inset))

    def pitch(self) -> float:
        """Pixels from one column to the next."""
        return max(1.0, self.cells()[0].width() + self.gap) if self._count else 1.0

    def grip(self) -> QRectF:
        """The corner to pull."""
        cells = self.cells()
        if not cells:
            return QRectF()
        right, bottom = max(cell.right() for cell in cells), max(cell.bottom() for cell in cells)
        return QRectF(min(right + 2, self.width() - _GRIP), min(bottom + 2, self.height()) - _GRIP, _GRIP, _GRIP)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._count:
            return
        self._pressed = event.position()
        self._pulled = self.shape if self.grip().contains(event.position()) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            over = self.grip().contains(event.position()) and self._count > 0
            self.setCursor(Qt.CursorShape.SizeFDiagCursor if over else Qt.CursorShape.ArrowCursor)
            super().mouseMoveEvent(event)
            return
        moved = event.position() - self._pressed
        if self._pulled is not None:
            columns, rows = self._pulled
            self.resized.emit(columns + round(moved.x() / _STEP), rows + round(moved.y() / _STEP))
            return
        if not self._dragging and moved.manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            self._choose(-1)
            self.setCursor(QCursor(Qt.CursorShape.ClosedHandCursor))
            self.drag_began.emit()
        if self._dragging:
            self.dragged.emit(moved.x(), moved.y(), bool(event.modifiers() & _MODIFIERS.AltModifier))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        dragging, pulled = self._dragging, self._pulled is not None
        self._pressed, self._pulled, self._dragging = None, None, False
        if dragging:
            self.setCursor(Qt.CursorShape.ArrowCursor)
            self.drag_ended.emit()
        elif pulled:
            self.update()
        elif (index := self.index_at(event.position())) >= 0:
            self._click(index, event.modifiers())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & _MODIFIERS.ControlModifier and event.angleDelta().y():
            self._grow(-1 if event.angleDelta().y() > 0 else 1)
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        match event.key():
            case key.Key_Plus | key.Key_Equal:
                self._grow(1)
            case key.Key_Minus:
                self._grow(-1)
            case key.Key_Space if self.current >= 0:
                self.choose(self.chosen ^ {self.current})
            case key.Key_Escape if self.chosen:
                self.choose(set())
            case _:
                super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._pressed is None:
            super().leaveEvent(event)

    def _click(self, index: int, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & _MODIFIERS.ShiftModifier and self._anchor >= 0:
            low, high = sorted((self._anchor, index))
            self.choose(self.chosen | set(range(low, high + 1)))
        elif modifiers & (_MODIFIERS.ControlModifier | _MODIFIERS.ShiftModifier):
            self._anchor = index
            self.choose(self.chosen ^ {index})
        else:
            self._anchor = index
            self.clicked.emit(index)

    def _grow(self, by: int) -> None:
        self.resized.emit(self.shape[0] + by, self.shape[1] + by)

    def _paint_caption(self, painter: QPainter, caption: str, cell: QRectF) -> None:
        """On a ground of its own, for an image may have any colour."""
        metrics = self.fontMetrics()
        text = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, int(cell.width()) - 12)
        room = QRectF(cell.left(), cell.bottom() - metrics.height() - 2, metrics.horizontalAdvance(text) + 10, 0)
        room.setBottom(cell.bottom())
        ground = QColor(theme.colors().surface)
        ground.setAlphaF(0.85)
        painter.fillRect(room, ground)
        painter.setPen(QColor(theme.colors().text))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)


def caption(seed: float) -> str:
    """A seed as it is written: whole, or with what lies between."""
    return f"{seed:.0f}" if np.isclose(seed, round(seed), atol=5e-3) else f"{seed:.2f}"
