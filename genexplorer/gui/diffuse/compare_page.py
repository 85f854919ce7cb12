"""The same noise on different ways."""

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtGui import QAction, QColor, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.schedule import T
from genexplorer.engine.denoise import Denoise, Frame, Way, usual_way
from genexplorer.engine.query import Query
from genexplorer.gui import theme
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.condition_bar import ConditionBar
from genexplorer.gui.images import ImageView, Pixels
from genexplorer.gui.lens import Lens
from genexplorer.gui.segments import Segments
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap

from .noise_bar import NoiseBar
from .page import PLAYS, Page
from .shown_parts import slanted
from .stage import PARTS
from .time_bar import TimeBar
from .trajectory import Trajectory, tiled
from .way_bar import away_bar
from .way_column import WayColumn

_EMPTY = "Train a diffusion model, or open one in the Library, to see the same noise on different ways."
_MOST = 6
_MOMENTS = 100
_OTHERS = (Way("ddim", 20), Way("ddpm", 50))


class ComparePage(Page):
    """One way after the other is walked; those that are known already stay."""

    title = "Compare"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.columns: list[WayColumn] = []
        self.working: Trajectory | None = None
        self._of: Checkpoint | None = None
        self._lens = Lens(self)
        self.noise, self.given, self.against = NoiseBar(self, (1, 2, 3, 4), 3), ConditionBar(), away_bar()
        self.time = TimeBar()
        self.part = Segments([("xₜ", "Show the state", ""), ("x̂₀", "Show the image seen in it", "")])
        self.part.choose(1)
        for number in range(2):
            self.part.button(number).setFont(slanted(self.part.button(number).font()))
        self.add_action = local_action(
            self, "Add a way", "plus", "A", "One more way beside the others, from the same noise", self.add
        )
        (self.add_button,) = buttons_of(self.add_action, texts=True)
        self.beside, self.empty = QWidget(), ImageView(_EMPTY)
        self.empty.setAcceptDrops(False)
        self._lay_out()
        self.time.tell = lambda: (f"t {self.t():.0f}" if self.time.count() else "", f"t {T}")
        self.time.frame_changed.connect(lambda _: self._draw())
        self.part.chosen.connect(lambda _: self._draw())
        for part in (self.noise, self.given, self.against):
            part.changed.connect(self._work)
        theme.notifier.changed.connect(self._draw)
        self._enable()

    def page_actions(self) -> list[QAction]:
        return [self.add_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        """A later one of the same run is taken by what changes next; what is shown stays."""
        before, self._of = self._of, checkpoint
        if checkpoint is not None and before is not None and checkpoint.path.parent == before.path.parent:
            return
        self.working = None
        for bar in (self.given, self.against):
            bar.show_labels(checkpoint.conditions if checkpoint is not None else ())
        for column in list(self.columns):
            self._take_out(column)
        self.time.expect_steps(0)
        if checkpoint is not None:
            usual = usual_way(checkpoint)
            for way in (usual, *(replace(each, cfg_scale=usual.cfg_scale) for each in _OTHERS)):
                self._put(way)
            self.time.expect_steps(_MOMENTS + 1, smooth=False)
            self.time.arrive_steps(_MOMENTS + 1)
            self.time.show_moment(_MOMENTS)
        self._enable()
        self._work()

    def awaits(self, query: Query) -> bool:
        return self.working is not None and query is self.working.query

    def show_reply(self, query: Query, answer: Any) -> None:
        self._take(answer)

    def fail(self) -> None:
        if self.working is not None:
            self.working.cut()
            self.working = None

    def t(self) -> float:
        """The time that is shown."""
        return T * (1 - self.time.moment() / _MOMENTS)

    def add(self) -> None:
        """One more, as the last one is, in twice as many steps."""
        if self.columns and len(self.columns) < _MOST:
            last = self.columns[-1].way((), ())
            self._put(replace(last, steps=min(2 * last.steps, self.columns[-1].steps.maximum())))
            self._work()

    def remove(self, column: WayColumn) -> None:
        self._take_out(column)
        if self.working is not None and self.working is column.trajectory:
            self.working = None
            self._work()
        self._measure()

    def film(self) -> tuple[Pixels, float] | None:
        if self.still() is None:
            return None
        times = [T * (1 - n / _MOMENTS) for n in range(_MOMENTS + 1)]
        pictures = [self._beside(t) for t in times]
        fps = self.time.fps()
        return np.stack([*pictures, *[pictures[-1]] * round(fps)]), fps

    def still(self) -> Pixels | None:
        whole = all(column.trajectory is not None and column.trajectory.whole for column in self.columns)
        return self._beside(self.t()) if whole and self.columns else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._work()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in PLAYS:
            self.time.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def _work(self) -> None:
        """Walk the first way whose images are not those that are wished for."""
        if self._of is None or not self.isVisible():
            return
        self.working = None
        for column in self.columns:
            way, found = column.way(self.given.values(), self.against.values()), column.trajectory
            wished = (way, self.noise.count(), self.noise.seed.value())
            known = found is not None and (found.query.way, found.query.num, found.query.seed) == wished
            if found is None or not known:
                found = column.trajectory = Trajectory(Denoise(self._of, *wished))
            if not found.whole and self.working is None:
                self.working = found
                self.asked.emit(found.query)
        self._measure()

    def _take(self, frame: Frame) -> None:
        working = self.working
        assert working is not None
        working.add(frame)
        for column in self.columns:
            if column.trajectory is working:
                column.show_time(self.t(), self._part())
        if frame.number == frame.count:
            self._work()

    def _measure(self) -> None:
        for column in self.columns:
            column.show_distance(self.columns[0])
            column.remove_button.setEnabled(len(self.columns) > 1)
        self.add_action.setEnabled(0 < len(self.columns) < _MOST)

    def _put(self, way: Way) -> None:
        column = WayColumn(way, self._lens)
        column.scale.setVisible(bool(self.given.labels))
        column.changed.connect(self._work)
        column.removed.connect(lambda: self.remove(column))
        self.columns.append(column)
        self.row.addWidget(column, 1)

    def _take_out(self, column: WayColumn) -> None:
        self.columns.remove(column)
        self.row.removeWidget(column)
        column.hide()
        column.deleteLater()

    def _part(self) -> str:
        return PARTS[self.part.choice()]

    def _draw(self) -> None:
        for column in self.columns:
            column.show_time(self.t(), self._part())

    def _beside(self, t: float) -> Pixels:
        ground = QColor(theme.colors().base)
        colours = ground.red(), ground.green(), ground.blue()
        shown = []
        for column in self.columns:
            assert column.trajectory is not None
            frame = [each for each in column.trajectory.frames if each.t >= t - 0.5] or column.trajectory.frames[:1]
            shown.append(tiled(getattr(frame[-1], self._part()), colours))
        room = np.full((*shown[0].shape[:2], 4), round(sum(colours) / 3), np.uint8)
        return np.concatenate([piece for each in shown for piece in (room, each)][1:], -1)

    def _enable(self) -> None:
        ready = self._of is not None
        for part in (self.noise, self.given, self.against, self.time, self.part):
            part.setEnabled(ready)
        self.empty.setVisible(not ready)
        self.beside.setVisible(ready)
        self._measure()

    def _lay_out(self) -> None:
        top = Wrap()
        for part in (self.noise, self.given, self.against):
            top.addWidget(part)
        top.addStretch()
        top.addWidget(self.add_button)
        self.row = QHBoxLayout(self.beside)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(12)
        along = QHBoxLayout()
        along.setSpacing(8)
        along.addWidget(self.part)
        along.addWidget(self.time, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.empty, 1)
        column.addWidget(self.beside, 1)
        column.addLayout(along)
