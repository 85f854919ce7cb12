"""The restore panel: a real image is spoilt, by a dial or by hand, and the model draws what it was."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PySide6.QtGui import QAction, QUndoCommand
from PySide6.QtWidgets import QSpinBox

from genexplorer.core.abilities import Restores
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import amplified, psnr
from genexplorer.engine.restore import BARE, NOISE_NAMES, OpenImage, Picked, PickImage, Restore, Restored
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.damage_bar import DamageBar
from genexplorer.gui.images import ImageView
from genexplorer.gui.paint_view import PaintView
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session
from genexplorer.gui.side_by_side import SideBySide
from genexplorer.gui.wrap import Wrap, named

_NO_MODEL = "Train a denoising autoencoder, or open one in the Library, to spoil an image here and see it restored."
_GAIN = 2.0


@PANELS.register("restore")
class RestorePanel(Panel):
    """Every change of the image, the noise or the paint asks anew; what is painted is a step of the history."""

    title = "Restore"
    tab = 80
    needs = (Restores,)
    lesson: ClassVar[str] = (
        "A denoising autoencoder sees a spoilt image <i>x̃</i> ~ <i>q</i>(<i>x̃</i> | <i>x</i>) and was trained to draw "
        "the clean one: min E‖<i>g</i>(<i>f</i>(<i>x̃</i>)) − <i>x</i>‖². The best answer to that is the mean of all "
        "images that could have been spoilt into this one, E[<i>x</i> | <i>x̃</i>], and so it is soft where much is "
        "lost. For Gaussian noise of spread σ the step that it takes points to where images are likelier: "
        "(<i>x̂</i> − <i>x̃</i>) / σ² = ∇ log <i>p</i><sub>σ</sub>(<i>x̃</i>), which is what diffusion models build on. "
        "The errors are mean squared differences to the original, MSE, black 0 and white 1, and PSNR = "
        "10 log₁₀(1 / MSE) in decibels. Damage that the model never saw in training may stay."
        "<br><small>Vincent et al. 2008, “Extracting and Composing Robust Features with Denoising Autoencoders”; "
        "Vincent 2011; Alain &amp; Bengio 2014, “What Regularized Auto-Encoders Learn”, theorem 1.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._x: np.ndarray | None = None  # uint8 (C, H, W)
        self._paint = self._before = np.zeros((0, 0), np.uint8)
        self._z: np.ndarray | None = None
        self._seed = 0
        self.original, self.spoilt = ImageView(_NO_MODEL), PaintView("What is left of it")
        self.restored, self.difference = ImageView("What the model makes of that"), ImageView("Where it errs")
        self.spoilt.setToolTip("Choose a brush, then paint here; or move it by the arrow keys and dab with Space")
        for view in (self.original, self.spoilt):
            view.dropped.connect(self.open_picture)
        self.views = SideBySide(
            [
                ("Original", self.original),
                ("Spoilt", self.spoilt),
                ("Restored", self.restored),
                (f"Difference × {_GAIN:g}", self.difference),
            ]
        )
        self._make_controls()
        self.body.addWidget(self.damage)
        self.body.addWidget(self.views, 1)
        self.body.addLayout(foot := Wrap())
        foot.addStretch()
        for button in buttons_of(self.send_action, texts=True):
            foot.addWidget(button)
        self.spoilt.brushed.connect(self._brush)
        self.spoilt.stroke_began.connect(self._begin_stroke)
        self.spoilt.stroke_ended.connect(self._end_stroke)
        self._enable(False)

    def panel_actions(self) -> list[QAction]:
        return [self.again_action, self.clear_action, self.send_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None or (self._x is not None and self._x.shape != checkpoint.spec.shape):
            self._show(None)
        if checkpoint is None:
            return
        if self._x is None:
            self._pick(self.place.value())
        else:
            self._ask()

    def show_reply(self, query: Query, answer: Any) -> None:
        match answer:
            case Picked(x=x, place=place, count=count):
                if count:
                    self._place(place, count)
                self._show(x)
            case Restored():
                assert isinstance(query, Restore)
                self._z = answer.z
                self.send_action.setEnabled(answer.z is not None)
                self.spoilt.set_image(answer.spoilt)
                self.restored.set_image(answer.y)
                self.difference.set_image(amplified(query.x, answer.y, _GAIN))
                self.views.note(1, _error(answer.spoilt_mse))
                self.views.note(2, _error(answer.mse))

    def open_picture(self, path: Path) -> None:
        """Spoil a picture of one's own."""
        if self.session.checkpoint is None:
            self.session.failed.emit("There is no model yet to restore a picture; open a denoising run first.")
        else:
            self.ask(OpenImage(self.session.checkpoint, path))

    def again(self) -> None:
        """Other noise of the same kind."""
        self._seed += 1
        self._ask()

    def clear(self) -> None:
        self._begin_stroke()
        self._paint = np.zeros_like(self._paint)
        self._end_stroke("Clear the paint")

    def send(self) -> None:
        """Go on with the restored image's code at the sliders."""
        if self._z is not None:
            self.session.code.change("Restored image", self._z)

    def set_paint(self, paint: np.ndarray) -> None:
        """uint8 (H, W) of BARE … ORIGINAL; of another size than the image it is nothing."""
        if paint.shape == self._paint.shape:
            self._paint = paint
            self._ask()

    def _pick(self, place: int) -> None:
        if self.session.checkpoint is not None:
            self.ask(PickImage(self.session.checkpoint, self.session.store.cache, place))

    def _show(self, x: np.ndarray | None) -> None:
        """Another image; what was painted stays, where it is of the same size."""
        self._x = x
        shape = (0, 0) if x is None else (x.shape[-2], x.shape[-1])
        if self._paint.shape != shape:
            self._paint = np.zeros(shape, np.uint8)
        self.original.set_image(x)
        self._enable(x is not None)
        if x is None:
            for view in (self.spoilt, self.restored, self.difference):
                view.set_image(None)
            for number in range(4):
                self.views.note(number, "")
        else:
            self._ask()

    def _ask(self) -> None:
        if self.session.checkpoint is not None and self._x is not None:
            noise, strength = NOISE_NAMES[self.damage.noise.currentIndex()], self.damage.strength.value()
            self.ask(Restore(self.session.checkpoint, self._x, noise, strength, self._seed, self._paint.copy()))

    def _brush(self, covered: np.ndarray) -> None:
        self._paint = np.where(covered, np.uint8(self.damage.kind), self._paint)
        self._ask()

    def _begin_stroke(self) -> None:
        self._before = self._paint

    def _end_stroke(self, text: str = "") -> None:
        if not np.array_equal(self._before, self._paint):
            self.session.code.history.push(_Painted(self, text or self.damage.does, self._before, self._paint))

    def _take_brush(self) -> None:
        self.spoilt.set_painting(self.damage.kind != BARE)
        self.spoilt.set_radius(self.damage.radius.value())

    def _place(self, place: int, count: int) -> None:
        self.place.blockSignals(True)
        self.place.setRange(-1, count)  # one beyond either end: places go around
        self.place.setValue(place)
        self.place.blockSignals(False)

    def _make_controls(self) -> None:
        self.again_action = local_action(self, "Other noise", "dice-five", "R", "Other noise of this kind", self.again)
        self.clear_action = local_action(self, "Clear the paint", "eraser", "0", "Take all paint off", self.clear)
        self.send_action = local_action(
            self, "To the sliders", "sliders-horizontal", "Ctrl+Return", "Go on with its code at the sliders", self.send
        )
        self.place = QSpinBox(prefix="№ ")
        self.place.setKeyboardTracking(False)
        self.place.setToolTip("Which image of the test set is spoilt; drop a picture of your own instead")
        self.place.setAccessibleName("Test image")
        self.place.valueChanged.connect(self._pick)
        again, clear = buttons_of(self.again_action, self.clear_action)
        self.damage = DamageBar(named("Image", self.place), again, clear)
        self.damage.changed.connect(self._ask)
        self.damage.brush_changed.connect(self._take_brush)

    def _enable(self, on: bool) -> None:
        self.damage.setEnabled(on)
        for action in (self.again_action, self.clear_action):
            action.setEnabled(on)
        self.send_action.setEnabled(on and self._z is not None)


class _Painted(QUndoCommand):
    """One stroke."""

    def __init__(self, panel: RestorePanel, text: str, before: np.ndarray, after: np.ndarray) -> None:
        super().__init__(text)
        self._panel, self._before, self._after, self._done = panel, before, after, True

    def undo(self) -> None:
        self._done = False
        self._panel.set_paint(self._before)

    def redo(self) -> None:
        if not self._done:
            self._panel.set_paint(self._after)


def _error(mse: float) -> str:
    return f"MSE {mse:.4f} · {psnr(mse):.1f} dB" if mse > 0 else "MSE 0"
