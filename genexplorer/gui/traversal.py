"""One number of the code: what its slider would do to the image in hand, and the way to that slider."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genexplorer.engine.axes import Axes, unit_axes
from genexplorer.engine.query import Query
from genexplorer.engine.strips import Strips

from .actions import buttons_of, local_action
from .axis_column import AxisColumn
from .elided import Elided
from .session import Session
from .strip_schedule import StripSchedule
from .wrap import Wrap


class Traversal(QWidget):
    """A slider with its film strip, as in the latent panel, for the dimension that was chosen last."""

    def __init__(self, session: Session, ask: Callable[[Query], None], parent: QObject) -> None:
        super().__init__()
        self._session = session
        self._axes: Axes | None = None
        self.dim = -1
        self.column = AxisColumn(session.code)
        self.column.setAccessibleName("Traversal")
        self.strips = StripSchedule(session, self.column, ask, parent)
        self.title = Elided()
        self.send_action = local_action(
            self,
            "To its slider",
            "sliders-horizontal",
            "Ctrl+Return",
            "Go to this dimension's slider in the latent panel",
            self.send,
        )
        row = Wrap()
        row.addWidget(self.title)
        row.addStretch()
        for button in buttons_of(self.send_action, texts=True):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.column)
        self.column.set_strips(True)
        session.code.changed.connect(lambda _: self.strips.stir())
        self.set_axes(None)

    def set_axes(self, axes: Axes | None) -> None:
        """How far the sliders of all dimensions reach, once that is known."""
        self._axes = axes
        self._show()

    def show_dimension(self, dim: int, why: str = "") -> None:
        """Another dimension, -1 for none, and what led to it."""
        self.dim = dim
        self.title.setText(why)
        self._show()

    def take(self, query: Strips, answer: list[tuple[int, np.ndarray]]) -> None:
        self.strips.take(query, answer)

    def send(self) -> None:
        if self.dim >= 0:
            self._session.dimension_wanted.emit(self.dim)

    def _show(self) -> None:
        size = len(self._session.code.z)
        axes = self._axes if self._axes is not None and len(self._axes) == size else unit_axes(size)
        shown = 0 <= self.dim < size
        self.send_action.setEnabled(shown)
        self.column.show_axes(axes.only(self.dim) if shown else None)
        if shown:
            self.column.setFixedHeight(self.column.sliders[0].sizeHint().height() + 8)
        self.strips.wait()
