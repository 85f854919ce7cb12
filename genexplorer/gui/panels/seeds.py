"""The seeds panel: a sheet of samples that stay the same seeds while the model learns."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from genexplorer.core.abilities import Decodes, Discriminates, Draws
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.nearest import Neighbours
from genexplorer.engine.query import Query
from genexplorer.engine.raw import raw_path
from genexplorer.engine.seed_files import Picked, write_numbers, write_pictures, write_sheet_of
from genexplorer.engine.seeds import DrawSeeds, Judged, NearestOf, Sown
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.elided import Elided
from genexplorer.gui.exporter import Exporter
from genexplorer.gui.hover_card import HoverCard
from genexplorer.gui.icons import icon
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.seed_bar import SeedBar
from genexplorer.gui.seed_grid import SeedGrid, caption
from genexplorer.gui.session import Session
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import named, together

_LARGE = 192  # pixels of a sample that is pointed at
_UNIT = 48  # pixels that the hand goes for one unit of a direction
_NO_MODEL = "Train a GAN or a VAE, or open one in the Library, to see here what it draws from one seed after another."


@PANELS.register("seeds")
class SeedsPanel(Panel):
    """What is shown stays until what takes its place is whole: a checkpoint that comes while it trains does not
    flicker."""

    title = "Seeds"
    tab = 35
    needs = (Draws, Decodes)
    lesson: ClassVar[str] = (
        "A seed starts the generator of random numbers that a code <i>z</i> ~ <i>p</i>(<i>z</i>) is drawn from; the "
        "image is <i>G</i>(<i>z</i>). The seeds stay while the model trains, so the same codes are drawn again at each "
        "checkpoint. Between two seeds lies the arc sin((1 − t)Ω)/sin Ω · <i>a</i> + sin(tΩ)/sin Ω · <i>b</i>, on "
        "which codes keep their length. <b>Truncation</b> draws the noise towards its mean, <i>z</i> → ψ <i>z</i>: "
        "fewer different images, more of them typical; conditions stay. <b>Pulling</b> adds <i>a u</i> + <i>b v</i>, "
        "with <i>u</i>, <i>v</i> two random orthonormal directions of <i>z</i>. <i>D</i> is the discriminator's logit: "
        "above 0 it takes the image for a real one, with σ(<i>D</i>) as its probability where the game is "
        "Goodfellow's; in a relativistic game only differences mean something. A checkpoint holds the mean of the "
        "weights over the last steps, θ′ ← d θ′ + (1 − d) θ; the raw θ beside it swings from step to step."
        "<br><small>Goodfellow et al. 2014, “Generative Adversarial Nets”; Brock et al. 2019, “Large Scale GAN "
        "Training”, section 3.1 (truncation, there by drawing anew what lies far out); Karras et al. 2019, “A "
        "Style-Based Generator Architecture”, appendix B (towards the mean); Yazıcı et al. 2019, “The Unusual "
        "Effectiveness of Averaging in GAN Training”; White 2016, “Sampling Generative Networks”.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._stale = False
        self._sown: Sown | None = None
        self._scores: np.ndarray | None = None
        self._near: Neighbours | None = None
        self._order = np.zeros(0, int)  # which cell of the sheet stands at each place
        self._pull, self._directions = (0.0, 0.0), 0
        self._held: tuple[float, tuple[float, float]] | None = None  # first seed and pull, when the hand took hold
        self.bar = SeedBar()
        self.bar.changed.connect(self.draw)
        self.bar.moved.connect(self._move)
        self.grid, self.raw = self._grid("Samples"), self._grid("Samples of the raw weights")
        self.grid.chosen_changed.connect(self._say)
        self.note, self.exporter = Elided(), Exporter()
        self.note.setProperty("role", "muted")
        self.exporter.told.connect(session.told)
        self.exporter.failed.connect(session.failed)
        self.work = WorkBar("Stop looking; samples are shown")
        self.work.cancelled.connect(lambda: self.nearest_action.setChecked(False))
        self._make_controls()
        self.stage = QWidget()
        row = QHBoxLayout(self.stage)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self._raw_side = self._headed("Raw weights", self.raw)
        row.addWidget(self._headed("Averaged weights", self.grid), 1)
        row.addWidget(self._raw_side, 1)
        self.card = HoverCard(self.stage, _LARGE)
        for part, stretch in ((self.bar, 0), (self.stage, 1), (self.note, 0), (self.work, 0), (self.exporter, 0)):
            self.body.addWidget(part, stretch)
        self._switch_raw(False)
        self.open(None)

    @classmethod
    def fits(cls, checkpoint: Checkpoint | None) -> bool:
        return super().fits(checkpoint) and (checkpoint is None or checkpoint.spec.is_image)

    def panel_actions(self) -> list[QAction]:
        return [self.again_action, self.nearest_action, self.raw_action, self.pull_action, self.keep_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        self.bar.follow(checkpoint)
        for action in self.panel_actions():
            action.setEnabled(checkpoint is not None)
        self.raw_action.setEnabled(checkpoint is not None and raw_path(checkpoint) is not None)
        for widget in (self.sorting, self.export_button):
            widget.setEnabled(checkpoint is not None)
        self._sorts.setVisible(checkpoint is None or checkpoint.has(Discriminates))
        self._stale = checkpoint is not None
        if checkpoint is None:
            self._sown = self._scores = self._near = None
            self.work.tell(None)
            self._show()
        elif self.isVisible():
            self.draw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.draw()

    def shut(self) -> None:
        self.exporter.shut()
        super().shut()

    def draw(self, moving: bool = False) -> None:
        """Ask for the sheet; what moves on is not judged yet."""
        checkpoint = self.session.checkpoint
        if checkpoint is not None and self.fits(checkpoint):
            self._stale = False
            sheet = self.bar.sheet(self._pull, self._directions)
            self.ask(DrawSeeds(checkpoint, sheet, not moving, self.raw_action.isChecked()))

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case _, Progress():
                if self.nearest_action.isChecked():
                    self.work.tell(answer)
            case DrawSeeds(), Sown():
                self._take(query, answer)
            case DrawSeeds(), Judged():
                self._scores = answer.scores
                self._sort()
            case DrawSeeds(), None:
                self._look_for_nearest()
            case NearestOf(), Neighbours():
                self.work.tell(None)
                if self._sown is not None and query.x is self._sown.x and self.nearest_action.isChecked():
                    self._near = answer
                    self._show()

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self.work.tell(None)

    def again(self) -> None:
        """The seeds that follow."""
        count = 1 if self.bar.by.currentData() >= 0 else self.bar.columns.value()
        self.bar.go_to(float(int(self.bar.first()) + count * self.bar.rows.value()))
        self.draw()

    def keep(self) -> None:
        """Bookmark what is chosen, else what is pointed at."""
        places = self._chosen() or ([self.grid.current] if self.grid.current >= 0 else [])
        if self._sown is None or not places:
            self.session.failed.emit("Point at a sample, or choose some with Ctrl and a click, to keep them.")
            return
        for place in places:
            n = self._order[place]
            self.session.bookmarks.add(self._sown.z[n], self._sown.x[n], self._name(place))

    def picked(self) -> Picked | None:
        """What is chosen, else all, in the order in which it is shown."""
        if self._sown is None:
            return None
        places = self._chosen() or list(range(len(self._order)))
        sown = Picked(self._sown.sheet.seeds, self._sown.z, self._sown.x, self._scores)
        return sown.at(self._order[places])

    def export(self, suffix: str) -> None:
        """A sheet (.png), numbers (.npz), or a picture for each where there is no suffix."""
        picked, checkpoint = self.picked(), self.session.checkpoint
        if picked is None or checkpoint is None:
            return
        across = self.grid.across if len(picked) == len(self._order) else min(self.grid.across, len(picked))
        if not suffix:
            folder = QFileDialog.getExistingDirectory(self, "Where to write the pictures")
            if folder:
                self.exporter.write(Path(folder), lambda: write_pictures(Path(folder), checkpoint, picked))
        elif path := self.exporter.ask_for_file("samples", suffix, "PNG" if suffix == ".png" else "NumPy NPZ"):
            work = write_sheet_of(path, picked, across) if suffix == ".png" else write_numbers(path, picked)
            self.exporter.write(path, lambda: work)

    def _take(self, query: DrawSeeds, sown: Sown) -> None:
        self._sown, self._near = sown, self._near if query.judged else None
        fresh = len(self._order) != len(sown.x)
        if fresh:
            self._order = np.arange(len(sown.x))
        if not query.judged or fresh or not self._sorts.isVisibleTo(self):
            self._scores = None
        if sown.trouble:
            self.raw.empty = sown.trouble
        waits = query.judged and not fresh and (self.sorting.currentIndex() or self.nearest_action.isChecked())
        if not waits:
            self._show()

    def _sort(self) -> None:
        """By D, where that is wished for; what was chosen stays chosen."""
        if self._sown is None:
            return
        chosen, scores, how = set(self._order[self._chosen()].tolist()), self._scores, self.sorting.currentIndex()
        if how and scores is not None and len(scores) == len(self._order):
            self._order = np.argsort(-scores if how == 1 else scores, kind="stable")
        else:
            self._order = np.arange(len(self._sown.x))
        self.grid.choose({place for place, n in enumerate(self._order.tolist()) if n in chosen})
        if not self.nearest_action.isChecked() or self._near is not None:
            self._show()

    def _look_for_nearest(self) -> None:
        if self.nearest_action.isChecked() and self._sown is not None and self.session.checkpoint is not None:
            self.ask(NearestOf(self.session.checkpoint, self.session.store.cache, self._sown.x))
        elif self._sown is not None and len(self._order) == len(self._sown.x):
            self._show()

    def _show(self) -> None:
        sown = self._sown
        if sown is None:
            self.grid.show_images(None, 1, ())
            self.raw.show_images(None, 1, ())
            self._order = np.zeros(0, int)
            self.card.hide()
        else:
            shown = sown.x if self._near is None or len(self._near.x) != len(sown.x) else self._near.x
            heads = self.bar.heads() if not self.sorting.currentIndex() and sown.sheet.by >= 0 else ()
            captions = [caption(seed) for seed in sown.sheet.seeds[self._order]]
            self.grid.show_images(shown[self._order], sown.sheet.columns, captions, heads)
            beside = None if sown.raw is None else sown.raw[self._order]
            self.raw.show_images(beside, sown.sheet.columns, captions, heads)
            self._point(self.grid, self.grid.current)
        self._say()

    def _say(self) -> None:
        sown, checkpoint = self._sown, self.session.checkpoint
        if sown is None or checkpoint is None:
            self.note.setText("")
            return
        parts = [f"{len(sown.x)} samples of step {checkpoint.step:,}"]
        if self._scores is not None and len(self._scores) == len(sown.x):
            low, mean, high = self._scores.min(), self._scores.mean(), self._scores.max()
            parts.append(f"D from {low:+.2f} to {high:+.2f}, on average {mean:+.2f}")
        if self._near is not None:
            whose = "training images" if self._near.training else "examples"
            parts.append(
                f"nearest of {self._near.compared:,} {whose}, {self._near.distance.mean():.3f} away on average "
                f"(images never seen: {self._near.real:.3f})"
            )
        if sown.sheet.pull != (0.0, 0.0):
            parts.append(f"pulled by {sown.sheet.pull[0]:+.1f}, {sown.sheet.pull[1]:+.1f}")
        if chosen := self._chosen():
            parts.append(f"{len(chosen)} chosen")
        self.note.setText(" · ".join(parts))

    def _chosen(self) -> list[int]:
        return sorted(place for place in self.grid.chosen if place < len(self._order))

    def _name(self, place: int) -> str:
        assert self._sown is not None
        n = int(self._order[place])
        sheet = self._sown.sheet
        heads = self.bar.heads()
        what = f" · {heads[n % sheet.columns]}" if sheet.by >= 0 and heads else ""
        return f"Seed {caption(float(sheet.seeds[n]))}{what}"

    def _point(self, grid: SeedGrid, place: int) -> None:
        sown, cells = self._sown, grid.cells()
        if sown is None or not 0 <= place < min(len(self._order), len(cells)):
            self.card.hide()
            return
        n, whose = int(self._order[place]), sown.x if grid is self.grid else sown.raw
        if whose is None:
            return
        words = [self._name(place)]
        if self._scores is not None and len(self._scores) == len(sown.x) and grid is self.grid:
            words.append(f"D {self._scores[n]:+.2f}")
        if self._near is not None:
            words.append(f"nearest {self._near.distance[n]:.3f} away")
        middle = grid.mapTo(self.stage, cells[place].center().toPoint())
        self.card.show_at(QPointF(middle), whose[n], "\n".join(words))

    def _send(self, place: int) -> None:
        if self._sown is not None and 0 <= place < len(self._order):
            self.session.code.change(self._name(place), self._sown.z[self._order[place]])
            self.session.told.emit(f"{self._name(place)} is at the sliders.")

    def _hold(self) -> None:
        self._held = self.bar.first(), self._pull
        self.card.hide()

    def _drag(self, x: float, y: float, alt: bool) -> None:
        if self._held is None:
            return
        first, (a, b) = self._held
        if alt or self.pull_action.isChecked():
            self._pull = a + x / _UNIT, b + y / _UNIT
        else:
            self.bar.go_to(first - x / self.grid.pitch())
        self.draw(moving=True)

    def _let_go(self) -> None:
        self._held = None
        self.draw()

    def _move(self) -> None:
        self.draw(moving=True)

    def _other_directions(self) -> None:
        """From where the seeds are."""
        self._directions += 1
        self._pull = (0.0, 0.0)
        self.draw()

    def _switch_raw(self, on: bool) -> None:
        self._raw_side.setVisible(on)
        for head in self._heads:
            head.setVisible(on)
        self.draw()

    def _switch_nearest(self, on: bool) -> None:
        self._near = None
        self.work.tell(None)
        self._show()
        if on:
            self.draw()

    def _grid(self, name: str) -> SeedGrid:
        grid = SeedGrid(_NO_MODEL)
        grid.setAccessibleName(name)
        grid.setToolTip(
            "Click: to the sliders. Ctrl or Shift and click: choose. Drag: other seeds. Alt and drag: two directions"
        )
        grid.setToolTipDuration(3000)
        grid.pointed.connect(lambda place: self._point(grid, place))
        grid.clicked.connect(self._send)
        grid.drag_began.connect(self._hold)
        grid.dragged.connect(self._drag)
        grid.drag_ended.connect(self._let_go)
        grid.resized.connect(self.bar.resize_to)
        return grid

    def _headed(self, text: str, grid: SeedGrid) -> QWidget:
        side, head = QWidget(), Elided()
        head.setText(text)
        head.setProperty("role", "title")
        self._heads = [*getattr(self, "_heads", []), head]
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(head)
        column.addWidget(grid, 1)
        return side

    def _make_controls(self) -> None:
        self.sorting = QComboBox()
        self.sorting.addItems(["by seed", "realest first", "least real first"])
        self.sorting.setAccessibleName("Order")
        self.sorting.setToolTip("By seed, or by what the discriminator says of each")
        self.sorting.currentIndexChanged.connect(lambda _: self._sort())
        self._sorts = named("Order", self.sorting)
        self.again_action = local_action(self, "Other seeds", "dice-five", "R", "The seeds that follow", self.again)
        self.nearest_action = local_action(
            self, "Nearest", "magnifying-glass", "N", "Show the nearest training image in each one's place"
        )
        self.raw_action = local_action(
            self, "Raw", "columns", "W", "Raw weights beside averaged ones, where the run still has them"
        )
        self.pull_action = local_action(
            self, "Pull", "arrows-out-cardinal", "P", "Drag along two random directions, as with Alt"
        )
        for action, switch in ((self.nearest_action, self._switch_nearest), (self.raw_action, self._switch_raw)):
            action.toggled.connect(switch)
        for action in (self.nearest_action, self.raw_action, self.pull_action):
            action.setCheckable(True)
        self.directions_action = local_action(
            self, "Other directions", "arrows-clockwise", "Shift+P", "Two other directions, from the seeds anew",
            self._other_directions,
        )  # fmt: skip
        self.keep_action = local_action(
            self, "Keep", "bookmark-simple", "Ctrl+B", "Bookmark what is chosen, or pointed at", self.keep
        )
        all_action = local_action(
            self, "Choose all", "", "Ctrl+A", "Choose every sample",
            lambda: self.grid.choose(set(range(len(self._order)))),
        )  # fmt: skip
        self.addAction(all_action)
        line = self.bar.line
        line.addWidget(self._sorts)
        line.addStretch()
        (again,) = buttons_of(self.again_action)
        line.addWidget(
            together(
                again, *buttons_of(self.pull_action, self.directions_action, self.keep_action),
                *buttons_of(self.nearest_action, self.raw_action, texts=True), self._export_menu(),
            )
        )  # fmt: skip

    def _export_menu(self) -> QToolButton:
        menu = QMenu(self)
        for text, suffix in (
            ("One sheet as PNG…", ".png"),
            ("A PNG for each…", ""),
            ("Seeds and codes as NPZ…", ".npz"),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, suffix=suffix: self.export(suffix))
        button = self.export_button = QToolButton()
        button.setIcon(icon("export"))
        button.setToolTip("Write what is chosen, or all, to files")
        button.setAccessibleName("Export")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button
