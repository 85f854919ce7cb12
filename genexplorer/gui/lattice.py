"""The ground of a map: decoded images on a lattice fixed to the plane, so that panning draws few of them anew."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from .images import to_qimage
from .view import View

_CELL = 56  # pixels that an image takes at least, where it is not larger itself
_MOST = 600  # images that are kept


@dataclass(frozen=True)
class Spacing:
    """Side of a cell, in the plane's units and in device pixels."""

    unit: float
    pixels: int


@dataclass(frozen=True, eq=False)
class Layer:
    """A picture, and where it lies: left, bottom, right, top on the plane."""

    pixmap: QPixmap
    where: tuple[float, float, float, float]

    def draw(self, painter: QPainter, view: View, ratio: float) -> None:
        target = view.rect(*self.where)
        target.moveTo(round(target.x() * ratio) / ratio, round(target.y() * ratio) / ratio)
        if abs(target.width() * ratio - self.pixmap.width()) < 1:  # the zoom that it was made for: no scaling
            target.setSize(self.pixmap.size().toSizeF() / ratio)
        painter.drawPixmap(target, self.pixmap, QRectF(self.pixmap.rect()))


class Lattice:
    """Which images the view wants, and those that are there as one pixmap, faded into the ground's colour."""

    def __init__(self) -> None:
        self._spacing = Spacing(1.0, 1)
        self._images: dict[tuple[int, int], np.ndarray] = {}
        self._top: Layer | None = None
        self._below: Layer | None = None  # of another zoom, seen until the top is whole

    def clear(self) -> None:
        self._images.clear()
        self._top = self._below = None

    def wanted(self, view: View, ratio: float, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Cells (N, 2) that the view shows and that are not there yet, and their middles (N, 2) on the plane."""
        pixels = side * max(1, round(_CELL * ratio / side))
        spacing = Spacing(pixels / ratio / view.scale, pixels)
        if spacing.pixels != self._spacing.pixels or not math.isclose(spacing.unit, self._spacing.unit, rel_tol=1e-6):
            self._images.clear()
            self._spacing = spacing
            self._top, self._below = None, self._top or self._below
        cells = [cell for cell in self._shown(view) if cell not in self._images]
        unit, middle = self._spacing.unit, (view.x, view.y)
        cells.sort(key=lambda cell: math.dist(((cell[0] + 0.5) * unit, (cell[1] + 0.5) * unit), middle))
        found = np.array(cells, np.int64).reshape(-1, 2)
        return found, (found + 0.5) * unit

    def put(self, cells: np.ndarray, images: np.ndarray) -> None:
        """Images uint8 (N, C, H, W) for cells (N, 2)."""
        for (column, row), image in zip(cells.tolist(), images, strict=True):
            self._images[column, row] = image

    def compose(self, view: View, ground: str, strength: float) -> None:
        """Paint what the view shows, once; `draw` then only moves it. strength is 1 for the images as they are."""
        shown = self._shown(view)
        here = [cell for cell in shown if cell in self._images]
        if len(self._images) > _MOST:
            self._images = {cell: self._images[cell] for cell in here}
        if not here:
            return
        left, bottom = min(c for c, _ in shown), min(r for _, r in shown)
        columns, rows = max(c for c, _ in shown) - left + 1, max(r for _, r in shown) - bottom + 1
        pixels, unit = self._spacing.pixels, self._spacing.unit
        pixmap = QPixmap(columns * pixels, rows * pixels)
        whole = len(here) == len(shown)
        if whole:
            self._below = None
        pixmap.fill(QColor(ground) if whole else Qt.GlobalColor.transparent)
        strip = to_qimage(np.stack([self._images[cell] for cell in here]))
        painter = QPainter(pixmap)
        height = strip.height() // len(here)
        for n, (column, row) in enumerate(here):
            target = QRectF((column - left) * pixels, (rows - 1 - row + bottom) * pixels, pixels, pixels)
            painter.setOpacity(1.0)
            painter.fillRect(target, QColor(ground))
            painter.setOpacity(strength)
            painter.drawImage(target, strip, QRectF(0, n * height, strip.width(), height))
        painter.end()
        self._top = Layer(pixmap, (left * unit, bottom * unit, (left + columns) * unit, (bottom + rows) * unit))

    def draw(self, painter: QPainter, view: View, ratio: float) -> None:
        for layer in (self._below, self._top):
            if layer is not None:
                layer.draw(painter, view, ratio)

    def _shown(self, view: View) -> list[tuple[int, int]]:
        unit = self._spacing.unit
        half_width, half_height = view.width / 2 / view.scale, view.height / 2 / view.scale
        columns = range(math.floor((view.x - half_width) / unit), math.floor((view.x + half_width) / unit) + 1)
        rows = range(math.floor((view.y - half_height) / unit), math.floor((view.y + half_height) / unit) + 1)
        return [(column, row) for row in rows for column in columns]
