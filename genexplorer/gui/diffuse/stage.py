"""What is known of a moment, side by side: the state, the image and the noise in it, and what the last step changed."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from genexplorer.engine.denoise import Frame
from genexplorer.gui import theme
from genexplorer.gui.images import ImageView, Pixels, to_qimage
from genexplorer.gui.side_by_side import SideBySide

from .trajectory import columns_of, gap_of, tiled

NAMES = ("State", "Image seen", "Noise seen", "Change of the image seen")
PARTS = ("xt", "x0", "eps", "change")
SIGNS = ("xₜ", "x̂₀", "ε̂", "Δx̂₀")
_TITLES = (
    "State <i>x</i><sub>t</sub>",
    "Image seen, <i>x̂</i><sub>0</sub>",
    "Noise seen, <i>ε̂</i>",
    "Change of <i>x̂</i><sub>0</sub>, × 4",
)
DOES = (
    "The state: image and noise at this time",
    "The image that the network sees in it: the mean of all that it may be",
    "The noise that the network sees in it",
    "What the last step changed of that image; grey where nothing",
)


class Picture(ImageView):
    """A sheet of images; a click picks one."""

    picked = Signal(int)

    def __init__(self, empty: str) -> None:
        super().__init__(empty)
        self.setAcceptDrops(False)
        self.count, self.chosen, self.size_of_one = 0, 0, (1, 1)  # (height, width)
        self.drawn: tuple[Frame, Frame | None, tuple[int, int, int]] | None = None  # what is seen of which moments
        self._pressed: QPointF | None = None
        self._after: QImage | None = None  # what is shown over it, in part
        self._part = 0.0

    def cell(self, n: int) -> QRectF:
        """Where an image lies, in pixels of the sheet."""
        (height, width), columns = self.size_of_one, columns_of(max(self.count, 1))
        gap = gap_of(height) if self.count > 1 else 0
        return QRectF(n % columns * (width + gap), n // columns * (height + gap), width, height)

    def on_screen(self, n: int) -> QRectF:
        """The same in logical pixels of the view."""
        assert self._image is not None
        target, cell = self.target(), self.cell(n)
        scale = target.width() / self._image.width()
        return QRectF(target.topLeft() + cell.topLeft() * scale, cell.size() * scale)

    def show_after(self, pixels: Pixels | None) -> None:
        """What `fade` goes to."""
        self._after = None if pixels is None else to_qimage(pixels)

    def fade(self, part: float) -> None:
        """How much is seen of what comes after, 0…1."""
        self._part = part
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        moved = event.position() - (self._pressed or event.position())
        if self._image is None or moved.manhattanLength() >= QApplication.startDragDistance():
            return
        for n in range(self.count):
            if self.on_screen(n).contains(event.position()):
                self.picked.emit(n)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._image is None:
            return
        painter = QPainter(self)
        if self._after is not None and self._part:
            painter.setOpacity(self._part)
            painter.drawImage(self.target(), self._after)
            painter.setOpacity(1.0)
        if self.count > 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.colors().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.on_screen(self.chosen).adjusted(-0.5, -0.5, 0.5, 0.5))


class Stage(QWidget):
    """`picked` tells which image of the batch a person clicked."""

    picked = Signal(int)

    def __init__(self, empty: str) -> None:
        super().__init__()
        self.views = [Picture(empty if not n else " ") for n in range(len(PARTS))]
        self.rows = SideBySide(list(zip(_TITLES, self.views, strict=True)))
        self.chosen = 0
        for view, name, does in zip(self.views, NAMES, DOES, strict=True):
            view.setAccessibleName(name)
            view.setToolTip(f"{does}. Click an image to follow it in the strip; the wheel zooms")
            view.picked.connect(self.picked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)

    def show_parts(self, numbers: Sequence[int]) -> None:
        self.rows.show_only(numbers)

    def choose(self, n: int) -> None:
        self.chosen = n
        for view in self.views:
            view.chosen = n
            view.update()

    def show_moment(self, now: Frame | None, after: Frame | None = None, part: float = 0.0) -> None:
        """A moment, or so far on the way to the one after."""
        colors = QColor(theme.colors().base)
        ground = colors.red(), colors.green(), colors.blue()
        for view, name in zip(self.views, PARTS, strict=True):
            if now is None:
                view.count, view.drawn = 0, None
                view.set_image(None)
            elif view.isVisibleTo(self):
                if view.drawn != (now, after, ground):  # most frames of the display are between the same two
                    pixels = getattr(now, name)
                    view.count, view.size_of_one = len(pixels), pixels.shape[2:]
                    view.chosen = min(self.chosen, len(pixels) - 1)
                    view.set_image(tiled(pixels, ground))
                    view.show_after(None if after is None else tiled(getattr(after, name), ground))
                    view.drawn = now, after, ground
                view.fade(part)
