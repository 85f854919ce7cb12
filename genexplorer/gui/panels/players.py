"""The two-players panel: what the discriminator says of real images and of samples, now and while it learnt."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from genexplorer.core.abilities import Discriminates, Draws
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.engine.players import Both, Game, MeasurePlayers, Modes, Read, ReadGame, ScoreBoth, Spread
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import Enough
from genexplorer.engine.runs import Run
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.band_chart import BandChart
from genexplorer.gui.density_words import signed
from genexplorer.gui.elided import Elided
from genexplorer.gui.errands import Errands
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.player_facts import modes_words, read_words, spread_words, standing
from genexplorer.gui.score_histogram import ScoreHistogram
from genexplorer.gui.session import Session
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import Wrap

_EVERY_MS = 1000
_NO_MODEL = "Train a GAN, or open one in the Library, to see here how its two players stand to each other."
_NO_ROWS = "What D said while it learnt stands in its run, which is not here."
_NONE = np.zeros(0)
_REAL, _FAKE = 0, 1  # of the theme's curves
_PACES = {
    "Accuracy of D": ((("D is right", "accuracy", ""),), False),
    "Losses": ((("D", "d_loss", ""), ("G", "g_loss", "")), False),
    "Gradients": ((("D", "grad_norm_d", ""), ("G", "grad_norm_g", "")), True),
}


@PANELS.register("players")
class PlayersPanel(Panel):
    """Looks again at each checkpoint and, while it is seen, at what its run writes; what takes long waits for a
    button."""

    title = "Two players"
    tab = 45
    needs = (Discriminates, Draws)
    lesson: ClassVar[str] = (
        "<i>G</i> draws images <i>G</i>(<i>z</i>), <i>D</i> gives each a logit. In Goodfellow's game the best "
        "<i>D</i> says log <i>p</i><sub>data</sub>(<i>x</i>)/<i>p<sub>G</sub></i>(<i>x</i>): where both histograms "
        "lie on each other it sees no difference. Apart they lie early on, and where <i>D</i> is far ahead; then "
        "<i>G</i>'s gradient may vanish. Bands are mean ± one standard deviation over the images of each step. "
        "“Ranks above” is the area under the ROC curve of test images against samples: 50 % where they look alike. A "
        "conditional <i>D</i> is asked over all conditions. <b>Features:</b> what <i>D</i> has learnt without "
        "labels, its last layer φ(<i>x</i>), read by a linear SVM, min ½‖<i>w</i>‖² + <i>C</i> Σ max(0, 1 − "
        "<i>y</i>(<i>w</i>·φ + <i>b</i>))², beside the same of pixels and of as many principal components. "
        "<b>Kinds:</b> each sample is put to a class by logistic regression on features learnt from the data; a "
        "class is drawn where its share is at least a tenth of that in the data. <b>Variety:</b> mean over pairs of "
        "√(mean (<i>x</i> − <i>x</i>′)²); collapsed, it is 0.<br><small>Goodfellow et al. 2014, “Generative "
        "Adversarial Nets”, proposition 1; Radford, Metz &amp; Chintala 2016, “Unsupervised Representation Learning "
        "with Deep Convolutional GANs”, section 5.1 (there of all layers); Arjovsky &amp; Bottou 2017, “Towards "
        "Principled Methods for Training GANs”; Salimans et al. 2016, “Improved Techniques for Training "
        "GANs”.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._stale, self._written = False, -1
        self._folder: Path | None = None
        self._both: Both | None = None
        self._game: Game | None = None
        self._found: dict[type, str] = {}
        self._errands = Errands(super().ask)  # what is measured is let end: it is told of which step it is
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._watch)
        self.histogram = ScoreHistogram(_NO_MODEL)
        self.histogram.unit, self.histogram.whose = "", "test images"
        self.histogram.setAccessibleName("What D says now")
        self.histogram.setToolTip("D's logits: point, or use the arrow keys, to read a bar")
        self.scores = BandChart("What D said while it learnt", lambda y: signed(y, 1), _NO_ROWS)
        self.pace = BandChart("Pace of the two", lambda y: f"{y:.2g}", _NO_ROWS)
        self.gradients = BandChart("Gradients of the two", lambda y: f"{y:.2g}", _NO_ROWS, log=True)
        for chart in (self.scores, self.pace, self.gradients):
            chart.setToolTip("Point, or use the arrow keys, to read a step")
        self.choice = QComboBox()
        self.choice.addItems(list(_PACES))
        self.choice.setAccessibleName("What is drawn of the pace")
        self.choice.setToolTip("What tells how far one player is ahead of the other")
        self.choice.currentIndexChanged.connect(lambda _: self._show_game())
        self.standing, self.results = Elided(), QLabel(wordWrap=True)
        self.standing.setProperty("role", "muted")
        self.work = WorkBar("Stop here; what has come so far stays")
        self.work.cancelled.connect(self._cancel)
        self.measure_action = local_action(
            self, "Measure", "ruler", "M",
            "What D's features know, which kinds are drawn, how varied samples are; the data are made ready first",
            self.measure,
        )  # fmt: skip
        self._lay_out()
        self.open(None)

    @classmethod
    def fits(cls, checkpoint: Checkpoint | None) -> bool:
        return super().fits(checkpoint) and (checkpoint is None or checkpoint.spec.is_image)

    def panel_actions(self) -> list[QAction]:
        return [self.measure_action]

    def awaits(self, query: Query) -> bool:
        return query is self._errands.now

    def ask(self, query: Query) -> None:
        self._errands.ask(query)

    def open(self, checkpoint: Checkpoint | None) -> None:
        self._stale, self._written = checkpoint is not None, -1
        folder = checkpoint.path.parent if checkpoint is not None else None
        self.measure_action.setEnabled(checkpoint is not None)
        self.choice.setEnabled(checkpoint is not None)
        if folder != self._folder:
            self._folder = folder
            self._errands.clear()
            self.work.tell(None)
            self._found.clear()
            self._show_found()
        if checkpoint is None:
            self._both = self._game = None
            self._show_both()
            self._show_game()
        elif self.isVisible():
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def show_reply(self, query: Query, answer: Any) -> None:
        match answer:
            case Progress():
                self.work.tell(answer)
            case Both():
                self._both = answer
                self._show_both()
                self._errands.ended()
            case Game():
                self._game = answer
                self._show_game()
                self._errands.ended()
            case Read() | Modes() | Spread():
                words = {Read: read_words, Modes: modes_words, Spread: spread_words}[type(answer)]
                self._found[type(answer)] = words(answer)  # type: ignore[operator]
                self._show_found(f"At step {query.checkpoint.step:,}")
            case None:
                self.work.tell(None)
                self._errands.ended()

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self.work.tell(None)
        self._errands.ended()

    def measure(self) -> None:
        if self.session.checkpoint is not None and not isinstance(self._errands.now, MeasurePlayers):
            self._found.clear()
            self._show_found()
            self.work.tell(Progress("Making the data ready", 0, 0))
            self.ask(MeasurePlayers(self.session.checkpoint, self.session.store.cache))

    def _look(self) -> None:
        checkpoint = self.session.checkpoint
        if self._stale and checkpoint is not None and self.fits(checkpoint):
            self._stale = False
            self.ask(ScoreBoth(checkpoint, self.session.store.cache))
            self._watch()

    def _watch(self) -> None:
        """Read what the run has written since."""
        checkpoint = self.session.checkpoint
        if checkpoint is None or not self.fits(checkpoint):
            return
        try:
            written = Run(checkpoint.path.parents[1]).metrics_path.stat().st_size
        except (OSError, UserError):
            written = 0
        if written != self._written and not isinstance(self._errands.now, ReadGame):
            self._written = written
            self.ask(ReadGame(checkpoint))

    def _cancel(self) -> None:
        if self.session.checkpoint is not None:
            self._errands.clear()
            super().ask(Enough(self.session.checkpoint))
        self.work.tell(None)

    def _show_both(self) -> None:
        if self._both is None:
            self.histogram.set_both(_NONE, _NONE, ("", ""), "")
        else:
            self.histogram.set_both(self._both.real, self._both.fake, ("test images", "samples"), "D's logit")
        self._say()

    def _show_game(self) -> None:
        game = self._game
        for chart in (self.scores, self.pace, self.gradients):
            chart.empty = _NO_ROWS if game is not None else ""
        curves, log = _PACES[self.choice.currentText()]
        self.pace.setVisible(not log)
        self.gradients.setVisible(log)
        if game is None:
            for chart in (self.scores, self.pace, self.gradients):
                chart.set_bands(())
        else:
            bands = (("real", "real", _REAL), ("samples", "fake", _FAKE))
            self.scores.set_bands([(name, game.curve(key, f"{key}_std"), color) for name, key, color in bands])
            (self.gradients if log else self.pace).set_bands(
                [(name, game.curve(key, spread), color) for color, (name, key, spread) in enumerate(curves)]
            )
        self._say()

    def _say(self) -> None:
        self.standing.setText(standing(self._both, self._game))

    def _show_found(self, when: str = "") -> None:
        lines = [self._found[kind] for kind in (Read, Modes, Spread) if kind in self._found]
        self.results.setText("<br>".join(filter(None, (*lines, when and f"<small>{when}.</small>"))))
        self.results.setVisible(bool(self._found))

    def _lay_out(self) -> None:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.addWidget(_head("What D says now"), 0, 0)
        grid.addWidget(_head("What D said while it learnt"), 0, 1)
        grid.addWidget(self.histogram, 1, 0, 3, 1)
        grid.addWidget(self.scores, 1, 1)
        row = Wrap()
        row.addWidget(self.choice)
        grid.addLayout(row, 2, 1)
        under = QVBoxLayout()
        under.addWidget(self.pace)
        under.addWidget(self.gradients)
        grid.addLayout(under, 3, 1)
        for place, stretch in ((1, 3), (3, 2)):
            grid.setRowStretch(place, stretch)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        self.body.addWidget(inside, 1)
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self.standing, 1)
        line.addWidget(buttons_of(self.measure_action, texts=True)[0])
        self.body.addLayout(line)
        self.body.addWidget(self.work)
        self.body.addWidget(self.results)


def _head(text: str) -> Elided:
    head = Elided()
    head.setText(text)
    head.setProperty("role", "title")
    return head
