"""The representation panel: what a code knows of the labels, number by number, and what few labels teach."""

from typing import Any, ClassVar

from PySide6.QtGui import QAction, QShowEvent

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.explore import Describe, Dimensions
from genexplorer.engine.query import Query
from genexplorer.engine.representation import AgainstPCA, Disentangled, Knowledge
from genexplorer.engine.strips import Strips
from genexplorer.gui.freshness import Freshness
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.represent.factors import Factors
from genexplorer.gui.represent.few import Few
from genexplorer.gui.represent.knows import Knows
from genexplorer.gui.represent.measuring import Measuring
from genexplorer.gui.session import Session
from genexplorer.gui.tabs import Tabs
from genexplorer.gui.traversal import Traversal

_NO_MODEL = "Open a run in the Library, or train one, to see here what its code knows."
_NO_LABELS = (
    "Nothing is told of these images, so nobody can say what the code knows of them. Put each class into a folder of "
    "its own, or an attributes.csv beside the images, with a row for each image and a column for each attribute; then "
    "train again."
)
_ONE_LABEL = (
    "This needs two labels at least, to see whether each has a dimension of its own. Put an attributes.csv beside the "
    "images, or train on shapes, whose factors are all known."
)


@PANELS.register("representation")
class RepresentationPanel(Panel):
    """Measures when it is first seen, with `evaluate`'s own metrics; a newer checkpoint is only offered."""

    title = "Representation"
    tab = 70
    needs = (Encodes,)
    lesson: ClassVar[str] = (
        "<b>A probe</b> is a linear rule that reads a label from a code <i>z</i>: logistic regression "
        "<i>p</i>(<i>k</i>&nbsp;|&nbsp;<i>z</i>) ∝ exp(<i>w<sub>k</sub></i>ᵀ<i>z</i> + <i>b<sub>k</sub></i>) of kinds, "
        "judged by the share right on test images, and ridge regression of numbers, judged by R² = 1 − "
        "Σ(<i>v</i> − <i>v̂</i>)²/Σ(<i>v</i> − <i>v̄</i>)². What it reads lies open in the code; what it misses may be "
        "there, but folded. Beside it: the same from as many principal components, and from pixels. The dotted line is "
        "what guessing the commonest kind reaches. <b>Few labels</b>: the same rule learnt from 10, 100 and 1,000 "
        "labelled images.<br>"
        "<b>Dimension by dimension</b>: the cells are <i>I</i>(<i>v</i>; <i>z<sub>d</sub></i>)/<i>H</i>(<i>v</i>), the "
        "share of a factor's entropy that one number of the code tells, in 20 bins. <b>MIG</b> = mean over factors of "
        "(<i>I</i> of the best dimension − <i>I</i> of the second)/<i>H</i>(<i>v</i>). <b>DCI</b>, from the "
        "importances <i>R<sub>fd</sub></i> of random forests: disentanglement <i>D<sub>d</sub></i> = 1 − "
        "<i>H</i>(<i>R<sub>·d</sub></i>/Σ<sub>f</sub><i>R<sub>fd</sub></i>)/ln <i>F</i>, completeness "
        "<i>C<sub>f</sub></i> = 1 − <i>H</i>(<i>R<sub>f·</sub></i>)/ln <i>D</i>, and informativeness, how well the "
        "forests tell the factors of test images. <b>SAP</b>: the gap between the two dimensions that tell a factor "
        "best, each alone. A hue, or whatever else goes around a circle, is told as its cosine and sine; a code that "
        "holds it whole needs two dimensions, so that MIG and SAP stay low for it.<br>"
        "<b>Redrawn beside PCA</b>: ‖<i>x</i> − <i>g</i>(<i>f</i>(<i>x</i>))‖² per pixel beside that of "
        "<i>x̄</i> + <i>W</i>ᵀ<i>W</i>(<i>x</i> − <i>x̄</i>), which no linear code of the same size beats."
        "<br><small>Alain &amp; Bengio 2016, “Understanding intermediate layers using linear classifier probes”. Chen "
        "et al. 2018, “Isolating Sources of Disentanglement in Variational Autoencoders”, equation 6. Eastwood &amp; "
        "Williams 2018, “A Framework for the Quantitative Evaluation of Disentangled Representations”, section 2. "
        "Kumar et al. 2018, “Variational Inference of Disentangled Latent Concepts from Unlabeled Observations”, "
        "section 3. Pearson 1901.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.measuring, self.status = Measuring(session, self), Freshness()
        self.traversal = Traversal(session, self.ask, self)
        self.knows, self.factors, self.few = Knows(), Factors(self.traversal), Few()
        self.pages = (self.knows, self.factors, self.few)
        self.tabs = Tabs({page.title: page for page in self.pages})
        self.body.addWidget(self.tabs, 1)
        self.body.addWidget(self.status)
        self.addAction(self.traversal.send_action)
        self.knows.dimension_chosen.connect(session.dimension_wanted)
        self.status.cancelled.connect(self._cancel)
        self.status.offered.connect(self._accept)
        self.measuring.begun.connect(self._begin)
        self.measuring.found.connect(self._show)
        self.measuring.told.connect(self._tell)
        self.measuring.ended.connect(self._end)
        session.code.started.connect(lambda _: self.factors.show_dimension(-1, ""))
        self._begin()

    def panel_actions(self) -> list[QAction]:
        return [self.traversal.send_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        self.measuring.open(checkpoint)
        if checkpoint is not None and self._draws(checkpoint):
            self.ask(Describe(checkpoint))
        if self.isVisible():
            self.measuring.explore()
        self._rest()

    def ask(self, query: Query) -> None:
        self.traversal.strips.hear(query)
        super().ask(query)

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case Describe(), Dimensions():
                self.traversal.set_axes(answer.axes())
                self.factors.set_kl(answer.kl if len(answer.codes) else None)
            case Strips(), _:
                self.traversal.take(query, answer)

    @property
    def busy(self) -> bool:
        return super().busy or self.measuring.running

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.measuring.explore()

    def shut(self) -> None:
        self.measuring.stop()
        self.traversal.strips.stop()
        super().shut()

    def _draws(self, checkpoint: Checkpoint) -> bool:
        try:
            return checkpoint.has(Decodes)
        except UserError:
            return False  # the model cannot be built: the measuring says why

    def _begin(self) -> None:
        """Nothing is known."""
        checkpoint = self.session.checkpoint
        self.few.forget()
        labels = len(checkpoint.spec.labels) if checkpoint is not None else 0
        for page, least, lacking in ((self.knows, 1, _NO_LABELS), (self.factors, 2, _ONE_LABEL), (self.few, 0, "")):
            page.say(_NO_MODEL if checkpoint is None else (lacking if labels else _NO_LABELS))
            page.pending = checkpoint is not None and labels >= least
        self._say_pending("Not measured yet.")

    def _say_pending(self, sentence: str) -> None:
        """On pages whose answer may still come."""
        for page in self.pages:
            if page.pending and not page.shows:
                page.say(sentence)

    def _show(self, found: Knowledge | Disentangled | AgainstPCA) -> None:
        match found:
            case Knowledge():
                self.knows.show_knowledge(found)
                self.few.show_knowledge(found)
            case Disentangled():
                self.factors.show_found(found)
            case AgainstPCA():
                self.few.show_errors(found)

    def _tell(self, what: str, done: int, total: int) -> None:
        self.status.work(f"{what} …", done, total)
        self._say_pending("Measuring …")

    def _end(self, error: str | None) -> None:
        if error:
            self.complain(error)
        self._rest()

    def _rest(self) -> None:
        """Where nothing is being worked on: say what is shown, and offer what could be."""
        if not self.measuring.running:
            text, offer, does = self.measuring.offer()
            self.status.rest(text, offer, does)
            self._say_pending(f"Not measured yet: press “{offer}” below." if offer else "Not measured yet.")

    def _accept(self) -> None:
        self.measuring.accept()

    def _cancel(self) -> None:
        self.measuring.stop()
        self._rest()
