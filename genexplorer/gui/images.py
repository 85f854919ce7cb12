"""Arrays on the screen: pixels stay crisp at every scale, and a whole grid is one image and one paint."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from genexplorer.core.errors import Failure, UserError
from genexplorer.engine.keepsake import Keepsake, write_picture

from . import theme
from .lens import Lens
from .ring import draw_ring
from .words import breakable

Pixels = NDArray[np.uint8]
WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def to_qimage(pixels: Pixels) -> QImage:
    """(H, W), (C, H, W) or (N, C, H, W), C in 1, 3, 4, as RGB32, the format that Qt draws without converting.

    N images are stacked into one tall strip, so that a grid needs a single conversion. Alpha is left out.
    """
    batch = pixels.reshape(1, 1, *pixels.shape) if pixels.ndim == 2 else pixels.reshape(-1, *pixels.shape[-3:])
    n, c, h, w = batch.shape
    if pixels.dtype != np.uint8 or c not in (1, 3, 4):
        raise ValueError(f"images are uint8 with 1, 3 or 4 channels first, not {pixels.dtype} {pixels.shape}")
    packed = np.empty((n, h, w, 4), np.uint8)  # blue, green, red, unused: RGB32 in little-endian memory
    packed[..., 3] = 255
    for place, channel in enumerate((2, 1, 0)):
        packed[..., place] = batch[:, channel if c > 1 else 0]
    return QImage(packed.data, w, n * h, 4 * w, QImage.Format.Format_RGB32).copy()


def crisp_scale(room: QSize, width: int, height: int, ratio: float) -> float:
    """Device pixels per image pixel: a whole number when that costs at most a fifth of the size."""
    fit = min(room.width() * ratio / width, room.height() * ratio / height)
    return float(math.floor(fit)) if fit >= 1 and math.floor(fit) >= 0.8 * fit else max(fit, 1e-6)


class ImageView(QWidget):
    """One image, as large and as sharp as the room allows; image files can be dropped on it.

    The wheel, + and - zoom; then the hand or the arrow keys move it; a double click or Home shows all again.
    """

    dropped = Signal(object)  # Path
    failed = Signal(str)
    held = Signal(bool)  # pressed, and let go

    def __init__(self, empty: str = "Nothing to show yet", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self.keepsake: Callable[[], Keepsake | None] = lambda: None
        """What a PNG that is saved of the image carries."""
        self._pixels: Pixels | None = None
        self._image: QImage | None = None
        self._hand: QPointF | None = None  # where the hand was last, while it moves the image
        self.lens = Lens(self)
        self.lens.changed.connect(self.update)
        self.setMinimumSize(64, 64)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Image")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.copy_action = QAction("Copy image", self, shortcut=QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_action.triggered.connect(self.copy)
        self.save_action = QAction("Save image as PNG…", self)
        self.save_action.triggered.connect(self._ask_and_save)
        self.addActions([self.copy_action, self.save_action])
        self.set_image(None)

    def sizeHint(self) -> QSize:
        return QSize(256, 256)

    def set_image(self, pixels: Pixels | None) -> None:
        """(H, W) or (C, H, W) uint8, or nothing."""
        self._pixels = pixels
        self._image = None if pixels is None else to_qimage(pixels)
        for action in (self.copy_action, self.save_action):
            action.setEnabled(self._image is not None)
        size = f"{self._image.width()} × {self._image.height()} pixels" if self._image else self.empty
        self.setAccessibleDescription(size)
        self.update()

    def image(self) -> QImage | None:
        return self._image

    def copy(self) -> None:
        if self._image:
            QGuiApplication.clipboard().setImage(self._image)

    def save(self, file: Path) -> None:
        """At its own size: one image pixel is one file pixel."""
        if self._pixels is not None:
            try:
                write_picture(file, self._pixels, self.keepsake())
            except (UserError, Failure):
                sentence = f"{file} could not be written; choose a folder that you may write to and that has room."
                self.failed.emit(sentence)

    def _ask_and_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save image", "image.png", "PNG (*.png)")
        if name:
            self.save(Path(name).with_suffix(".png"))

    def share(self, lens: Lens) -> None:
        """Zoom and move together with other views."""
        self.lens.changed.disconnect(self.update)
        self.lens = lens
        lens.changed.connect(self.update)

    def target(self) -> QRectF:
        """Where the image lies, in logical pixels and on the device's pixel grid; larger than the view when zoomed."""
        return self.lens.target(self._fitted(), self.devicePixelRatioF())

    def _fitted(self) -> QRectF:
        assert self._image is not None
        ratio = self.devicePixelRatioF()
        scale = crisp_scale(self.size(), self._image.width(), self._image.height(), ratio)
        width, height = self._image.width() * scale, self._image.height() * scale
        x, y = (self.width() * ratio - width) // 2, (self.height() * ratio - height) // 2
        return QRectF(x / ratio, y / ratio, width / ratio, height / ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        if self._image is None:
            room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(c.line), 1.5, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(room, 8, 8)
            painter.setPen(QColor(c.muted))
            painter.drawText(room.adjusted(12, 12, -12, -12), WRAPPED, breakable(self.empty))
        else:
            target = self.target()
            shrunk = target.width() * self.devicePixelRatioF() < self._image.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
            painter.drawImage(target, self._image)
        if self.hasFocus():
            draw_ring(painter, self.rect())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._image is None:
            event.ignore()
        else:
            self.lens.zoom_by(1.25 ** (event.angleDelta().y() / 120), self._place(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand = event.position()
            self.held.emit(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._hand is not None and self._image is not None:
            self.lens.pan(self._place(self._hand) - self._place(event.position()))
            self._hand = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand = None
            self.held.emit(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.lens.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, middle, step = Qt.Key, QPointF(0.5, 0.5), 0.1 / self.lens.zoom
        arrows = {key.Key_Left: (-step, 0), key.Key_Right: (step, 0), key.Key_Up: (0, -step), key.Key_Down: (0, step)}
        if event.key() in (key.Key_Plus, key.Key_Equal):
            self.lens.zoom_by(1.25, self.lens.middle)
        elif event.key() == key.Key_Minus:
            self.lens.zoom_by(0.8, self.lens.middle if self.lens.zoom > 1.25 else middle)
        elif event.key() == key.Key_Home:
            self.lens.fit()
        elif event.key() in arrows and self.lens.zoom > 1:
            self.lens.pan(QPointF(*arrows[Qt.Key(event.key())]))
        else:
            super().keyPressEvent(event)

    def _place(self, point: QPointF) -> QPointF:
        """A point of the view as a place in the image, in 0…1."""
        if self._image is None:
            return QPointF(0.5, 0.5)
        target = self.target()
        return QPointF((point.x() - target.x()) / target.width(), (point.y() - target.y()) / target.height())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if picture_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for file in picture_files(event.mimeData())[:1]:
            event.acceptProposedAction()
            self.dropped.emit(file)


def picture_files(data: QMimeData) -> list[Path]:
    """The picture files that are dragged or pasted."""
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [file for file in files if file.suffix.lower() in SUFFIXES]


class GridView(QWidget):
    """Many images of one size; pointing or the arrow keys choose one, a click or Enter sends it."""

    clicked = Signal(int)
    pointed = Signal(int)  # -1: none

    def __init__(self, empty: str = "Nothing to show yet", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self.gap = 2
        self.across = 0
        """Columns; 0 for as many as make the images largest."""
        self.centred = True
        """In the middle of the room; else they begin at its top left, under what stands above."""
        self.head = 0
        """Pixels that are left free above."""
        self.current = -1
        self._strip, self._count, self._cell = QImage(), 0, QSize(1, 1)
        self.setMinimumSize(64, 64)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Image grid")
        self.setAccessibleDescription(empty)

    def sizeHint(self) -> QSize:
        return QSize(384, 384)

    def set_images(self, pixels: Pixels | None) -> None:
        """(N, C, H, W) uint8, or nothing."""
        count = 0 if pixels is None else len(pixels)
        if pixels is not None and count:
            self._strip, self._cell = to_qimage(pixels), QSize(pixels.shape[-1], pixels.shape[-2])
        self._count = count
        self.setAccessibleDescription(f"{count} images" if count else self.empty)
        self.current = min(self.current, count - 1)
        self.update()

    def columns(self) -> int:
        """As many as make the images largest, unless they are given; with equals, the fewest rows left ragged."""
        if self.across:
            return self.across

        def size(columns: int) -> float:
            rows = -(-self._count // columns)
            room = QSize(self.width() // columns - self.gap, (self.height() - self.head) // rows - self.gap)
            return crisp_scale(room, self._cell.width(), self._cell.height(), self.devicePixelRatioF())

        return max(range(1, self._count + 1), key=lambda n: (size(n), -(-self._count % n)), default=1)

    def cells(self) -> list[QRectF]:
        columns, ratio = self.columns(), self.devicePixelRatioF()
        rows = max(1, -(-self._count // columns))
        room = QSize(self.width() // columns - self.gap, (self.height() - self.head) // rows - self.gap)
        scale = crisp_scale(room, self._cell.width(), self._cell.height(), ratio)
        gap = round(self.gap * ratio)
        width, height = round(self._cell.width() * scale), round(self._cell.height() * scale)
        left = (self.width() * ratio - columns * (width + gap) + gap) // 2 if self.centred else gap
        above = round(self.head * ratio)
        top = above + ((self.height() * ratio - above - rows * (height + gap) + gap) // 2 if self.centred else gap)
        return [
            QRectF(
                (left + (n % columns) * (width + gap)) / ratio,
                (top + (n // columns) * (height + gap)) / ratio,
                width / ratio,
                height / ratio,
            )
            for n in range(self._count)
        ]

    def index_at(self, point: QPointF) -> int:
        return next((n for n, cell in enumerate(self.cells()) if cell.contains(point)), -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c, cells = QPainter(self), theme.colors(), self.cells()
        if not cells:
            painter.setPen(QColor(c.muted))
            painter.drawText(self.rect(), WRAPPED, breakable(self.empty))
        else:
            shrunk = cells[0].width() * self.devicePixelRatioF() < self._cell.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        width, height = self._cell.width(), self._cell.height()
        for n, cell in enumerate(cells):
            painter.drawImage(cell, self._strip, QRectF(0, n * height, width, height))
        if self.hasFocus():
            draw_ring(painter, self.rect())
        if 0 <= self.current < len(cells):
            painter.setPen(QPen(QColor(c.accent), 2))
            painter.drawRect(cells[self.current].adjusted(-1, -1, 1, 1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self.index_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._choose(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.clicked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, columns = Qt.Key, self.columns()
        steps = {key.Key_Left: -1, key.Key_Right: 1, key.Key_Up: -columns, key.Key_Down: columns}
        if event.key() in steps and self._count:
            there = self.current + steps[Qt.Key(event.key())] if self.current >= 0 else 0
            self._choose(there if 0 <= there < self._count else self.current)
        elif event.key() in (key.Key_Return, key.Key_Enter) and self.current >= 0:
            self.clicked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _choose(self, index: int) -> None:
        if index != self.current:
            self.current = index
            self.update()
            self.pointed.emit(index)
