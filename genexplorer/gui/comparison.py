"""Hundreds of small comparisons that scroll: an image, what was made of it, and their difference, painted as needed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from . import theme
from .images import WRAPPED, Pixels, crisp_scale, to_qimage
from .ring import draw_ring
from .words import breakable

_TILE, _MOST = 64, 128  # logical pixels that a picture takes at least, where pixels stay whole, and at most
_GAP, _BETWEEN = 6, 24
_KEPT = 400  # comparisons whose pictures stay converted


@dataclass(frozen=True)
class Tile:
    """One picture of a comparison: its heading, how those of some comparisons are had, as uint8 (B, C, H, W), and what
    stands below one."""

    title: str
    take: Callable[[np.ndarray], Pixels]
    caption: Callable[[int], str] | None = None


class ComparisonView(QAbstractScrollArea):
    """Comparisons in an order; the arrow keys or the mouse choose one, a click or Enter sends it.

    Only pictures that are seen are taken and converted, so that thousands scroll as tens do.
    """

    clicked = Signal(int)

    def __init__(self, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self.current = -1  # an index of the arrays, not a place in the order
        self._tiles: list[Tile] = []
        self._size = QSize(1, 1)
        self._images: dict[int, list[QImage]] = {}
        self._order = np.zeros(0, int)
        self._tip: Callable[[int], str] = str
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Comparisons")
        self.setAccessibleDescription(empty)

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * (_TILE + _GAP) + 32, 160)

    def set_tiles(self, tiles: list[Tile], tip: Callable[[int], str], size: QSize) -> None:
        """What is compared, pictures of this size; `tip` says something about a comparison. `set_order` comes next."""
        self._tiles, self._tip, self._size = tiles, tip, size
        self._images.clear()
        self._order = np.zeros(0, int)

    def retake(self) -> None:
        """The pictures have changed, and nothing else."""
        self._images.clear()
        self.viewport().update()

    def set_order(self, order: np.ndarray) -> None:
        """Which comparisons are shown, as indices, first one first."""
        self._order = order
        if self.current not in order:
            self.current = -1
        self._lay_out()

    def order(self) -> np.ndarray:
        return self._order

    def columns(self) -> int:
        """As many as fit with small pictures; the pictures then grow into the room that is left."""
        narrow = max(1, len(self._tiles)) * (max(_TILE, self._widest()) + _GAP) - _GAP
        return max(1, (self.viewport().width() - _GAP + _BETWEEN) // (narrow + _BETWEEN))

    def rect_of(self, place: int) -> QRect:
        """Where a place of the order lies in the viewport."""
        group, columns = self._group(), self.columns()
        row, column = divmod(place, columns)
        top = self._heading() + row * (group.height() + _GAP * 2) - self.verticalScrollBar().value()
        return QRect(QPoint(_GAP + column * (group.width() + _BETWEEN), top), group)

    def place_at(self, point: QPoint) -> int:
        if point.y() < self._heading():
            return -1
        return next((place for place in self._seen() if self.rect_of(place).contains(point)), -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self.viewport()), theme.colors()
        if self.hasFocus():
            draw_ring(painter, self.viewport().rect())
        if not len(self._order) or not self._tiles:
            painter.setPen(QColor(c.muted))
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), WRAPPED, breakable(self.empty))
            return
        seen = self._seen()
        wanted = self._order[seen.start : seen.stop]
        self._convert(wanted)
        size, line = self._tile(), self.fontMetrics().height()
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, size.width() * self.devicePixelRatioF() < self._size.width()
        )
        for place, index in zip(seen, wanted.tolist(), strict=True):
            group = self.rect_of(place)
            if index == self.current:
                painter.setPen(QPen(QColor(c.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(group.adjusted(-3, -3, 3, 1), 4, 4)
            for column, (tile, image) in enumerate(zip(self._tiles, self._images[index], strict=True)):
                left = group.left() + column * self._pitch()
                target = QRectF(left, group.top(), size.width(), size.height())
                painter.drawImage(target, image)
                if tile.caption is not None:
                    painter.setPen(QColor(c.muted))
                    below = QRect(left, group.top() + size.height() + 2, self._pitch() - _GAP, line)
                    words = self.fontMetrics().elidedText(
                        tile.caption(index), Qt.TextElideMode.ElideRight, below.width()
                    )
                    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, words)
        self._paint_heading(painter)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos())
            QToolTip.showText(event.globalPos(), self._tip(int(self._order[place])) if place >= 0 else "", self)
            return True
        if event.type() == QEvent.Type.Leave:
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.place_at(event.position().toPoint()) >= 0
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self._choose(place)
            self.clicked.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, columns = Qt.Key, self.columns()
        page = columns * max(1, (self.viewport().height() - self._heading()) // (self._group().height() + _GAP * 2))
        steps = {
            **{key.Key_Left: -1, key.Key_Right: 1, key.Key_Up: -columns, key.Key_Down: columns},
            **{key.Key_PageUp: -page, key.Key_PageDown: page, key.Key_Home: -len(self._order)},
            key.Key_End: len(self._order),
        }
        if event.key() in steps and len(self._order):
            there = np.flatnonzero(self._order == self.current)
            aim = int(there[0]) + steps[Qt.Key(event.key())] if len(there) else 0
            self._choose(min(max(aim, 0), len(self._order) - 1))
        elif event.key() in (key.Key_Return, key.Key_Enter) and self.current >= 0:
            self.clicked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _convert(self, wanted: np.ndarray) -> None:
        """Have the pictures of these comparisons ready, and forget others once there are many."""
        missing = [index for index in wanted.tolist() if index not in self._images]
        if len(self._images) + len(missing) > _KEPT:
            self._images = {index: self._images[index] for index in wanted.tolist() if index in self._images}
        if missing:
            which = np.array(missing)
            stacks = [tile.take(which) for tile in self._tiles]
            for nth, index in enumerate(missing):
                self._images[index] = [to_qimage(stack[nth]) for stack in stacks]

    def _choose(self, place: int) -> None:
        self.current = int(self._order[place])
        self.setAccessibleDescription(self._tip(self.current))
        rect, bar = self.rect_of(place), self.verticalScrollBar()
        if rect.top() < self._heading():
            bar.setValue(bar.value() + rect.top() - self._heading() - _GAP)
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + _GAP)
        self.viewport().update()

    def _tile(self) -> QSize:
        """Of a picture, in logical pixels."""
        ratio, number = self.devicePixelRatioF(), max(1, len(self._tiles))
        group = (self.viewport().width() - _GAP + _BETWEEN) // self.columns() - _BETWEEN
        room = min(_MOST, max(_TILE, (group + _GAP) // number - _GAP))
        scale = crisp_scale(QSize(room, room), self._size.width(), self._size.height(), ratio) / ratio
        return QSize(round(self._size.width() * scale), round(self._size.height() * scale))

    def _widest(self) -> int:
        return max((self.fontMetrics().horizontalAdvance(tile.title) for tile in self._tiles), default=0)

    def _pitch(self) -> int:
        """From one picture of a comparison to the next: its heading fits too."""
        return max(self._tile().width(), self._widest()) + _GAP

    def _group(self) -> QSize:
        return QSize(
            (max(1, len(self._tiles)) - 1) * self._pitch() + self._tile().width(),
            self._tile().height() + 2 + self.fontMetrics().height(),
        )

    def _heading(self) -> int:
        return self.fontMetrics().height() + 8

    def _seen(self) -> range:
        """Places of the order that the viewport shows at least in part."""
        step, columns = self._group().height() + _GAP * 2, self.columns()
        top = self.verticalScrollBar().value()
        first = max(0, top // step) * columns
        last = ((top + self.viewport().height()) // step + 1) * columns
        return range(min(first, len(self._order)), min(last, len(self._order)))

    def _lay_out(self) -> None:
        rows, step = -(-len(self._order) // self.columns()), self._group().height() + _GAP * 2
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._heading() + rows * step - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(step)
        if self.current < 0:
            self.setAccessibleDescription(f"{len(self._order)} comparisons" if len(self._order) else self.empty)
        self.viewport().update()

    def _paint_heading(self, painter: QPainter) -> None:
        c, group = theme.colors(), self._group()
        painter.fillRect(QRect(0, 0, self.viewport().width(), self._heading() - 4), QColor(c.base))
        painter.setPen(QColor(c.muted))
        for column in range(min(self.columns(), len(self._order))):
            for nth, tile in enumerate(self._tiles):
                left = _GAP + column * (group.width() + _BETWEEN) + nth * self._pitch()
                room = QRect(left, 0, self._pitch(), self._heading() - 4)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, tile.title)
