"""From noise to images: played, scrubbed, and branched from any moment."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QColor, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.denoise import Denoise, Frame, Start, usual_way
from genexplorer.engine.halt import Halt
from genexplorer.engine.query import Query
from genexplorer.gui import theme
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.icons import icon
from genexplorer.gui.images import Pixels
from genexplorer.gui.segments import Segments
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap

from .noise_bar import NoiseBar
from .page import PLAYS, Page
from .shown_parts import ShownParts, slanted
from .stage import PARTS, Stage
from .strip_tree import SIDE, StripArea, StripTree
from .time_bar import TimeBar
from .trajectory import Trajectory, faded, tiled, took
from .way_bar import WayBar

_EMPTY = "Train a diffusion model, or open one in the Library, to see noise become images here."
_SIDES = (1, 2, 3, 4, 6, 8)
_SMALL = 32  # pixels along a side of images of which more are made at once
_SMOOTH = 1_500_000  # bytes of a moment up to which pictures fade at the display's rate
_HOLD_S = 1.0  # that a film stays with its last picture


class DenoisePage(Page):
    """What is shown stays until the first moment of what takes its place is there."""

    title = "Denoise"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.ways: list[Trajectory] = []  # the first, and its branches, each below what it comes from
        self.now: Trajectory | None = None  # the one that is shown
        self.working: Trajectory | None = None
        self._of: Checkpoint | None = None
        self._start: Start | None = None
        self._branches = 0
        self.stage, self.time, self.strip = Stage(_EMPTY), TimeBar(), StripTree()
        self.area = StripArea(self.strip)
        self._make_controls()
        self._lay_out()
        self.time.tell = self._tell
        self.time.frame_changed.connect(lambda _: self._draw())
        self.stage.picked.connect(self._pick)
        self.strip.gone.connect(self._go)
        self.strip.turned.connect(lambda row: self._turn(self.ways[row]))
        self.strip.removed.connect(lambda row: self.remove(self.ways[row]))
        theme.notifier.changed.connect(self._draw)
        self._enable()

    def page_actions(self) -> list[QAction]:
        return [self.denoise_action, self.noise.again_action, self.branch_action, self.remove_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        """A later one of the same run is taken by the next denoising; what is shown stays."""
        before, self._of = self._of, checkpoint
        if checkpoint is not None and before is not None and checkpoint.path.parent == before.path.parent:
            return
        self._forget()
        self.bar.follow(checkpoint)
        self._start = None
        self.from_image.hide()
        if checkpoint is not None:
            self.bar.set_way(usual_way(checkpoint))
            self.noise.set_side(4 if checkpoint.spec.size <= _SMALL else 3)
            if self.isVisible():
                self.denoise()
        self._enable()

    def awaits(self, query: Query) -> bool:
        return self.working is not None and query is self.working.query

    def show_reply(self, query: Query, answer: Any) -> None:
        self._take(answer)

    def fail(self) -> None:
        self.stop()

    def denoise(self) -> None:
        """Anew, as the controls say."""
        if self._of is None:
            return
        start, count = self._start, self.noise.count()
        if start is not None:
            start = Start(np.repeat(start.x, count, 0), start.t)
        query = Denoise(self._of, self.bar.way(), count, self.noise.seed.value(), start)
        self.ways, self._branches = [Trajectory(query)], 0
        self._work(self.ways[0])
        self.time.show_moment(0)
        self.time.play()

    def branch(self) -> None:
        """The past of what is shown, and another future."""
        if self.now is None or len(self.now.frames) < 1 or self.now.count < 2:
            return
        self._branches += 1
        seed = (self.ways[0].query.seed + 7919 * self._branches) % 2**31
        made = self.now.branch(self.time.moment(), seed)
        below = self.ways.index(self.now) + 1
        while below < len(self.ways) and self.ways[below].depth > self.now.depth:
            below += 1
        self.ways.insert(below, made)
        self._work(made)
        self.time.show_moment(made.since)
        self.time.play()

    def remove(self, way: Trajectory) -> None:
        """A branch with all that comes from it."""
        if way.parent is None:
            return
        first = last = self.ways.index(way)
        while last + 1 < len(self.ways) and self.ways[last + 1].depth > way.depth:
            last += 1
        gone = self.ways[first : last + 1]
        del self.ways[first : last + 1]
        if self.working in gone:
            self._halt()
        if self.now in gone:
            self._turn(way.parent)
        else:
            self._show_ways()
        self._go_on()

    def remove_shown(self) -> None:
        if self.now is not None:
            self.remove(self.now)

    def stop(self) -> None:
        """What came stays."""
        if self.working is None:
            return
        working = self.working
        self._halt()
        working.cut()
        if not working.frames:
            self._forget()
        elif working is self.now:
            self.time.expect_steps(working.count, self._smooth())
            self.time.arrive_steps(working.count)
        self._show_ways()

    def start_from(self, x: np.ndarray, t: float) -> None:
        """From an image, uint8 (C, H, W), under the noise of time t."""
        self._start = Start(x[None], t)
        self.from_image.setText(f"From an image at t = {t:.0f}")
        self.from_image.show()
        self.denoise()

    def film(self) -> tuple[Pixels, float] | None:
        if self.now is None or not self.now.whole:
            return None
        frames, per, fps = self.now.frames, self.time.per, self.time.fps()
        pictures = [
            self._beside(frames[n], frames[n + 1], part / per) for n in range(len(frames) - 1) for part in range(per)
        ]
        last = self._beside(frames[-1], frames[-1], 0.0)
        return np.stack([*pictures, *[last] * max(1, round(_HOLD_S * fps))]), fps

    def still(self) -> Pixels | None:
        if self.now is None or not self.now.whole:
            return None
        part, chosen = PARTS[self.part.choice()], self.stage.chosen
        return np.concatenate([getattr(self.now.frames[n], part)[chosen] for n in self.strip.picked()], -1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.ways:
            self.denoise()
        else:
            self._go_on()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.area.fit(len(self.ways), event.size().height() // 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.working is not None:
            self.stop()
        elif event.key() in PLAYS:
            self.time.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def _work(self, way: Trajectory) -> None:
        """Have this one answered, and show it."""
        self.working = way
        self.asked.emit(way.query)
        self._turn(way)

    def _halt(self) -> None:
        if self.working is not None:
            self.asked.emit(Halt(self.working.query.checkpoint))
        self.working = None
        self._enable()

    def _take(self, frame: Frame) -> None:
        working = self.working
        assert working is not None
        working.add(frame)
        if working is self.now:
            steps = (working.count - 1) * self.time.per + 1
            if self.time.count() != steps:
                self.time.expect_steps(working.count, self._smooth())
            self.time.arrive_steps(len(working.frames))
            if frame.number == 0 or len(working.frames) - 1 <= self.time.moment() + 1:
                self._draw()
        if frame.number == frame.count:
            self.working = None
            self._go_on()
        self.strip.update()
        self._enable()

    def _go_on(self) -> None:
        """With what another question broke off."""
        if self.working is not None and self.isVisible():
            self.asked.emit(self.working.query)
        elif left := next((way for way in self.ways if not way.whole), None):
            self.working = left
            self.asked.emit(left.query)
            self._enable()

    def _turn(self, way: Trajectory) -> None:
        self.now = way
        if way.frames:
            self.time.expect_steps(way.count, self._smooth())
            self.time.arrive_steps(len(way.frames))
            self._draw()
        self._show_ways()

    def _go(self, row: int, place: float) -> None:
        self.time.pause()
        if self.ways[row] is not self.now:
            self._turn(self.ways[row])
        self.time.show_frame(round(place * self.time.per))

    def _pick(self, n: int) -> None:
        self.stage.choose(n)
        self.strip.show_part(PARTS[self.part.choice()], n)

    def _show_ways(self) -> None:
        row = self.ways.index(self.now) if self.now in self.ways else 0
        self.strip.show_ways(self.ways, row)
        self.area.fit(len(self.ways), self.height() // 4)
        QTimer.singleShot(0, self, lambda: self.area.reveal(row))  # once it is laid out
        self._enable()

    def _draw(self) -> None:
        frames, place = (self.now.frames if self.now is not None else []), self.time.place()
        if not frames:
            return
        n = min(int(place), len(frames) - 1)
        after = frames[n + 1] if n + 1 < len(frames) else None
        self.stage.show_moment(frames[n], after, place - n if after is not None else 0.0)
        signal = frames[n].alpha_bar
        self.stage.rows.note(0, f"{signal**0.5:.2f} x₀ + {(1 - signal) ** 0.5:.2f} ε")
        self.stage.rows.note(1, took(frames[n]))
        self.strip.show_place(place)

    def _tell(self) -> tuple[str, str]:
        frames, widest = (self.now.frames if self.now is not None else []), "t 1000 · ᾱ 0.000"
        if not frames:
            return "", widest
        now = frames[min(self.time.moment(), len(frames) - 1)]
        return f"t {now.t:.0f} · ᾱ {now.alpha_bar:.3f}", widest

    def _beside(self, now: Frame, after: Frame, part: float) -> Pixels:
        """What the stage shows, in one picture."""
        ground = QColor(theme.colors().base)
        colours = ground.red(), ground.green(), ground.blue()
        shown = [tiled(faded(getattr(now, n), getattr(after, n), part), colours) for n in self.parts.names()]
        room = np.full((*shown[0].shape[:2], 4), round(sum(colours) / 3), np.uint8)
        return np.concatenate([piece for each in shown for piece in (room, each)][1:], -1)

    def _smooth(self) -> bool:
        return self.now is not None and bool(self.now.frames) and 4 * self.now.frames[0].xt.nbytes <= _SMOOTH

    def _forget(self) -> None:
        if self.working is not None:
            self._halt()
        self.ways, self.now = [], None
        self.time.pause()
        self.time.expect_steps(0)
        self.stage.show_moment(None)
        for number in range(2):
            self.stage.rows.note(number, "")
        self._show_ways()

    def _press(self) -> None:
        self.stop() if self.working is not None else self.denoise()

    def _from_noise(self) -> None:
        self._start = None
        self.from_image.hide()
        self.denoise()

    def _enable(self) -> None:
        ready, busy = self._of is not None, self.working is not None
        for part in (self.bar, self.button, self.noise, self.time, self.strip):
            part.setEnabled(ready)
        for action in (self.denoise_action, self.noise.again_action):
            action.setEnabled(ready)
        self.branch_action.setEnabled(self.now is not None and bool(self.now.frames))
        self.remove_action.setEnabled(self.now is not None and self.now.parent is not None)
        self.remove_button.setVisible(len(self.ways) > 1)
        if (name := "Stop" if busy else "Denoise") != self.button.text():
            self.button.setText(name)
            self.button.setIcon(icon("stop" if busy else "sparkle", "on_accent"))
            self.button.setToolTip("Stop; what came stays (Escape)" if busy else "From noise to images, anew (D)")

    def _make_controls(self) -> None:
        self.button = QPushButton("Denoise")
        self.button.setProperty("primary", True)
        self.button.setIcon(icon("sparkle", "on_accent"))
        self.button.setToolTip("From noise to images, anew (D)")
        self.button.setFixedWidth(self.button.sizeHint().width() + 16)
        self.button.clicked.connect(self._press)
        self.noise = NoiseBar(self, _SIDES, 4)
        self.noise.changed.connect(self.denoise)
        self.bar, self.parts = WayBar(), ShownParts()
        self.bar.changed.connect(self.denoise)
        self.parts.changed.connect(self._show_parts)
        self.part = Segments(
            [("xₜ", "The strip shows the state", ""), ("x̂₀", "The strip shows the image seen in it", "")]
        )
        for number in range(2):
            self.part.button(number).setFont(slanted(self.part.button(number).font()))
        self.part.chosen.connect(lambda _: self._pick(self.stage.chosen))
        self.from_image = QToolButton()
        self.from_image.setIcon(icon("x"))
        self.from_image.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.from_image.setToolTip("Begin in nothing but noise again")
        self.from_image.setAccessibleName("Begin in noise")
        self.from_image.clicked.connect(self._from_noise)
        self.from_image.hide()
        self.denoise_action = local_action(self, "Denoise", "sparkle", "D", "From noise to images, anew", self.denoise)
        self.branch_action = local_action(
            self, "Branch", "git-branch", "B", "From the moment that is shown on with other noise", self.branch
        )
        self.remove_action = local_action(
            self, "Remove the branch", "trash", "Shift+Delete", "Take this branch away, with all that comes from it",
            self.remove_shown,
        )  # fmt: skip

    def _show_parts(self) -> None:
        self.stage.show_parts(self.parts.numbers())
        self._draw()

    def _lay_out(self) -> None:
        (self.branch_button,) = buttons_of(self.branch_action, texts=True)
        (self.remove_button,) = buttons_of(self.remove_action)
        self.parts.choose((0, 1))
        self._show_parts()
        top = Wrap()
        for part in (self.button, self.noise, self.from_image):
            top.addWidget(part)
        top.addStretch()
        top.addWidget(self.parts)
        along, below = QHBoxLayout(), QHBoxLayout()
        for row in (along, below):
            row.setSpacing(8)
        along.addWidget(self.time, 1)
        along.addWidget(self.branch_button)
        along.addWidget(self.remove_button)
        below.addLayout(beside := QVBoxLayout())
        beside.addSpacing((SIDE - self.part.sizeHint().height()) // 2)
        beside.addWidget(self.part)
        beside.addStretch(1)
        below.addWidget(self.area, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.stage, 1)
        column.addLayout(along)
        column.addLayout(below)
