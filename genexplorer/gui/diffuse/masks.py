"""Masks that are ready: what they hide, and their icons, which show just that."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

from genexplorer.gui import theme
from genexplorer.gui.images import Pixels

_CELLS = 6  # of an icon, across and down
_LIGHT, _SHADE = 150, 106  # of the squares that stand for what is not known

READY: tuple[tuple[str, str, Callable[[int, int], np.ndarray]], ...] = (
    ("Centre", "Hide the middle", lambda h, w: _middle(h)[:, None] & _middle(w)),
    ("Left half", "Hide the left half", lambda h, w: np.tile(np.arange(w) < w // 2, (h, 1))),
    ("Right half", "Hide the right half", lambda h, w: np.tile(np.arange(w) >= w // 2, (h, 1))),
    (
        "Surroundings",
        "Hide all but the middle, to have it painted outwards",
        lambda h, w: ~(_middle(h)[:, None] & _middle(w)),
    ),
    ("Every other line", "Hide every other line", lambda h, w: np.tile(np.arange(h)[:, None] % 2 == 1, (1, w))),
)
"""Each with what it does, and what makes it for H and W: bool (H, W), True where hidden."""


def masked(x: Pixels, hidden: np.ndarray) -> Pixels:
    """(C, H, W) with squares of two greys, as where nothing is, in place of what is hidden."""
    rows, columns = np.indices(hidden.shape)
    squares = np.where((rows + columns) % 2 == 0, _LIGHT, _SHADE).astype(np.uint8)
    return np.where(hidden, squares, x)


def mask_icon(make: Callable[[int, int], np.ndarray]) -> QIcon:
    return QIcon(_Engine(make(_CELLS, _CELLS)))


def _middle(size: int) -> np.ndarray:
    """The middle half, bool (size,)."""
    return np.asarray(np.abs((np.arange(size) + 0.5) / size - 0.5) < 0.25)


class _Engine(QIconEngine):
    def __init__(self, hidden: np.ndarray) -> None:
        super().__init__()
        self.hidden = hidden

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        c = theme.colors()
        colour = QColor(c.faint if mode == QIcon.Mode.Disabled else c.text)
        cell = max(1, (min(rect.width(), rect.height()) - 4) // _CELLS)
        inner = QRect(0, 0, cell * _CELLS, cell * _CELLS)
        inner.moveCenter(rect.center())
        painter.save()
        painter.setPen(colour)
        painter.drawRect(inner.adjusted(-2, -2, 1, 1))
        for row, column in np.argwhere(self.hidden).tolist():
            painter.fillRect(QRect(inner.left() + column * cell, inner.top() + row * cell, cell, cell), colour)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self.hidden)
