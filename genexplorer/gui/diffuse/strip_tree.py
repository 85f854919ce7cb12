"""A poster of each way, one below the other, moments in columns: a branch stands below what it comes from."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from genexplorer.gui import theme
from genexplorer.gui.images import to_qimage
from genexplorer.gui.ring import draw_ring

from .trajectory import Trajectory

SIDE, _GAP, _MARK = 48, 4, 8  # logical pixels
_PITCH = SIDE + _MARK


class StripTree(QWidget):
    """Press or drag to go to a moment of a way; by keys, up and down go from way to way."""

    gone = Signal(int, float)  # which way, and which of its moments
    turned = Signal(int)  # to another way, at the same moment
    removed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._ways: Sequence[Trajectory] = ()
        self._now, self._place = 0, 0.0
        self._part, self._chosen = "xt", 0
        self._drawn: dict[int, tuple[object, QPixmap]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Ways")
        self.setToolTip("The way from noise to image; press or drag to go there. Branches stand below (B)")
        theme.notifier.changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(12 * (SIDE + _GAP), _PITCH * max(1, len(self._ways)))

    def minimumSizeHint(self) -> QSize:
        return QSize(3 * SIDE, self.sizeHint().height())

    def show_ways(self, ways: Sequence[Trajectory], now: int) -> None:
        if len(ways) != len(self._ways):
            self._drawn.clear()
        self._ways, self._now = ways, now
        self._describe()
        self.updateGeometry()
        self.update()

    def show_place(self, place: float) -> None:
        if place != self._place:
            self._place = place
            self.update()

    def show_part(self, part: str, chosen: int) -> None:
        """Which picture of a moment is shown, and which image of the batch."""
        self._part, self._chosen = part, chosen
        self.update()

    def picked(self) -> np.ndarray:
        """The moments in columns, by number: the first, the last, and even steps between."""
        count = self._count()
        room = max(2, (self.width() + _GAP) // (SIDE + _GAP))
        return np.unique(np.linspace(0, max(count - 1, 0), min(room, max(count, 1))).round().astype(int))

    def x_of(self, moment: float) -> float:
        """The middle of a moment's picture."""
        return SIDE / 2 + moment / max(self._count() - 1, 1) * self._span()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, ratio = QPainter(self), theme.colors(), self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, way in enumerate(self._ways):
            top = row * _PITCH
            if way.parent is not None and way.parent in self._ways:
                x = self.x_of(way.since)
                painter.setPen(QPen(QColor(c.accent if row == self._now else c.faint), 1.5))
                for over in range(self._ways.index(way.parent), row):
                    covered = over == self._ways.index(way.parent) or self._ways[over].since <= way.since
                    start = over * _PITCH + (SIDE + 1 if covered else 0)
                    painter.drawLine(QPointF(x, start), QPointF(x, (over + 1) * _PITCH))
                painter.drawLine(QPointF(x, top), QPointF(x, top + SIDE / 2))
                first = next((n for n in self.picked() if n >= way.since), way.since)
                painter.drawLine(QPointF(x, top + SIDE / 2), QPointF(self.x_of(first), top + SIDE / 2))
            painter.setOpacity(1.0 if row == self._now else 0.5)
            painter.drawPixmap(QPointF(0, top), self._row(row, way, ratio))
            painter.setOpacity(1.0)
            if row == self._now and way.frames:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(c.accent))
                x = self.x_of(min(self._place, self._count() - 1))
                painter.drawRoundedRect(QRectF(x - 8, top + SIDE + 2, 16, 3), 1.5, 1.5)
        if self.hasFocus():
            draw_ring(painter, self.rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y()) // _PITCH
        if 0 <= row < len(self._ways):
            self._now = row
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, by = Qt.Key, {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in by and 0 <= self._now + by[Qt.Key(event.key())] < len(self._ways):
            self.turned.emit(self._now + by[Qt.Key(event.key())])
        elif event.key() in (key.Key_Delete, key.Key_Backspace) and len(self._ways) > 1:
            self.removed.emit(self._now)
        else:
            super().keyPressEvent(event)

    def _count(self) -> int:
        return max((way.count for way in self._ways), default=0)

    def _span(self) -> float:
        """Between the middles of the first and the last picture: the whole width, where there are enough."""
        tight = (len(self.picked()) - 1) * (SIDE + _GAP)
        return self.width() - SIDE if tight + SIDE + _GAP > self.width() - SIDE else tight

    def _go(self, point: QPointF) -> None:
        if self._span() > 0 and self._count() > 1:
            place = (point.x() - SIDE / 2) / self._span() * (self._count() - 1)
            self.gone.emit(self._now, min(max(place, 0.0), self._count() - 1.0))

    def _row(self, row: int, way: Trajectory, ratio: float) -> QPixmap:
        """Drawn once for many paints: while it plays only the mark moves."""
        key = (id(way), len(way.frames), id(way.frames[-1]) if way.frames else 0, way.count, self._part)
        whole = (key, self._chosen, self.width(), ratio)
        if row not in self._drawn or self._drawn[row][0] != whole:
            self._drawn[row] = (whole, self._draw(way, ratio))
        return self._drawn[row][1]

    def _draw(self, way: Trajectory, ratio: float) -> QPixmap:
        strip = QPixmap(round(self.width() * ratio), round(SIDE * ratio))
        strip.setDevicePixelRatio(ratio)
        strip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(strip)
        for n in self.picked().tolist():
            if n < way.since or n >= way.count:
                continue
            room = QRectF(round((self.x_of(n) - SIDE / 2) * ratio) / ratio, 0, SIDE, SIDE)
            if n < len(way.frames):
                shown = getattr(way.frames[n], self._part)
                image = to_qimage(shown[min(self._chosen, len(shown) - 1)])
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, ratio * SIDE < image.width())
                painter.drawImage(room, image)
            else:
                painter.fillRect(room, QColor(theme.colors().hover))
        painter.end()
        return strip

    def _describe(self) -> None:
        many = len(self._ways)
        self.setAccessibleDescription(f"way {self._now + 1} of {many}" if many else "nothing is denoised yet")

    def _forget(self) -> None:
        self._drawn.clear()
        self.update()


class StripArea(QScrollArea):
    """As high as its ways; it scrolls where they are many."""

    def __init__(self, tree: StripTree) -> None:
        super().__init__()
        self._tree = tree
        self.setWidget(tree)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.fit(1, 0)

    def fit(self, rows: int, room: int) -> None:
        """So many of them are whole where the room allows it, and one at least."""
        self.setFixedHeight(_PITCH * max(1, min(rows, room // _PITCH)))

    def reveal(self, row: int) -> None:
        self.ensureVisible(0, row * _PITCH + _PITCH // 2, 0, _PITCH // 2)
