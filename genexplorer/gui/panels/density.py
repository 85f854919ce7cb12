"""The density panel: how probable a model finds an image, beside another one, and among whole sets of images."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from genexplorer.core.abilities import Scores
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.density import MOST, Drawn, Given, Judge, Judged, Numbered, Opened, Source
from genexplorer.engine.query import Query
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.bound_curve import BoundCurve
from genexplorer.gui.column_area import ColumnArea, Squeezed
from genexplorer.gui.density_table import DensityTable
from genexplorer.gui.density_words import doubtful, likelier
from genexplorer.gui.freshness import Freshness, Kept
from genexplorer.gui.judged_image import JudgedImage
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session
from genexplorer.gui.survey_view import SurveyView
from genexplorer.gui.wrap import Wrap, named

_NO_MODEL = "Open a variational autoencoder to see how probable it finds an image."
_SECOND = "Drop a second picture here to compare p(x₁) with p(x₂)."


@PANELS.register("density")
class DensityPanel(Panel):
    """Asks anew whenever an image, the number of draws or the code changes, and while it is seen only.

    Scores of two checkpoints are not comparable: all that is shown is one's, until the person asks for a later one.
    """

    title = "Density"
    tab = 60
    needs = (Scores,)
    lesson: ClassVar[str] = (
        "How probable is an image? <i>p</i>(<i>x</i>) = ∫ <i>p</i>(<i>x</i> | <i>z</i>) <i>p</i>(<i>z</i>) d<i>z</i> "
        "cannot be computed, but bounded: with <i>K</i> codes <i>z<sub>k</sub></i> ~ <i>q</i>(<i>z</i> | <i>x</i>) and "
        "weights <i>w<sub>k</sub></i> = <i>p</i>(<i>x</i>, <i>z<sub>k</sub></i>) / <i>q</i>(<i>z<sub>k</sub></i> | "
        "<i>x</i>), <i>L<sub>K</sub></i> = E log (1/<i>K</i>) Σ <i>w<sub>k</sub></i> ≤ log <i>p</i>(<i>x</i>), rising "
        "to it with <i>K</i>. <i>L</i><sub>1</sub> is the ELBO = E log <i>p</i>(<i>x</i> | <i>z</i>) − "
        "KL(<i>q</i> ‖ <i>p</i>); what it lacks is KL(<i>q</i>(<i>z</i> | <i>x</i>) ‖ <i>p</i>(<i>z</i> | <i>x</i>)). "
        "± is one standard error of the mean weight, carried through the logarithm; where few draws count it is too "
        "small. Bits per dimension: −log <i>p</i>(<i>x</i>) / (<i>D</i> log 2). With a Gaussian likelihood <i>p</i> is "
        "a density of pixels in [−1, 1], which may exceed 1; log <i>p</i> may be above 0 and bits below. "
        "AUROC is the probability that a test image is likelier than one of the other set. It need not be high: "
        "simple images, flat ones first, can be likelier than what a model learnt from, for a density is high "
        "wherever pixels are easy to predict."
        "<br><small>Burda, Grosse &amp; Salakhutdinov 2016, “Importance Weighted Autoencoders”, eq. 8 and theorem 1; "
        "Kingma &amp; Welling 2014, “Auto-Encoding Variational Bayes”, eq. 3; Kong 1992; Nalisnick et al. 2019, “Do "
        "Deep Generative Models Know What They Don’t Know?”; DeLong et al. 1988.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._sources: list[Source] = []
        self._judged: tuple[tuple[Source, ...], Judged] | None = None  # what was answered last, and of which
        self._asked: Judge | None = None
        self._stale = False
        self._seed = 0
        self.kept, self.status = Kept(session), Freshness()
        self.first = JudgedImage(self, "x₁", _NO_MODEL, "", False)
        self.second = JudgedImage(self, "x₂", _SECOND, "Shift+", True)
        self.table, self.curve, self.verdict = DensityTable(), BoundCurve(), QLabel(wordWrap=True)
        self.verdict.setTextFormat(Qt.TextFormat.RichText)
        self.survey = SurveyView(session)
        self._make_controls()
        self._connect()
        top = QHBoxLayout()
        top.setSpacing(16)
        for image in (self.first, self.second):
            top.addWidget(image, 2)
        top.addWidget(self._numbers(), 4)
        column = QVBoxLayout(whole := Squeezed())
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top, 4)
        column.addWidget(self.verdict)
        column.addWidget(self.survey, 5)
        self.body.addWidget(ColumnArea(whole), 1)
        self.body.addWidget(self.status)
        self._clear()

    def panel_actions(self) -> list[QAction]:
        return [
            *(self.again_action, self.first.open_action, self.first.code_action),
            *(self.second.open_action, self.second.code_action, self.second.clear_action),
        ]

    def open(self, checkpoint: Checkpoint | None) -> None:
        if self.kept.open(checkpoint):
            self._rest()
            return
        shown = self._judged[1].images[0].shape if self._judged else None
        if checkpoint is None or (shown is not None and shown != checkpoint.spec.shape):
            self._clear()
        self._rest()
        if checkpoint is None:
            return
        fits = [s for s in self._sources if not isinstance(s, Drawn) or len(s.z) == checkpoint.latent_dim]
        self._sources = fits or [Numbered(0)]
        for view in (self.first, self.second):
            view.set_enabled(True)  # a photo can be judged even where no test images are
        self._asked = None
        self._begin()

    def show_reply(self, query: Query, answer: Any) -> None:
        assert isinstance(query, Judge) and isinstance(answer, Judged)
        if not answer.densities and self._judged is not None and len(self._judged[1].images) == len(answer.images):
            kept = self._judged[1]  # the numbers before stay until the first new ones are there
            answer = replace(answer, densities=kept.densities, gap=kept.gap)
        self._judged = (query.sources, answer)
        self._show(query.sources, answer)

    def complain(self, sentence: str) -> None:
        """What could not be opened is not held on to."""
        super().complain(sentence)
        if self._judged is not None:
            self._sources = list(self._judged[0])

    def awaits(self, query: Query) -> bool:
        return query is self._asked

    def shut(self) -> None:
        self.survey.shut()
        super().shut()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()
        if self._stale:
            self._ask()

    def judge(self, source: Source, number: int = 0) -> None:
        """Take another image as x₁ (0) or x₂ (1)."""
        if self.session.checkpoint is None:
            self.session.failed.emit("There is no model yet that could judge a picture; open a run first.")
            return
        self._sources[number : number + 1] = [source]
        self._ask()

    def again(self) -> None:
        """Other draws."""
        self._seed += 1
        self._ask()

    def remove_second(self) -> None:
        if len(self._sources) > 1:
            del self._sources[1]
            self.second.show_image(None, -1, 0, "")
            self._ask()

    def _begin(self) -> None:
        """Judge by the checkpoint that waits once it is seen."""
        if self.isVisible() and self.kept.take() and self.kept.of is not None:
            self._ask()
            self.survey.open(self.kept.of)
            self._rest()

    def _renew(self) -> None:
        self.kept.renew()
        self._begin()

    def _rest(self) -> None:
        """Say which checkpoint's numbers these are."""
        told = f"Probabilities {self.kept.step()}" if self.kept.of is not None else ""
        self.status.rest(told, self.kept.offer(), "Judge and survey anew, with the newest checkpoint")

    def _ask(self) -> None:
        checkpoint = self.kept.of
        self._stale = not self.isVisible()
        if checkpoint is not None and self._sources and not self._stale:
            sources, cache = tuple(self._sources), self.session.store.cache
            self._asked = Judge(checkpoint, cache, sources, self.draws.value(), self._seed)
            self.ask(self._asked)

    def _follow(self, z: np.ndarray) -> None:
        """The code in hand has moved."""
        if any(isinstance(source, Drawn) for source in self._sources) and len(z):
            self._sources = [Drawn(z.copy()) if isinstance(source, Drawn) else source for source in self._sources]
            self._ask()

    def _show(self, sources: tuple[Source, ...], judged: Judged) -> None:
        for view, source, pixels, place in zip(
            (self.first, self.second), sources, judged.images, judged.places, strict=False
        ):
            view.show_image(pixels, place, judged.count, _origin(source))
        self.second.set_enabled(True)
        self.again_action.setEnabled(True)
        self.table.show_densities(judged.densities, len(judged.images))
        curves = [density.bounds for density in judged.densities]
        only = "With labels in its code, this model tells its ELBO alone." if judged.densities else ""
        self.curve.set_curves(curves, only)
        weighed = bool(judged.densities and judged.densities[0].bounds)
        told = [likelier(judged.gap, "log p" if weighed else "ELBO")] if judged.gap is not None else []
        self.verdict.setText(" ".join([*told, doubtful(judged.densities)]))
        self.verdict.setVisible(len(judged.images) > 1 or bool(self.verdict.text()))
        self.survey.set_densities(judged.densities)

    def _clear(self) -> None:
        self._sources, self._judged, self._asked = [], None, None
        for view in (self.first, self.second):
            view.show_image(None, -1, 0, "")
            view.set_enabled(False)
        self.table.show_densities((), 1)
        self.curve.set_curves((), "The bound over the number of draws")
        self.verdict.hide()
        self.again_action.setEnabled(False)
        self.survey.clear()

    def _make_controls(self) -> None:
        self.draws = QSpinBox()
        self.draws.setRange(1, MOST)
        self.draws.setValue(500)
        self.draws.setGroupSeparatorShown(True)
        self.draws.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        self.draws.setKeyboardTracking(False)
        self.draws.setAccessibleName("Draws K")
        self.draws.setToolTip(
            f"K, how many codes are drawn for each image, up to {MOST:,}: more are slower and sharper"
        )
        self.draws.valueChanged.connect(lambda _: self._ask())
        self.again_action = local_action(
            self, "Other draws", "dice-five", "R", "Draw other codes, to see how far chance goes", self.again
        )

    def _connect(self) -> None:
        for number, image in enumerate((self.first, self.second)):
            image.chosen.connect(lambda source, number=number: self.judge(source, number))
            image.code_asked.connect(lambda number=number: self.judge(Drawn(self.session.code.z.copy()), number))
        self.second.cleared.connect(self.remove_second)
        self.survey.chosen.connect(self.judge)
        self.survey.failed.connect(super().complain)
        self.session.code.changed.connect(self._follow)
        self.status.offered.connect(self._renew)

    def _numbers(self) -> QWidget:
        numbers = QWidget()
        column = QVBoxLayout(numbers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = Wrap()
        row.addWidget(named("Draws K", self.draws))
        for button in buttons_of(self.again_action):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.table)
        column.addWidget(self.curve, 1)
        return numbers


def _origin(source: Source) -> str:
    match source:
        case Opened(path):
            return path.name
        case Drawn():
            return "The code's picture"
        case Given():
            return "Of the other set"
        case _:
            return "Test image"
