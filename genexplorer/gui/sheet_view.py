"""Runs in rows, and of each the same blocks of images in columns; what is pointed at shows large beside its twin."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from genexplorer.engine.compare import COLUMNS, Row

from .elided import Elided
from .hover_card import HoverCard
from .images import GridView
from .sample_pane import SamplePane

_LARGE = 192
_BAR = 12  # pixels that a scroll bar may want
_LOWEST = 176  # pixels of a row
_TWIN = {0: 1, 1: 0, 2: 3, 3: 2}  # input and reconstruction, sample and nearest image


class SheetView(QWidget):
    """Rows stand below one another, and scroll where they are many; the names of the columns stay."""

    def __init__(self, empty: str) -> None:
        super().__init__()
        self._area, self._heads = QScrollArea(), QWidget()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its images have the keyboard, and scroll into sight with it
        heads = QHBoxLayout(self._heads)
        heads.setContentsMargins(0, 0, _BAR, 0)
        heads.setSpacing(8)
        for column in COLUMNS:
            heads.addWidget(Elided(column), 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(self._heads)
        whole.addWidget(self._area, 1)
        self._card = HoverCard(self._area.viewport(), _LARGE)
        self._empty = empty
        self._rows: dict[int, Row] = {}
        self.panes: list[list[SamplePane]] = []
        self.show_runs([])

    def show_runs(self, names: Sequence[tuple[str, str]]) -> None:
        """Rows to be filled: each a name and what kind of run it is."""
        self._rows, self.panes = {}, []
        page = QWidget()
        self._card.hide()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, _BAR, 0)
        grid.setSpacing(8)
        grid.setVerticalSpacing(0)
        self._heads.setVisible(bool(names))
        if not names:
            grid.addWidget(GridView(self._empty))
        for line, (name, about) in enumerate(names):
            title = Elided(f"{name}: {about}")
            title.setProperty("role", "title")
            grid.addWidget(title, 2 * line, 0, 1, len(COLUMNS))
            panes = [self._pane(line, column) for column in range(len(COLUMNS))]
            for column, pane in enumerate(panes):
                grid.addWidget(pane, 2 * line + 1, column)
                grid.setColumnStretch(column, 1)
            grid.setRowStretch(2 * line + 1, 1)
            grid.setRowMinimumHeight(2 * line + 1, _LOWEST)
            title.setContentsMargins(0, 8 if line else 0, 0, 2)
            self.panes.append(panes)
        self._area.setWidget(page)

    def fill(self, row: Row) -> None:
        self._rows[row.place] = row
        for pane, block in zip(self.panes[row.place], row.blocks(), strict=True):
            pane.show_images(block.images)
            pane.tell(block.note or " ")

    def rows(self) -> list[Row]:
        """Those that have come, in order; all of them, or none."""
        return [self._rows[place] for place in range(len(self.panes))] if len(self._rows) == len(self.panes) else []

    def _pane(self, line: int, column: int) -> SamplePane:
        pane = SamplePane()
        pane.entitle(COLUMNS[column])
        pane.heading.hide()
        pane.grid.pointed.connect(lambda nth: self._point(line, column, nth))
        return pane

    def _point(self, line: int, column: int, nth: int) -> None:
        twin = self.panes[line][_TWIN[column]].grid
        twin.current = nth
        twin.update()
        row, grid = self._rows.get(line), self.panes[line][column].grid
        blocks = [row.blocks()[each].images for each in sorted((column, _TWIN[column]))] if row is not None else []
        shown = [images[nth] for images in blocks if images is not None and 0 <= nth < len(images)]
        cells = grid.cells()
        if not shown or nth >= len(cells):
            self._card.hide()
            return
        place = grid.mapTo(self._area.viewport(), cells[nth].center().toPoint())
        words = f"{'Input' if column < 2 else 'Sample'} {nth + 1}"
        if row is not None and row.near is not None and column >= 2:
            words += f"\nright: the nearest image, {row.near.distance[nth]:.3f}"
        self._card.show_at(QPointF(place), np.concatenate(shown, -1), words)
