"""The compare panel: any runs on one sheet, and what was measured of them in a table beneath."""

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QSpinBox, QSplitter, QStackedWidget, QToolButton

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS
from genexplorer.engine.alike import Choice, FindAlike, name_of
from genexplorer.engine.compare import (
    DrawComparison,
    MeasureRuns,
    Recall,
    Row,
    Told,
    WriteTable,
    sheet_rows,
    table,
)
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import Enough
from genexplorer.engine.sheet import WriteFigure
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.errands import Errands
from genexplorer.gui.icons import icon
from genexplorer.gui.images import GridView
from genexplorer.gui.measure_table import MeasureTable
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session
from genexplorer.gui.sheet_view import SheetView
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import Wrap, named, together

_NO_MODEL = "Train a model, or open one in the Library, to set it beside other runs here."
_NOTHING = "Nothing was measured of these by so many images yet: press Measure, and choose what."


@PANELS.register("compare")
class ComparePanel(Panel):
    """The open run is the first row; others are chosen from a menu. Numbers are those that `evaluate` keeps."""

    title = "Compare"
    tab = 50
    lesson: ClassVar[str] = (
        "The same test images, what each run makes of them, <i>x̂</i> = decode(encode(<i>x</i>)), what it draws itself, "
        "and the training image nearest to each sample by the root mean square over pixels: a model that has learnt by "
        "heart draws samples much nearer to training images than unseen images are. In the table, the Fréchet "
        "distance is ‖<i>m</i> − <i>m′</i>‖² + tr(<i>C</i> + <i>C′</i> − 2 (<i>C C′</i>)<sup>½</sup> ) of the features "
        "of samples and test images, each taken for a Gaussian; it grows as images become fewer. The kernel distance "
        "is the squared maximum mean discrepancy under (<i>xᵀy</i> / <i>d</i> + 1)³, and has no such bias. Precision "
        "is the share of samples that lie within the third-nearest-neighbour distance of some real image, recall the "
        "share of real images that lie so within samples. Brackets are 95 % intervals over images; the best of a row "
        "is marked only where its interval overlaps with no other one's, and of other trainings with other seeds they "
        "say nothing."
        "<br><small>Tolstikhin et al. 2017, “Wasserstein Auto-Encoders”, figures 2 to 4; Heusel et al. 2017, equation "
        "6; Bińkowski et al. 2018; Kynkäänniemi et al. 2019, equations 1 to 3.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._stale = False
        self._choices: tuple[Choice, ...] = ()
        self._others: list[Path] = []  # checkpoints' folders of the runs beside the open one, as they were chosen
        self._runs: tuple[Choice, ...] = ()
        self._told: dict[tuple[int, str], Told] = {}
        self._errands = Errands(super().ask, MeasureRuns)
        self.sheet, self.table = SheetView(_NO_MODEL), MeasureTable()
        self.nothing = GridView(_NOTHING)
        self.nothing.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.beneath = QStackedWidget()
        self.beneath.addWidget(self.nothing)
        self.beneath.addWidget(self.table)
        self.work = WorkBar("Stop here; what was measured so far is kept")
        self.work.cancelled.connect(self._cancel)
        self._make_controls()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.sheet)
        split.addWidget(self.beneath)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([400, 184])
        split.setHandleWidth(1)
        self.body.addLayout(self._row())
        self.body.addWidget(split, 1)
        self.body.addWidget(self.work)
        self._lay_out()

    def panel_actions(self) -> list[QAction]:
        return [self.again_action, self.sheet_action, self.table_action]

    def awaits(self, query: Query) -> bool:
        return query is self._errands.now

    def ask(self, query: Query) -> None:
        self._errands.ask(query)

    def open(self, checkpoint: Checkpoint | None) -> None:
        self._errands.clear()
        self.work.tell(None)
        self._stale = checkpoint is not None
        if checkpoint is None:
            self._others = []
            self._lay_out()
        elif self.isVisible():
            self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def show_reply(self, query: Query, answer: Any) -> None:
        match answer:
            case Progress():
                self.work.tell(answer)
            case Row():
                self.sheet.fill(answer)
            case Told():
                self._told[answer.place, answer.metric] = answer
                self._show_table()
            case Path():
                self.session.told.emit(f"Saved {answer.name}.")
            case tuple():
                self._choices = answer
                self._fill_menu()
        if answer is None or isinstance(answer, tuple | Path):
            self.work.tell(None)
            self._errands.ended()

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self.work.tell(None)
        self._errands.ended()

    def again(self) -> None:
        """Other test images, and other samples."""
        self.seed.setValue((self.seed.value() + self.num.value()) % self.seed.maximum())

    def measure(self, *metrics: str) -> None:
        """All runs, by what takes little time where nothing is named."""
        if self.session.checkpoint is not None:
            cache = self.session.store.cache
            self.ask(MeasureRuns(self.session.checkpoint, cache, self._runs, metrics, self.images.value()))

    def save_sheet(self, path: Path) -> None:
        rows = self.sheet.rows()
        if self.session.checkpoint is not None and rows:
            self.ask(WriteFigure(self.session.checkpoint, path, sheet_rows(self._runs, rows)))

    def save_table(self, path: Path) -> None:
        if self.session.checkpoint is not None:
            names = tuple(run.name for run in self._runs)
            self.ask(WriteTable(self.session.checkpoint, path, names, self.table.lines))

    def _look(self) -> None:
        checkpoint = self.session.checkpoint
        if self._stale and checkpoint is not None:
            self._stale = False
            self._choices = tuple(c for c in self._choices if c.checkpoint.spec.shape == checkpoint.spec.shape)
            self.ask(FindAlike(checkpoint, self.session.store.home))
            self._lay_out()

    def _lay_out(self) -> None:
        """Rows of the runs that are chosen, and questions for what is in them."""
        checkpoint = self.session.checkpoint
        for control in (self.runs_button, self.num, self.seed, self.measure_button, self.images):
            control.setEnabled(checkpoint is not None)
        for action in self.panel_actions():
            action.setEnabled(checkpoint is not None)
        first = [Choice(name_of(checkpoint), checkpoint)] if checkpoint is not None else []
        known = {choice.checkpoint.path.parent: choice for choice in self._choices}
        beside = [known[folder] for folder in self._others if folder in known]
        self._runs = (*first, *(run for run in beside if run.checkpoint.path.parent != first[0].checkpoint.path.parent))
        self.sheet.show_runs([(run.name, run.about) for run in self._runs])
        self.runs_button.setText(f"Runs: {len(self._runs)} ▾" if self._runs else "Runs ▾")
        self.runs_button.setShortcut("Alt+Down")  # after the text, which takes it away
        self._ask()
        self._recall()

    def _ask(self) -> None:
        if self.session.checkpoint is not None:
            cache, num, seed = self.session.store.cache, self.num.value(), self.seed.value()
            self.ask(DrawComparison(self.session.checkpoint, cache, self._runs, num, seed))

    def _recall(self) -> None:
        self._told = {}
        self._show_table()
        if self.session.checkpoint is not None:
            self.ask(Recall(self.session.checkpoint, self.session.store.cache, self._runs, self.images.value()))

    def _show_table(self) -> None:
        lines = table(self._runs, list(self._told.values()))
        self.table.show_lines([run.name for run in self._runs], lines)
        self.nothing.empty = _NOTHING if self._runs else ""
        self.beneath.setCurrentWidget(self.table if lines else self.nothing)
        self.table_action.setEnabled(bool(lines))

    def _cancel(self) -> None:
        self.work.tell(None)
        self._errands.clear()
        if self.session.checkpoint is not None:
            super().ask(Enough(self.session.checkpoint))

    def _fill_menu(self) -> None:
        open_one = self._runs[0].checkpoint.path.parent if self._runs else None
        self._menu.clear()
        for choice in self._choices:
            folder = choice.checkpoint.path.parent
            action = self._menu.addAction(f"{choice.name}   {choice.about}")
            action.setCheckable(True)
            action.setChecked(folder in self._others or folder == open_one)
            action.setEnabled(folder != open_one)
            action.toggled.connect(lambda on, folder=folder: self._choose(folder, on))
        if len(self._choices) < 2:
            self._menu.addAction("There is no other run with images of this size").setEnabled(False)

    def _choose(self, folder: Path, on: bool) -> None:
        self._others = [each for each in self._others if each != folder] + ([folder] if on else [])
        self._lay_out()

    def _make_controls(self) -> None:
        self.runs_button = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.measure_button = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.runs_button.setIcon(icon("stack"))
        self.runs_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.runs_button.setToolTip("Which runs to set beside the open one (Alt+Down)")
        for button in (self.runs_button, self.measure_button):
            button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._menu = QMenu(self.runs_button)
        self.runs_button.setMenu(self._menu)
        self.num = QSpinBox(minimum=1, maximum=64, value=9)
        self.seed = QSpinBox(minimum=0, maximum=999_999)
        self.images = QSpinBox(minimum=100, maximum=100_000, value=10_000, singleStep=1000)
        for spin, name, does, call in (
            (self.num, "Images of each", "How many images of each kind", self._ask),
            (self.seed, "Seed", "Which test images, and which samples", self._ask),
            (
                self.images,
                "Measured by",
                "How many samples are drawn, and test images are judged, at most",
                self._recall,
            ),
        ):
            spin.setKeyboardTracking(False)
            spin.setAccessibleName(name)
            spin.setToolTip(does)
            spin.valueChanged.connect(call)
        self.again_action = local_action(self, "Other images", "dice-five", "R", "Other images and samples", self.again)
        self.sheet_action = local_action(
            self, "Sheet…", "export", "Ctrl+Shift+E", "Save the sheet as PNG", self._choose_sheet_file
        )
        self.table_action = local_action(
            self, "Table…", "table", "Ctrl+Shift+T", "Save the table as CSV", self._choose_table_file
        )
        self.measure_button.setText("Measure ▾")
        self.measure_button.setIcon(icon("ruler"))
        self.measure_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.measure_button.setToolTip(
            "Measure all runs here in the background; what is known is not measured again (M)"
        )
        self.measure_button.setShortcut("M")
        menu = QMenu(self.measure_button)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill_measures(menu))
        self.measure_button.setMenu(menu)

    def _fill_measures(self, menu: QMenu) -> None:
        """A metric at a time, each with what it costs."""
        menu.clear()
        menu.addAction("All that take little time", lambda: self.measure())
        menu.addSeparator()
        for name in METRICS:
            metric = METRICS[name]
            cost = (
                "takes long"
                if metric.costly
                else f"{self.images.value():,} samples"
                if "Samples" in str(metric.needs)
                else ""
            )
            action = menu.addAction(f"{name.replace('_', ' ')}{f'   {cost}' if cost else ''}")
            action.setToolTip(" ".join((metric.__doc__ or "").split()))
            action.triggered.connect(lambda _=False, name=name: self.measure(name))

    def _row(self) -> Wrap:
        row = Wrap()
        again, sheet_button, table_button = buttons_of(self.again_action, self.sheet_action, self.table_action)
        row.addWidget(self.runs_button)
        row.addWidget(named("Images", self.num))
        row.addWidget(together(named("Seed", self.seed), again))
        row.addWidget(together(named("By", self.images), self.measure_button, sheet_button, table_button))
        return row

    def _choose_sheet_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the sheet", "sheet.png", "PNG (*.png)")
        if name:
            self.save_sheet(Path(name).with_suffix(".png"))

    def _choose_table_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the table", "table.csv", "CSV (*.csv)")
        if name:
            self.save_table(Path(name).with_suffix(".csv"))
