"""Where images stand among others: histograms of scores, those at their ends, and another set told from the first."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from genexplorer.core.abilities import Conditional
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.density import Density, Given, Numbered
from genexplorer.engine.others import Other
from genexplorer.engine.previews import sheet
from genexplorer.engine.survey import FEW

from .density_words import told_apart
from .hover_card import HoverCard
from .images import GridView
from .score_histogram import ScoreHistogram
from .segments import Segments
from .session import Session
from .surveying import Surveying
from .work_bar import WorkBar
from .wrap import Wrap, named

_ENDS = 8  # images at either end
_PEEK = 9  # images of a bar
_EMPTY = "How probable its test images are is shown here once a model is open."


class SurveyView(QWidget):
    """`chosen` tells an image that the person wants to look at."""

    chosen = Signal(object)  # Source
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.work = Surveying(session, self)
        self._densities: tuple[Density, ...] = ()
        self._ends: tuple[np.ndarray, np.ndarray] = (np.zeros(0, int), np.zeros(0, int))
        self._turn = 0
        self.histogram, self.told = ScoreHistogram(_EMPTY), QLabel(wordWrap=True)
        self.told.setToolTip("Area under the ROC curve, with its 95 % interval (DeLong et al. 1988)")
        self.histogram.setToolTip("Point at a bar to see some of its images; click it to look at one after another")
        self.card = HoverCard(self)
        self.bar, self.go_on = WorkBar("Stop weighing; what is known so far stays"), QPushButton("Go on")
        self.go_on.setToolTip("Weigh the rest of the images")
        self.least, self.most = GridView(""), GridView("")
        self._make_controls()
        self._lay_out()
        self._connect()
        self.clear()

    def open(self, checkpoint: Checkpoint) -> None:
        self.score.setEnabled(not checkpoint.has(Conditional))
        self.beside.setEnabled(True)
        self.histogram.empty = "Weighing test images …"
        self.work.open(checkpoint)

    def clear(self) -> None:
        self.histogram.empty = _EMPTY
        self.score.setEnabled(False)
        self.beside.setEnabled(False)
        self._list(())
        self.set_densities(())
        self.work.clear()

    def set_densities(self, densities: Sequence[Density]) -> None:
        """Of the images in hand, which are marked."""
        self._densities = tuple(densities)
        self._mark()

    def shut(self) -> None:
        self.work.stop()

    def images_of(self, number: int, other: bool) -> np.ndarray:
        """Indices of a bar's images."""
        bins = self.histogram.bins
        return bins.members(number, other) if bins is not None else np.zeros(0, int)

    def _list(self, others: tuple[Other, ...]) -> None:
        before = self.beside.currentText()
        self.beside.blockSignals(True)
        self.beside.clear()
        self.beside.addItem("Nothing", None)
        for other in others:
            self.beside.addItem(other.title, other)
        self.beside.setCurrentIndex(max(0, self.beside.findText(before)))
        self.beside.blockSignals(False)
        self.work.against = self.beside.currentData()

    def _survey(self) -> None:
        self.work.survey(FEW if self.score.choice() else 1, self.beside.currentData())

    def _show(self) -> None:
        own, other, none = self.work.own, self.work.other, np.zeros(0, np.float32)
        axis = "ELBO, nats" if self.work.draws == 1 else "L₁₆, nats"
        names = ("test images", f"of {self.work.against.title}" if self.work.against else "")
        self.histogram.set_scores(own.nats if own else none, other.nats if other else none, names, axis)
        self.go_on.setVisible(self.work.cut)
        if own is None:
            self._ends = (np.zeros(0, int), np.zeros(0, int))
        else:
            order = np.argsort(own.nats, kind="stable")
            self._ends = order[:_ENDS], order[::-1][:_ENDS]
        for grid, end in zip((self.least, self.most), self._ends, strict=True):
            grid.set_images(own.images[end] if own is not None and len(end) else None)
        self._mark()

    def _mark(self) -> None:
        """The images in hand among the others, in the histogram and in words."""
        own, marks, words = self.work.own, [], []
        for name, density in zip(("x₁", "x₂"), self._densities, strict=False):
            score = density.at(self.work.draws).value
            known = own is not None and len(own.nats)
            marks.append((f"{name} {own.percentile(score):.0f} %" if own is not None and known else name, score))
            if own is not None and known:
                words.append(f"{name} is likelier than {own.percentile(score):.1f} % of the test images")
        self.histogram.set_marks(marks)
        apart, against = self.work.apart, self.work.against
        if apart is not None and against is not None:
            words = [told_apart(apart, against.title)]
        self.told.setText("; ".join(words) + ("" if not words or words[-1].endswith(".") else "."))

    def _tell(self, progress: object) -> None:
        self.bar.tell(progress)  # type: ignore[arg-type]
        self.told.setVisible(progress is None)

    def _fail(self, sentence: str) -> None:
        """Where nothing is shown there is room to say why."""
        if self.work.own is None:
            self.histogram.empty = sentence
            self._show()
        else:
            self.failed.emit(sentence)

    def _point(self, number: int) -> None:
        own, other = self.work.own, self.work.other
        self._turn = 0
        if number < 0 or own is None:
            self.card.hide()
            return
        mine = self.images_of(number, False)
        theirs = self.images_of(number, True)
        shown = own.images[mine[:_PEEK]] if len(mine) or other is None else other.images[theirs[:_PEEK]]
        lines = [f"{self.histogram.range_of(number)} nats", f"{len(mine):,} of {len(own.nats):,} test images"]
        if other is not None:
            lines.append(f"{len(theirs):,} of {len(other.nats):,} others")
        columns = min(3, len(shown))
        place = self.histogram.mapTo(self, self.histogram.bar(number).center())
        self.card.show_at(place, sheet(shown, columns).transpose(2, 0, 1), "\n".join(lines))

    def _look(self, number: int) -> None:
        """At one image of a bar after another."""
        mine, other = self.images_of(number, False), self.work.other
        theirs = self.images_of(number, True)
        turn, self._turn = self._turn, self._turn + 1
        if len(mine):
            self.chosen.emit(Numbered(int(mine[turn % len(mine)])))
        elif other is not None and len(theirs):
            self.chosen.emit(Given(other.images[theirs[turn % len(theirs)]]))

    def _look_at_end(self, end: int, nth: int) -> None:
        if nth < len(self._ends[end]):
            self.chosen.emit(Numbered(int(self._ends[end][nth])))

    def _make_controls(self) -> None:
        self.score = Segments(
            [
                ("ELBO", "Score images by their ELBO, one draw each: quick", ""),
                (f"{FEW} draws", f"Score images by a bound with {FEW} draws each: nearer to log p(x), slower", ""),
            ]
        )
        self.score.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.beside = QComboBox()
        self.beside.setAccessibleName("Other images beside the test images")
        self.beside.setToolTip("Which images that it did not learn from are shown over its test images")
        self.beside.setMinimumContentsLength(12)
        self.beside.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def _connect(self) -> None:
        self.work.listed.connect(self._list)
        self.work.changed.connect(self._show)
        self.work.told.connect(self._tell)
        self.work.failed.connect(self._fail)
        self.score.chosen.connect(lambda _: self._survey())
        self.beside.currentIndexChanged.connect(lambda _: self._survey())
        self.go_on.clicked.connect(self._survey)
        self.bar.cancelled.connect(self.work.cancel)
        self.histogram.pointed.connect(self._point)
        self.histogram.clicked.connect(self._look)
        self.least.clicked.connect(lambda nth: self._look_at_end(0, nth))
        self.most.clicked.connect(lambda nth: self._look_at_end(1, nth))

    def _lay_out(self) -> None:
        row = Wrap()
        row.addWidget(named("Score", self.score))
        row.addWidget(named("Beside", self.beside))
        row.addWidget(self.go_on)
        ends = QHBoxLayout()
        ends.setSpacing(16)
        for title, grid in (("Least probable", self.least), ("Most probable", self.most)):
            heading = QLabel(title)
            heading.setProperty("role", "muted")
            grid.setAccessibleName(f"{title} test images")
            grid.setToolTip("Click to look at that image")
            grid.across = _ENDS
            grid.setFixedHeight(44)
            column = QVBoxLayout()
            column.setSpacing(2)
            heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(grid)
            column.addWidget(heading)
            ends.addLayout(column, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(row)
        whole.addWidget(self.histogram, 1)
        whole.addWidget(self.bar)
        whole.addWidget(self.told)
        whole.addLayout(ends)
