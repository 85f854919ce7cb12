"""Kinds of data to choose from, each with a small picture of its points."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from genexplorer.engine.playground import KINDS
from genexplorer.sources.dots import REACH

from . import theme
from .icons import draw

_SIDE = 34  # of a picture
_ABOUT = {
    "ring": "Gaussians on a ring",
    "grid": "Gaussians on a grid",
    "moons": "Two half moons",
    "spiral": "Two arms of a spiral",
    "pinwheel": "A pinwheel of bent Gaussians",
    "drawn": "What you draw: drag the mouse over the plot",
}


class DataChips(QWidget):
    """`chosen` tells the kind that a person pressed; `choose` says nothing."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._points: Mapping[str, np.ndarray] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, kind in enumerate(KINDS):
            button = QToolButton()
            button.setCheckable(True)
            button.setStyleSheet(f"QToolButton {{ qproperty-iconSize: {_SIDE}px {_SIDE}px; }}")
            button.setToolTip(_ABOUT[kind])
            button.setAccessibleName(_ABOUT[kind])
            self._group.addButton(button, number)
            row.addWidget(button, 1)
        self._group.idClicked.connect(lambda number: self.chosen.emit(KINDS[number]))
        theme.notifier.changed.connect(self._dress)
        self._dress()

    def button(self, kind: str) -> QToolButton:
        button = self._group.button(KINDS.index(kind))
        assert isinstance(button, QToolButton)
        return button

    def choose(self, kind: str) -> None:
        self.button(kind).setChecked(True)

    def show_points(self, points: Mapping[str, np.ndarray]) -> None:
        """(N, 2) by kind; a kind without points has a pencil instead."""
        self._points = points
        self._dress()

    def _dress(self) -> None:
        for kind in KINDS:
            self.button(kind).setIcon(self._picture(self._points.get(kind)))

    def _picture(self, points: np.ndarray | None) -> QIcon:
        ratio, c = self.devicePixelRatioF(), theme.colors()
        pixmap = QPixmap(round(_SIDE * ratio), round(_SIDE * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if points is None:
            draw(painter, QRect(8, 8, _SIDE - 16, _SIDE - 16), "pencil-simple", c.muted)
        else:
            places = (np.asarray(points, np.float64) * (1, -1) / REACH + 1) * (_SIDE / 2)
            painter.setPen(QPen(QColor(c.curves[0]), 1.4, c=Qt.PenCapStyle.RoundCap))
            painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in places.tolist()]))
        painter.end()
        made = QIcon()
        for state in (QIcon.State.On, QIcon.State.Off):
            made.addPixmap(pixmap, QIcon.Mode.Normal, state)
        return made
