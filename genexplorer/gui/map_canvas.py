"""The map itself: points in colours that mean something, over a ground that the model draws."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from genexplorer.engine.atlas import Ground
from genexplorer.engine.charted import Charted
from genexplorer.engine.laid import Bent, Flat

from . import theme
from .hover_card import HoverCard
from .legend import Legend
from .map_controls import MapTools
from .scatter import Scatter
from .tints import Tints, by_label, by_number, plain

_STRENGTH = 0.5  # of the images beneath the points


class MapCanvas(Scatter):
    """Draws what it is given; asks for nothing. In its corners are the legend and the tools."""

    def __init__(self, empty: str) -> None:
        super().__init__(empty)
        self.legend, self.tools = Legend(), MapTools()
        self.card, self.traveller = HoverCard(self), HoverCard(self)
        over = QGridLayout(self)
        over.setContentsMargins(8, 8, 8, 8)
        over.addWidget(self.legend, 0, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        over.addWidget(self.tools, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.tools.mode_changed.connect(self.set_mode)
        theme.notifier.changed.connect(self.compose)

    def show_chart(self, chart: Charted | None, laid: Flat | Bent | None, color: int, chosen: np.ndarray) -> None:
        """`color` counts 0 for one colour, then the labels, then the loss; `chosen` images (n,) stand in front."""
        xy = laid.places(chart.codes[: chart.known]) if chart and laid else np.zeros((0, 2), np.float32)
        tints, front = _tints(chart, color), None
        self.legend.show_tints(tints)
        if len(chosen):
            front = np.isin(np.arange(len(xy)), chosen)
        elif self.legend.chosen >= 0 and len(tints.groups):
            front = tints.groups[: len(xy)] == self.legend.chosen
        self.names = laid.names if laid else ("", "")
        self.tools.ground.setEnabled(not isinstance(laid, Bent))
        self.set_points(xy, tints.colors[: len(xy)], front)

    def missing(self, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Cells of the ground that the view wants and that are not there, and their middles, each (N, 2)."""
        return self.lattice.wanted(self.view, self.devicePixelRatioF(), side)

    def put_ground(self, ground: Ground, start: int, images: np.ndarray) -> None:
        self.lattice.put(ground.cells[start : start + len(images)], images)
        self.compose()

    def compose(self) -> None:
        self.lattice.compose(self.view, theme.colors().surface, _STRENGTH)
        self.update()

    def clear_ground(self) -> None:
        self.lattice.clear()
        self.update()

    def travel(self, x: float, y: float, picture: np.ndarray) -> None:
        """Show a frame of a path where it lies."""
        self.set_traveller((x, y))
        self.traveller.show_at(self.view.point(x, y), picture, "")

    def stay(self) -> None:
        """No path any more."""
        self.set_path(np.zeros((0, 2)))
        self.set_traveller(None)
        self.traveller.hide()


def _tints(chart: Charted | None, color: int) -> Tints:
    if chart is None or color <= 0:
        return plain(len(chart) if chart else 0)
    if color > len(chart.columns):
        return by_number(chart.loss_name, chart.loss)
    return by_label(chart.columns[color - 1], chart.labels[:, color - 1])
