"""The samples panel: new images by what their codes are drawn from, side by side, and beside another run's."""

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QSpinBox

from genexplorer.core.abilities import Decodes, Encodes, Samples
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.core.metric import Value
from genexplorer.engine.alike import FindAlike, name_of
from genexplorer.engine.nearest import Neighbours
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import Enough
from genexplorer.engine.sampling import Drawn, DrawSamples, FindNearest, MeasureSamples, Side, sources_of
from genexplorer.engine.sheet import Block, SheetRow, WriteFigure
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.condition_bar import ConditionBar
from genexplorer.gui.errands import Errands
from genexplorer.gui.hover_card import HoverCard
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.run_choice import RunChoice
from genexplorer.gui.sample_facts import block, facts, pointed, run_words
from genexplorer.gui.sample_pane import Panes, SamplePane
from genexplorer.gui.session import Session
from genexplorer.gui.source_bar import SOURCES, SourceBar
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import Wrap, named, together

_JUDGED = 1000  # samples of a Fréchet distance
_LARGE = 192  # pixels of an image that is pointed at
_NO_MODEL = "Train a model, or open one in the Library, to see here what it draws from codes of its own."


@PANELS.register("samples")
class SamplesPanel(Panel):
    """A side is a run and a source. Asks when it is seen; answers come side by side, the quick ones first."""

    title = "Samples"
    tab = 40
    needs = (Samples,)
    lesson: ClassVar[str] = (
        "A decoder draws an image from any code; whether it looks real depends on where the code lies. A VAE holds "
        "its codes to <i>p</i>(<i>z</i>) = N(0, I) by a KL, a Wasserstein autoencoder by a distance of their "
        "aggregate <i>q</i>(<i>z</i>) = E<sub>x</sub> <i>q</i>(<i>z</i> | <i>x</i>) to it, and so both are sampled "
        "from there. A plain autoencoder holds them to nothing: codes of N(0, I) lie where it never learnt to draw. "
        "What can be done afterwards is to fit a density to the codes of training images: one Gaussian N(<i>m</i>, "
        "<i>S</i>), or a mixture Σ<sub>k</sub> π<sub>k</sub> N(<i>m<sub>k</sub></i>, <i>S<sub>k</sub></i>). <i>Real "
        "codes</i> are what any density could reach at best. The shell holds 99 % of real codes, by √((<i>z</i> − "
        "<i>m</i>)ᵀ <i>C</i>⁻¹ (<i>z</i> − <i>m</i>)) on images that <i>m</i> and <i>C</i> were not fitted to. The "
        "Fréchet distance of two Gaussians in the features of images is ‖<i>m</i> − <i>m′</i>‖² + tr(<i>C</i> + "
        "<i>C′</i> − 2 (<i>C C′</i>)<sup>½</sup>), here with the 95 % interval of 1,000 samples against as many "
        "test images as there are; fewer images make it larger. "
        "<br><small>Tolstikhin et al. 2017, “Wasserstein Auto-Encoders”, figure 1; Ghosh et al. 2020, “From "
        "Variational to Deterministic Autoencoders”, section 4; Heusel et al. 2017, equation 6; the shell's covariance "
        "is shrunk as in Ledoit &amp; Wolf 2004.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._folder: Path | None = None
        self._stale = self._measuring = self._whole = False  # whole: all sides are drawn
        self._sides: tuple[Side, ...] = ()
        self._drawn: dict[int, Drawn] = {}
        self._near: dict[int, Neighbours] = {}
        self._measured: dict[Side, Value] = {}
        self._errands = Errands(super().ask, MeasureSamples)
        self.panes = Panes()
        self.card = HoverCard(self.panes, _LARGE)
        self.work = WorkBar("Stop here; what has come so far stays")
        self.work.cancelled.connect(self._cancel)
        self._make_controls()
        self.body.addLayout(self._rows())
        self.body.addWidget(self.conditions)
        self.body.addWidget(self.panes, 1)
        self._lay_out()

    @classmethod
    def suits(cls, checkpoint: Checkpoint) -> bool:
        return super().suits(checkpoint) or checkpoint.has(Encodes, Decodes)

    def panel_actions(self) -> list[QAction]:
        return [self.again_action, self.nearest_action, self.measure_action, self.save_action]

    def awaits(self, query: Query) -> bool:
        return query is self._errands.now

    def ask(self, query: Query) -> None:
        self._errands.ask(query)

    def open(self, checkpoint: Checkpoint | None) -> None:
        self._errands.clear()
        self.work.tell(None)
        self._measured.clear()
        folder = checkpoint.path.parent if checkpoint is not None else None
        if folder != self._folder:
            self._folder = folder
            self.beside.show_choices((), None)
            if checkpoint is not None:
                self.sources.begin(sources_of(checkpoint))
        self.conditions.show_labels(checkpoint.conditions if checkpoint is not None else ())
        self._stale = checkpoint is not None
        if checkpoint is None:
            self._lay_out()
        elif self.isVisible():
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case FindAlike(), tuple():
                self.beside.show_choices(answer, query.checkpoint.path.parent)
            case WriteFigure(), Path():
                self.session.told.emit(f"Saved {answer.name}.")
            case _, Progress():
                self.work.tell(answer)
            case DrawSamples(), None:
                self._whole = True
                self._go_on()
            case DrawSamples(), Drawn():
                self._drawn[answer.place] = answer
                self._show_pane(answer.place)
            case FindNearest(), (int() as place, Neighbours() as found):
                self._near[place] = found
                self._show_pane(place)
            case MeasureSamples(), (Side() as side, Value() as value):
                self._measured[side] = value
                for place in range(len(self._sides)):
                    self._show_pane(place)
            case MeasureSamples(), None:
                self._measuring = False
        if answer is None or (isinstance(answer, tuple | Path) and not isinstance(query, FindNearest | MeasureSamples)):
            self.work.tell(None)
            self._errands.ended()

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self._measuring = False
        self.work.tell(None)
        self._errands.ended()

    def again(self) -> None:
        """The seeds that follow."""
        self.seed.setValue((self.seed.value() + self.num.value()) % self.seed.maximum())

    def measure(self) -> None:
        """The Fréchet distance of every side; those that are known are not measured again."""
        self._measuring = True
        if self._whole:
            self._go_on()

    def save(self, path: Path) -> None:
        """All sides on one sheet."""
        if self.session.checkpoint is None:
            return
        count = len(self.sources.chosen())
        rows = []
        for first in range(0, len(self._sides), count):
            blocks = [self._block(place) for place in range(first, first + count)]
            rows.append(SheetRow(self._run_words(self._sides[first].checkpoint), blocks))
        self.ask(WriteFigure(self.session.checkpoint, path, tuple(rows)))

    def _look(self) -> None:
        checkpoint = self.session.checkpoint
        if self._stale and checkpoint is not None and self.fits(checkpoint):
            self._stale = False
            self.ask(FindAlike(checkpoint, self.session.store.home))
            self._lay_out()

    def _lay_out(self) -> None:
        """Panes for the sides that are chosen, and a question for their images."""
        checkpoint, chosen = self.session.checkpoint, self.sources.chosen()
        for control in (self.sources, self.num, self.seed, self.beside):
            control.setEnabled(checkpoint is not None)
        for action in self.panel_actions():
            action.setEnabled(checkpoint is not None)
        sides = []
        if checkpoint is not None:
            for each in filter(None, (checkpoint, self.beside.checkpoint())):
                given = self.conditions.values() if each.conditions == checkpoint.conditions else ()
                clusters = self.sources.clusters.value()
                sides += [Side(each, s, clusters if s == "mixture" else 10, given) for s in chosen]
        if tuple(sides) != self._sides or not self.panes.panes:
            self._sides = tuple(sides)
            panes = [self._pane(place) for place in range(len(sides))] or [SamplePane(_NO_MODEL)]
            two = len({side.checkpoint.path for side in sides}) > 1
            self.panes.put(panes, (2 if len(chosen) == 1 else len(chosen)) if two else 0)
        self._ask()

    def _ask(self) -> None:
        self._drawn, self._near, self._whole = {}, {}, False
        self.card.hide()
        if self.session.checkpoint is not None and self._sides:
            cache, num, seed = self.session.store.cache, self.num.value(), self.seed.value()
            self.ask(DrawSamples(self.session.checkpoint, cache, self._sides, num, seed))

    def _go_on(self) -> None:
        """All is drawn: what else is wanted of it."""
        checkpoint, cache = self.session.checkpoint, self.session.store.cache
        if checkpoint is None:
            return
        if self.nearest_action.isChecked() and not self._near:
            pictures = tuple(self._drawn[place].x for place in range(len(self._sides)))
            self.ask(FindNearest(checkpoint, cache, self._sides, pictures))
        self._errands.forget(MeasureSamples)  # perhaps of other sides
        left = tuple(side for side in self._sides if side not in self._measured)
        if self._measuring and left:
            self.ask(MeasureSamples(checkpoint, cache, left, _JUDGED))

    def _pane(self, place: int) -> SamplePane:
        side, pane = self._sides[place], SamplePane()
        run = f" · {name_of(side.checkpoint)}" if self.beside.checkpoint() is not None else ""
        pane.entitle(SOURCES[side.source][0] + run)
        pane.heading.setToolTip(f"{SOURCES[side.source][1]}\n{self._run_words(side.checkpoint)}")
        pane.grid.setToolTip("Point at an image to see it large; click to take its code to the sliders")
        pane.grid.pointed.connect(lambda nth: self._point(place, nth))
        pane.grid.clicked.connect(lambda nth: self._send(place, nth))
        return pane

    def _show_pane(self, place: int) -> None:
        drawn, near, side = self._drawn.get(place), self._shown_near(place), self._sides[place]
        if drawn is not None:
            pane = self.panes.panes[place]
            pane.show_images(drawn.x if near is None else near.x, drawn.trouble)
            pane.tell(*facts(drawn, near, self._measured.get(side), side))

    def _shown_near(self, place: int) -> Neighbours | None:
        return self._near.get(place) if self.nearest_action.isChecked() else None

    def _block(self, place: int) -> Block:
        pane = self.panes.panes[place]
        return block(self._drawn.get(place), self._sides[place].source, (pane.note.text(), pane.more.text()))

    def _run_words(self, checkpoint: Checkpoint) -> str:
        told = checkpoint.conditions == self.conditions.labels
        return run_words(checkpoint, self.conditions.words() if told else "")

    def _point(self, place: int, nth: int) -> None:
        drawn, grid = self._drawn.get(place), self.panes.panes[place].grid
        cells = grid.cells()
        if drawn is None or drawn.x is None or not 0 <= nth < min(len(drawn.x), len(cells)):
            self.card.hide()
            return
        picture, words = pointed(drawn, self._shown_near(place), nth, self.seed.value())
        self.card.show_at(QPointF(grid.mapTo(self.panes, cells[nth].center().toPoint())), picture, words)

    def _send(self, place: int, nth: int) -> None:
        drawn, side = self._drawn.get(place), self._sides[place]
        if drawn is None or side.checkpoint is not self.session.checkpoint:
            self.session.told.emit(f"This is a code of {name_of(side.checkpoint)}; open that run to take it there.")
        elif drawn.z is None or not 0 <= nth < len(drawn.z):
            self.session.told.emit("This model's samples have no code that sliders could hold.")
        else:
            self.session.code.change(f"{SOURCES[side.source][0]}, seed {self.seed.value() + nth}", drawn.z[nth])
            self.session.told.emit("Its code is at the sliders.")

    def _cancel(self) -> None:
        if self.session.checkpoint is not None:
            self._measuring = False
            self.nearest_action.setChecked(bool(self._near) and self.nearest_action.isChecked())
            self._errands.clear()
            super().ask(Enough(self.session.checkpoint))
        self.work.tell(None)

    def _switch_nearest(self, on: bool) -> None:
        for place in range(len(self._sides)):
            self._show_pane(place)
        if on and not self._near and self._whole:
            self._go_on()

    def _make_controls(self) -> None:
        self.sources, self.conditions = SourceBar(self), ConditionBar()
        self.sources.changed.connect(self._lay_out)
        self.conditions.changed.connect(self._lay_out)
        self.num = QSpinBox(minimum=1, maximum=16, value=8)
        self.seed = QSpinBox(minimum=0, maximum=999_999)
        for spin, name, does in (
            (self.num, "Images of each", "How many images of each source"),
            (self.seed, "Seed", "Of the first image; each next one is drawn by the next number"),
        ):
            spin.setKeyboardTracking(False)
            spin.setAccessibleName(name)
            spin.setToolTip(does)
            spin.valueChanged.connect(self._ask)
        self.beside = RunChoice()
        self.beside.chosen.connect(self._lay_out)
        self.again_action = local_action(self, "Other seeds", "dice-five", "R", "Draw by the next seeds", self.again)
        self.nearest_action = local_action(
            self, "Nearest", "magnifying-glass", "N", "Show the nearest training image in each one's place"
        )
        self.nearest_action.setCheckable(True)
        self.nearest_action.toggled.connect(self._switch_nearest)
        self.measure_action = local_action(
            self,
            "Measure",
            "ruler",
            "M",
            f"The Fréchet distance of {_JUDGED:,} samples of each to test images; the data are made ready first",
            self.measure,
        )
        self.save_action = local_action(
            self, "Save…", "export", "Ctrl+Shift+E", "Save all of it as one PNG", self._choose_file
        )

    def _rows(self) -> Wrap:
        row = Wrap()
        (again,) = buttons_of(self.again_action)
        row.addWidget(self.sources)
        row.addWidget(named("Images", self.num))
        row.addWidget(together(named("Seed", self.seed), again))
        row.addWidget(named("Beside", self.beside))
        policy = self.work.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        policy.setRetainSizeWhenHidden(True)  # so that work that begins moves no image
        self.work.setSizePolicy(policy)
        row.addWidget(self.work)
        row.addWidget(together(*buttons_of(self.nearest_action, self.measure_action, self.save_action, texts=True)))
        return row

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the samples", "samples.png", "PNG (*.png)")
        if name:
            self.save(Path(name).with_suffix(".png"))
