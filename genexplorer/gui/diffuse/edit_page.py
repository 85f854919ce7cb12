"""An image of which something is taken, by hand or by a dial, and made anew by a model that never learnt to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QResizeEvent, QShowEvent, QUndoCommand
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton, QSpinBox, QVBoxLayout

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.denoise import Frame, Way, usual_way
from genexplorer.engine.halt import Halt
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import amplified
from genexplorer.engine.repair import Compare, Damaged, Repair, Repaired
from genexplorer.engine.restore import OpenImage, Picked, PickImage
from genexplorer.gui import theme
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.icons import icon
from genexplorer.gui.images import SUFFIXES, ImageView, Pixels
from genexplorer.gui.paint_view import PaintView
from genexplorer.gui.session import Session
from genexplorer.gui.side_by_side import SideBySide
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import Wrap, named, together

from .masks import READY, masked
from .noise_bar import dice, seed_box
from .page import Page
from .result_cards import ResultCards, Score
from .task_bar import TaskBar
from .trajectory import tiled
from .way_bar import WayBar

_EMPTY = "Train a diffusion model, or open one in the Library, to have parts of images made anew here."
_NO_IMAGE = "Drop a picture here, or open one (O)"
_GAIN = 2.0
_WAY = Way("ddpm", 20)
"""Its noise on the way lets what is made fit what is known: nearer to the truth than Heun or DDIM by as many calls."""
_MOST = 4
_LOW = 400  # pixels of the page, in which only the chosen result is shown
_KEPT = 200  # frames of a film
_FPS, _HOLD_S = 10.0, 1.0


@dataclass(frozen=True, eq=False)
class _Held:
    """What is edited: the image, uint8 (C, H, W), what is hidden of it, bool (H, W), and where it comes from."""

    x: Pixels
    hidden: np.ndarray
    origin: str = ""


class EditPage(Page):
    """Every change asks anew; what is painted, and what is taken as the image, is a step of the history."""

    title = "Edit"
    lesson = (
        "Something is taken of an image <i>x</i> and only <i>y</i> = <i>Ax</i> is left of it: the pixels that are not "
        "hidden, the means of squares, the mean of the colours, or a blur. The model learnt none of that; it draws an "
        "image of which the same is left. At each step the image that it sees is made to agree with what is known, "
        "<i>x̂</i><sub>0</sub> + <i>A</i>⁺(<i>y</i> − <i>Ax̂</i><sub>0</sub>), with the pseudo-inverse <i>A</i>⁺: then "
        "<i>A</i> of it is <i>y</i>, and what <i>A</i> cannot see, its null space, is left to the model (DDNM). Any "
        "sampler goes on from there. <b>RePaint</b> has the model’s step for what is hidden, and for what is known "
        "√ᾱ <i>x</i><sub>0</sub> + √(1 − ᾱ) ε, which is drawn without regard to what was made; so noise is put over "
        "both again, and the same part of the way gone in turns, until they agree."
        "<br>Other noise gives another image that may have been the true one, so the errors tell how near a guess is, "
        "not how good: PSNR = 10 log₁₀(1 / MSE) in decibels, black 0 and white 1. SSIM compares means μ, variances σ² "
        "and covariance in each window of 11 pixels, (2μ<sub>x</sub>μ<sub>y</sub> + c₁)(2σ<sub>xy</sub> + c₂) / "
        "((μ<sub>x</sub>² + μ<sub>y</sub>² + c₁)(σ<sub>x</sub>² + σ<sub>y</sub>² + c₂)) with c₁ = 0.01² and "
        "c₂ = 0.03², and takes the mean. The distance is ‖φ(<i>x̂</i>) − φ(<i>x</i>)‖ of the features φ by which "
        "samples are judged."
        "<br><small>Wang, Yu &amp; Zhang 2023, “Zero-Shot Image Restoration Using Denoising Diffusion Null-Space "
        "Model”, equation 13; Lugmayr et al. 2022, “RePaint: Inpainting using Denoising Diffusion Probabilistic "
        "Models”, algorithm 1; Wang et al. 2004, “Image Quality Assessment: From Error Visibility to Structural "
        "Similarity”, equation 13.</small>"
    )
    sent = Signal(object)  # an image, uint8 (C, H, W), to put noise over

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.held: _Held | None = None
        self.working: Repair | None = None
        self.made: Pixels | None = None  # (N, C, H, W): the results, or how they are seen so far
        self._of: Checkpoint | None = None
        self._before: _Held | None = None  # as it was when the stroke began
        self._picking: Query | None = None
        self._comparing: Compare | None = None
        self._left: Pixels | None = None
        self._frames: list[Pixels] = []
        self._scores: list[Score] = []
        self._done = False  # whether `made` are results
        self.original, self.damaged = ImageView(_EMPTY), PaintView("What is left of it")
        self.result, self.difference = ImageView("What the model makes of that"), ImageView("Where it errs")
        self.views = SideBySide(
            [
                ("Original", self.original),
                ("What is left", self.damaged),
                ("Result", self.result),
                (f"Difference × {_GAIN:g}", self.difference),
            ]
        )
        self.cards = ResultCards()
        self.work = WorkBar("Stop; distances are not told then")
        self._make_controls()
        self._lay_out()
        self.original.setToolTip("The true image; drop a picture of your own here")
        self.damaged.setToolTip("Paint here with the brush; or move it by the arrow keys and dab with Space")
        self.result.setToolTip("The result that is chosen below; the wheel zooms all four")
        self.difference.setToolTip("The result less the original, around grey")
        for view in (self.original, self.damaged, self.result, self.difference):
            view.dropped.connect(self.open_picture)
            view.failed.connect(session.failed)
        self.damaged.brushed.connect(self._brush)
        self.damaged.stroke_began.connect(self._begin_stroke)
        self.damaged.stroke_ended.connect(self._end_stroke)
        self.cards.chosen.connect(lambda _: self._draw())
        self.work.cancelled.connect(self._stop_comparing)
        self._enable()

    def page_actions(self) -> list[QAction]:
        return [
            self.repair_action, self.again_action, self.open_action, *self.tasks.actions_of_mask(), self.take_action,
            self.send_action,
        ]  # fmt: skip

    def open(self, checkpoint: Checkpoint | None) -> None:
        """A later one of the same run is taken by what changes next; what is shown stays."""
        before, self._of = self._of, checkpoint
        if checkpoint is not None and before is not None and checkpoint.path.parent == before.path.parent:
            return
        self._picking = None
        self._halt()
        self._hold(None)
        self.original.empty = _EMPTY if checkpoint is None else _NO_IMAGE
        self.bar.follow(checkpoint)
        if checkpoint is not None:
            self.bar.set_way(replace(usual_way(checkpoint), sampler=_WAY.sampler, steps=_WAY.steps))
            self.tasks.offer(checkpoint.spec)
            if self.isVisible():
                self._pick(self.place.value())
        self._enable()

    def awaits(self, query: Query) -> bool:
        return query is self.working or query is self._picking or query is self._comparing

    def show_reply(self, query: Query, answer: Any) -> None:
        match answer:
            case Picked(x=x, place=place, count=count):
                self._picking = None
                if count:
                    self._place(place, count)
                self._show_picked(x, "" if count else "your picture")
            case Damaged():
                self._show_damaged(answer)
            case Frame():
                self._take_frame(answer)
            case Repaired():
                self._take_results(answer)
            case Progress():
                self.work.tell(answer if answer.total > _MOST + 1 else None)
            case np.ndarray():
                self.work.tell(None)
                self._comparing = None
                self._scores = [
                    replace(score, distance=float(far)) for score, far in zip(self._scores, answer, strict=True)
                ]
                self.cards.show_scores(self._scores)

    def fail(self) -> None:
        """A picture that cannot be read changes nothing of what is being made."""
        if self._picking is not None:
            self._picking = None
        else:
            self._halt()

    def repair(self) -> None:
        """Anew, as the controls say; where nothing is hidden there is nothing to make."""
        self._comparing = None
        self.work.tell(None)
        if self._of is None or self.held is None:
            return
        damage, hidden = self.tasks.damage(), self.held.hidden
        if damage.task == "paint" and not hidden.any():
            self._halt()
            self._forget_results("Hide what is to be made anew: paint on what is left, or choose a ready mask")
            return
        num, seed, turns = self.count.currentIndex() + 1, self.seed.value(), self.tasks.turns.value()
        self.working = Repair(self._of, self.held.x, damage, self.bar.way(), hidden, num, seed, turns)
        self.asked.emit(self.working)
        self._enable()

    def stop(self) -> None:
        """What is seen so far stays."""
        if self.working is not None:
            self._halt()

    def take(self) -> None:
        """Go on with the chosen result as the image, nothing of which is hidden."""
        if self.held is not None and self.made is not None and self._done:
            x = self.made[self.cards.current].copy()
            self._change("Take the result", _Held(x, np.zeros_like(self.held.hidden), "edited"))

    def send(self) -> None:
        if self.made is not None and self._done:
            self.sent.emit(self.made[self.cards.current].copy())

    def open_picture(self, path: Path) -> None:
        if self._of is None:
            self.session.failed.emit("There is no model yet to edit a picture; open a diffusion run first.")
        else:
            self._picking = OpenImage(self._of, path)
            self.asked.emit(self._picking)

    def restore(self, held: _Held) -> None:
        """What was held once, where it is still of the model's form."""
        if self._of is not None and held.x.shape == self._of.spec.shape:
            self._hold(held)

    def film(self) -> tuple[Pixels, float] | None:
        if not self._done or not self._frames:
            return None
        ground = QColor(theme.colors().base)
        pictures = [tiled(frame, (ground.red(), ground.green(), ground.blue())) for frame in self._frames]
        return np.stack([*pictures, *[pictures[-1]] * round(_HOLD_S * _FPS)]), _FPS

    def still(self) -> Pixels | None:
        if self.held is None or self.made is None or self._left is None or not self._done:
            return None
        return np.concatenate([self.held.x, self._left, self.made[self.cards.current]], -1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._of is not None and self.held is None:
            self._pick(self.place.value())
        elif broken_off := self.working or self._comparing:
            self.asked.emit(broken_off)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = event.size().height()
        self.cards.set_height(height // 8)
        self.cards.setVisible(height > _LOW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = event.key() - Qt.Key.Key_1
        if event.key() == Qt.Key.Key_Escape and self.working is not None:
            self.stop()
        elif 0 <= number < _MOST:
            self.cards.choose(number)
        else:
            super().keyPressEvent(event)

    def _pick(self, place: int) -> None:
        if self._of is not None:
            self._picking = PickImage(self._of, self.session.store.cache, place)
            self.asked.emit(self._picking)

    def _show_picked(self, x: Pixels, origin: str) -> None:
        """The mask stays, where there is one: the same is hidden of image after image."""
        hidden = self.held.hidden if self.held is not None else READY[0][2](*x.shape[1:])
        self._hold(_Held(x, hidden, origin))

    def _hold(self, held: _Held | None) -> None:
        self.held = held
        self.original.set_image(None if held is None else held.x)
        self.views.note(0, "" if held is None else held.origin)
        if held is None:
            self._show_left(None)
            self._forget_results("What the model makes of that")
        else:
            self._show_mask()
            self.repair()
        self._enable()

    def _show_mask(self) -> None:
        """At once: no model is asked for it."""
        if self.held is not None and self.tasks.task() == "paint":
            self._show_left(masked(self.held.x, self.held.hidden), f"{self.held.hidden.mean():.0%} hidden")

    def _show_damaged(self, damaged: Damaged) -> None:
        if self.tasks.task() != "paint":
            self._show_left(damaged.x, f"{damaged.psnr:.1f} dB · SSIM {damaged.ssim:.3f}")

    def _show_left(self, left: Pixels | None, note: str = "") -> None:
        self._left = left
        self.damaged.set_image(left)
        self.views.note(1, note)

    def _take_frame(self, frame: Frame) -> None:
        if frame.number == 0:
            self._frames, self._done, self._scores = [], False, []
        if frame.number % (frame.count // _KEPT + 1) == 0 or frame.number == frame.count:
            self._frames.append(frame.x0)
        self.made = frame.x0
        self.cards.show_images(frame.x0)
        self._draw()
        self.views.note(2, f"step {frame.number} of {frame.count}")

    def _take_results(self, repaired: Repaired) -> None:
        assert self._of is not None and self.held is not None and self.working is not None
        of, true, self.working, self._done = self.working.checkpoint, self.working.x, None, True
        self._scores = [Score(*each) for each in zip(repaired.psnr.tolist(), repaired.ssim.tolist(), strict=True)]
        self.cards.show_scores(self._scores)
        self._draw()
        self._enable()
        self._comparing = Compare(of, self.session.store.cache, repaired.x, true)
        self.asked.emit(self._comparing)

    def _draw(self) -> None:
        """The chosen result."""
        if self.made is None or self.held is None:
            return
        now = min(self.cards.current, len(self.made) - 1)
        self.result.set_image(self.made[now])
        self.difference.set_image(amplified(self.held.x, self.made[now], _GAIN))
        if self._scores:
            self.views.note(2, f"{self._scores[now].psnr:.1f} dB · SSIM {self._scores[now].ssim:.3f}")

    def _forget_results(self, why: str) -> None:
        self.made, self._done, self._scores, self._frames = None, False, [], []
        self.result.empty = why
        self.cards.show_images(None)
        for number, view in ((2, self.result), (3, self.difference)):
            view.set_image(None)
            self.views.note(number, "")
        self._enable()

    def _halt(self) -> None:
        if self.working is not None:
            self.asked.emit(Halt(self.working.checkpoint))
        self.working = self._comparing = None
        self.work.tell(None)
        self._enable()

    def _stop_comparing(self) -> None:
        if self._comparing is not None:
            self.asked.emit(Halt(self._comparing.checkpoint))
        self._comparing = None
        self.work.tell(None)

    def _press(self) -> None:
        self.stop() if self.working is not None else self.repair()

    def _change(self, text: str, held: _Held) -> None:
        """A step of the history."""
        if self.held is not None:
            self.session.code.history.push(_Step(self, text, self.held, held))

    def _make_mask(self, text: str, make: Callable[[np.ndarray], np.ndarray]) -> None:
        if self.held is not None:
            hidden = make(self.held.hidden)
            if not np.array_equal(hidden, self.held.hidden):
                self._change(text, replace(self.held, hidden=hidden))

    def _brush(self, covered: np.ndarray) -> None:
        if self.held is not None:
            hides = self.tasks.brush() == 1
            self.held = replace(self.held, hidden=self.held.hidden | covered if hides else self.held.hidden & ~covered)
            self._show_mask()

    def _begin_stroke(self) -> None:
        self._before = self.held

    def _end_stroke(self) -> None:
        before, after = self._before, self.held
        if before is not None and after is not None and not np.array_equal(before.hidden, after.hidden):
            self.held = before
            self._change("Hide" if self.tasks.brush() == 1 else "Show", after)

    def _take_brush(self) -> None:
        self.damaged.set_painting(self.tasks.task() == "paint" and self.tasks.brush() > 0)
        self.damaged.set_radius(self.tasks.radius.value())

    def _change_task(self) -> None:
        self._show_mask()
        self._enable()
        self.repair()

    def _open_file(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Open a picture", "", f"Pictures ({kinds})")
        if name:
            self.open_picture(Path(name))

    def _place(self, place: int, count: int) -> None:
        self.place.blockSignals(True)
        self.place.setRange(-1, count)  # one beyond either end: places go around
        self.place.setValue(place)
        self.place.blockSignals(False)

    def _enable(self) -> None:
        on, busy = self.held is not None, self.working is not None
        for part in (self.tasks, self.seed, self.count, self.bar, self.button):
            part.setEnabled(on)
        self.bar.sampler.setEnabled(not self.tasks.by_repaint())
        for action in (self.repair_action, self.again_action):
            action.setEnabled(on)
        self.open_action.setEnabled(self._of is not None)
        for action in (self.take_action, self.send_action):
            action.setEnabled(self._done)
        if (name := "Stop" if busy else "Repair") != self.button.text():
            self.button.setText(name)
            self.button.setIcon(icon("stop" if busy else "sparkle", "on_accent"))
            self.button.setToolTip("Stop; what is seen so far stays (Escape)" if busy else "Make it anew (D)")

    def _make_controls(self) -> None:
        self.button = QPushButton("Repair")
        self.button.setProperty("primary", True)
        self.button.setIcon(icon("sparkle", "on_accent"))
        self.button.setToolTip("Make it anew (D)")
        self.button.setFixedWidth(self.button.sizeHint().width() + 16)
        self.button.clicked.connect(self._press)
        self.place = QSpinBox(prefix="№ ")
        self.place.setKeyboardTracking(False)
        self.place.setAccessibleName("Test image")
        self.place.setToolTip("Which image of the test set; drop a picture of your own instead")
        self.place.valueChanged.connect(self._pick)
        self.open_action = local_action(
            self, "Open a picture", "folder-open", "O", "Edit a picture of your own", self._open_file
        )
        self.tasks = TaskBar(self, together(named("Image", self.place), *buttons_of(self.open_action)))
        self.tasks.changed.connect(self._change_task)
        self.tasks.brush_changed.connect(self._take_brush)
        self.tasks.mask_wanted.connect(self._make_mask)
        self.seed = seed_box()
        self.seed.setToolTip("Of the first result's noise; each next one has the next number")
        self.seed.valueChanged.connect(self.repair)
        self.again_action = dice(self, self.seed)
        self.count = QComboBox()
        self.count.addItems([str(n) for n in range(1, _MOST + 1)])
        self.count.setCurrentIndex(_MOST - 1)
        self.count.setAccessibleName("Results")
        self.count.setToolTip("How many results are made at once, each from other noise")
        self.count.currentIndexChanged.connect(self.repair)
        self.bar = WayBar(self.tasks.repainting)
        self.bar.changed.connect(self.repair)
        self.repair_action = local_action(self, "Repair", "sparkle", "D", "Make it anew", self.repair)
        self.take_action = local_action(
            self, "Take as image", "arrow-bend-up-left", "Ctrl+Return", "Go on with the chosen result as the image",
            self.take,
        )  # fmt: skip
        self.send_action = local_action(
            self, "Vary", "shuffle", "V", "Put noise over the chosen result, and make variations of it", self.send
        )

    def _lay_out(self) -> None:
        (again,) = buttons_of(self.again_action)
        made = Wrap()
        for part in (
            self.button,
            together(named("Seed", self.seed), again),
            named("Results", self.count),
        ):
            made.addWidget(part)
        made.addStretch()
        for button in buttons_of(self.send_action, self.take_action, texts=True):
            made.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.tasks)
        column.addLayout(made)
        column.addWidget(self.bar)
        column.addWidget(self.views, 1)
        column.addWidget(self.cards)
        column.addWidget(self.work)


class _Step(QUndoCommand):
    """From what was held to what is."""

    def __init__(self, page: EditPage, text: str, before: _Held, after: _Held) -> None:
        super().__init__(text)
        self._page, self._before, self._after = page, before, after

    def undo(self) -> None:
        self._page.restore(self._before)

    def redo(self) -> None:
        self._page.restore(self._after)
