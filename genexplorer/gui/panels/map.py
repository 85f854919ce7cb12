"""The map panel: the codes of many images as points, over what the model draws at each place."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.atlas import (
    Atlas,
    Chosen,
    Codes,
    Frames,
    Ground,
    Lay,
    Layout,
    Losses,
    Opened,
    Plane,
    Thumbnail,
    along,
)
from genexplorer.engine.atlas_file import Export
from genexplorer.engine.charted import Charted
from genexplorer.engine.embed import Embed, Embedding
from genexplorer.engine.paths import through
from genexplorer.engine.query import Query
from genexplorer.gui import theme
from genexplorer.gui.background import Background
from genexplorer.gui.hover_card import HoverCard
from genexplorer.gui.icons import icon
from genexplorer.gui.legend import Legend
from genexplorer.gui.map_controls import MapControls, MapTools
from genexplorer.gui.map_status import MapStatus
from genexplorer.gui.map_tray import PathTray, SelectionTray
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.scatter import Scatter
from genexplorer.gui.session import Session
from genexplorer.gui.tints import Tints, by_label, by_number, plain

_FRAMES = 96
_LEGS = 8  # images that a path over t-SNE is led by
_TSNE_MOST = 4000
_FIRST = 1024  # codes that the first layout is made from
_STRENGTH = 0.5  # of the images beneath the points
_EMPTY = "Open a run in the Library, or train one, to see the map of its codes here"


@PANELS.register("map")
class MapPanel(Panel):
    """Lays codes on a plane. A place on a plane is a code again, so the ground, a click and a path can be decoded."""

    title = "Map"
    needs = (Encodes, Decodes)
    lesson: ClassVar[str] = (
        "Each point is a training image, at its code μ(<i>x</i>), the mean of <i>q</i>(<i>z</i>&nbsp;|&nbsp;<i>x</i>). "
        "<b>PCA</b> looks at the codes from the side from which they spread most: <i>y</i> = <i>W</i>(<i>z</i> − "
        "<i>z̄</i>), the rows of <i>W</i> being the two leading eigenvectors of their covariance. <b>Two dimensions</b> "
        "shows two numbers of the code as they are. Both are planes in the space of codes, so each place is a code "
        "again: <i>z</i> = <i>z̄</i> + <i>W</i>ᵀ<i>y</i>: the images beneath the points are what the model decodes "
        "there, with everything that the plane does not hold at its mean. <b>t-SNE</b> bends the space so that near "
        "neighbours stay near: it minimises KL(<i>P</i> ‖ <i>Q</i>) between neighbour probabilities above and in the "
        "plane. It has no way back, so nothing is drawn beneath, and distances between its groups mean little."
        "<br><small>Pearson 1901, “On lines and planes of closest fit”. van der Maaten &amp; Hinton 2008, “Visualizing "
        "Data using t-SNE”. Kingma &amp; Welling 2014, “Auto-Encoding Variational Bayes”, figure 4: the decoded "
        "manifold.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.chart: Charted | None = None
        self.plane: Plane | None = None
        self._of: Checkpoint | None = None  # whose codes the chart holds
        self._wanted: Checkpoint | None = None  # to be charted once the panel is seen
        self._embedded: np.ndarray | None = None  # t-SNE's places of the first images
        self._tints: Tints | None = None
        self._ground: Ground | None = None
        self._frames: Frames | None = None
        self._walk = np.zeros((0, 2))  # the places of the path's frames
        self.atlas, self.tsne = Background("genexplorer-atlas", self), Background("genexplorer-tsne", self)
        self.controls, self.tools, self.status = MapControls(), MapTools(), MapStatus()
        self.scatter = Scatter(_EMPTY)
        self.legend = Legend()
        self.card, self.traveller = HoverCard(self.scatter), HoverCard(self.scatter)
        over = QGridLayout(self.scatter)
        over.setContentsMargins(8, 8, 8, 8)
        over.addWidget(self.legend, 0, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        over.addWidget(self.tools, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.path, self.selection = PathTray(), SelectionTray()
        for widget in (self.controls, self.scatter, self.path, self.selection, self.status):
            self.body.addWidget(widget, int(widget is self.scatter))
        self._actions = self._make_actions()
        self._connect()
        self._show_code(session.code.z)

    def panel_actions(self) -> list[QAction]:
        return self._actions

    # what comes in

    def open(self, checkpoint: Checkpoint | None) -> None:
        same = checkpoint is not None and self._of is not None and checkpoint.path.parent == self._of.path.parent
        if same and self.chart is not None and self.chart.whole:
            self._ground = None
            self.scatter.lattice.clear()
            self._ask_ground()
            self._rest()
            return
        self._clear()
        self._wanted = checkpoint
        if self.isVisible():
            self.explore()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.explore()

    def explore(self, load: bool = False) -> None:
        """Chart the checkpoint that waits for it; with `load` also where its images have to be fetched first."""
        checkpoint = self._wanted or (self.session.checkpoint if load else None)
        if checkpoint is None:
            return
        self._wanted, self._of = None, checkpoint
        self.tsne.stop()
        self.status.work("Looking for images …", 0, 0)
        self.status.propose("", "")
        self.atlas.start(Atlas(checkpoint, self.session.store.cache, load=load))

    def _chart(self, parts: list[Any]) -> None:
        for part in parts:
            match part:
                case Progress(what, done, total):
                    self.status.work(what, done, total)
                case Opened():
                    self._begin(part)
                case Codes() | Losses():
                    assert self.chart is not None
                    self.chart.add(part)
        chart = self.chart
        if chart is None or not chart.known or not isinstance(parts[-1], Codes | Losses):
            return
        if chart.complete:
            self.status.work(f"{len(chart):,} images; their losses", chart.judged, len(chart))
        else:
            self.status.work(f"{chart.known:,} of {len(chart):,} images", chart.known, len(chart))
        had_codes = any(isinstance(part, Codes) for part in parts)
        if had_codes and (chart.complete or (self.plane is None and chart.known >= min(_FIRST, len(chart)))):
            self.lay()
        elif had_codes or self._colored_by_loss:
            self._show_points()

    def _begin(self, opened: Opened) -> None:
        self.clear_drawings()
        self.chart, self.plane, self._embedded = Charted(opened), None, None
        names = ["One colour", *(label.name.replace("_", " ") for label in opened.columns), opened.loss.split(",")[0]]
        classes = [n + 1 for n, label in enumerate(opened.columns) if label.kind != "number"]
        self.controls.set_colors(names, (classes or [int(bool(opened.columns))])[0])
        self.controls.set_dims(0)

    def _charted(self, error: str | None) -> None:
        if error:
            self.complain(error)
        self._rest()

    def _rest(self) -> None:
        """Say what is shown, and offer what could be."""
        chart, now = self.chart, self.session.checkpoint
        if self.atlas.running or self.tsne.running:
            return
        if chart is None:
            self.status.rest("")
            if now is not None:
                self.status.propose(
                    "Load the images", "Reads the data set, which is downloaded or made first if need be"
                )
            return
        shown = len(self.scatter.xy())
        what = "training images" if chart.whole else "examples that travel with the checkpoint"
        self.status.rest(f"{shown:,} {what}" if shown == len(chart) else f"{shown:,} of {len(chart):,} {what}")
        if self._of is not None and now is not None and now.step != self._of.step:
            self.status.rest(f"{self.status.label.text()}, at step {self._of.step:,}")
            self.status.propose(f"Update to step {now.step:,}", "Find the codes anew, with the newest checkpoint")
        elif not chart.whole:
            self.status.propose("Load all images", "Reads the data set, which is downloaded or made first if need be")
        elif not chart.complete or chart.judged < len(chart):
            self.status.propose("Go on", "Find the codes and losses that are missing")
        else:
            self.status.propose("", "")

    # the layout

    def lay(self) -> None:
        """Lay the codes that are known as the controls say."""
        chart, checkpoint, kind = self.chart, self.session.checkpoint, self.controls.kind
        if chart is None or checkpoint is None or not chart.known:
            return
        if kind != "tsne":
            self.tsne.stop()
            chosen = self.controls.dims
            dims = (chosen[0].value(), chosen[1].value()) if chosen[0].maximum() else None
            self.ask(Lay(checkpoint, chart.codes[: chart.known], kind, dims))
        elif self._embedded is not None:
            self._show_points(anew=True)
        elif not self.tsne.running:
            self.tsne.start(Embed(checkpoint, chart.codes[: min(chart.known, _TSNE_MOST)]))

    def _laid(self, query: Lay, layout: Layout) -> None:
        if query.kind != self.controls.kind or self.chart is None:
            return
        if layout.dims:
            self.controls.set_dims(query.codes.shape[1], layout.dims)
        anew = self.plane is None or self.plane.names[0].split()[0] != layout.plane.names[0].split()[0]
        self.plane = layout.plane
        self._ground = None
        self.scatter.lattice.clear()
        self._clear_path()
        self._show_points(anew=self.scatter.fitted or anew)
        self._show_code(self.session.code.z)
        self._ask_ground()
        self._rest()

    def _embed(self, parts: list[Embedding]) -> None:
        newest = parts[-1]
        if newest.xy is not None:
            first = self._embedded is None
            self._embedded = newest.xy
            if self.controls.kind == "tsne":
                self._clear_path()
                self._show_points(anew=True if first else self.scatter.fitted)
                self._show_code(self.session.code.z)
        count = len(self._embedded) if self._embedded is not None else _TSNE_MOST
        self.status.work(f"t-SNE of {count:,} images: {newest.done} of {newest.total}", newest.done, newest.total)

    @property
    def _bent(self) -> bool:
        return self.controls.kind == "tsne"

    def _places(self) -> np.ndarray:
        """Where the first images lie, (n, 2)."""
        if self.chart is None:
            return np.zeros((0, 2), np.float32)
        if self._bent:
            return np.zeros((0, 2), np.float32) if self._embedded is None else self._embedded
        return (
            np.zeros((0, 2), np.float32)
            if self.plane is None
            else self.plane.places(self.chart.codes[: self.chart.known])
        )

    # what is drawn

    def _show_points(self, anew: bool = False) -> None:
        """`anew`: the plane is another one, so the view is set to show all of it."""
        xy = self._places()
        self._tints = self._tint()
        front = None
        if len(self.selection.places):
            front = np.isin(np.arange(len(xy)), self.selection.places)
        elif self.legend.chosen >= 0 and len(self._tints.groups):
            front = self._tints.groups[: len(xy)] == self.legend.chosen
        self.legend.show_tints(self._tints)
        self.scatter.names = self.plane.names if self.plane is not None and not self._bent else ("", "")
        self.scatter.empty = "The map of t-SNE is being made …" if self._bent and self.chart is not None else _EMPTY
        self.tools.ground.setEnabled(not self._bent)
        if self._bent:
            self.scatter.lattice.clear()
        self.scatter.set_points(xy, self._tints.colors[: len(xy)], front)
        if anew:
            self.scatter.fit()

    @property
    def _colored_by_loss(self) -> bool:
        return self.chart is not None and self.controls.color_choice.currentIndex() > len(self.chart.columns)

    def _tint(self) -> Tints:
        chart, chosen = self.chart, self.controls.color_choice.currentIndex()
        if chart is None or chosen <= 0:
            return plain(len(chart) if chart else 0)
        if self._colored_by_loss:
            return by_number(chart.loss_name, chart.loss)
        return by_label(chart.columns[chosen - 1], chart.labels[:, chosen - 1])

    def _ask_ground(self) -> None:
        checkpoint, scatter = self.session.checkpoint, self.scatter
        if checkpoint is None or self.plane is None or self._bent or not self.tools.ground.isChecked():
            scatter.lattice.clear()
            scatter.update()
            return
        cells, middles = scatter.lattice.wanted(scatter.view, scatter.devicePixelRatioF(), checkpoint.spec.size)
        self._ground = Ground(checkpoint, self.plane.codes(middles), cells) if len(cells) else None
        if self._ground is not None:
            self.ask(self._ground)
        else:
            self._compose()

    def _compose(self) -> None:
        self.scatter.lattice.compose(self.scatter.view, theme.colors().surface, _STRENGTH)
        self.scatter.update()

    def _show_code(self, z: np.ndarray) -> None:
        """Where the code in hand lies; t-SNE has no place for a new code, so its nearest image's."""
        xy = None
        if self.chart is not None and self.chart.codes.shape[1] == len(z):
            if self._bent and self._embedded is not None:
                far = np.square(self.chart.codes[: len(self._embedded)] - z).sum(1)
                xy = self._embedded[int(far.argmin())]
            elif self.plane is not None and not self._bent:
                xy = self.plane.places(z[None])[0]
        self.scatter.set_marker((float(xy[0]), float(xy[1])) if xy is not None else None)

    def show_reply(self, query: Query, answer: Any) -> None:
        match query:
            case Lay():
                self._laid(query, answer)
            case Ground(cells=cells):
                if query is self._ground:
                    start, images = answer
                    self.scatter.lattice.put(cells[start : start + len(images)], images)
                    self._compose()
                    if start + len(images) == len(cells):
                        self._ground = None
                return
            case Thumbnail(place=place):
                if place == self.scatter.point and self.chart is not None:
                    x, y = map(float, self.scatter.xy()[place])
                    words = self.chart.words(place, self.controls.color_choice.currentIndex() - 1)
                    self.card.show_at(self.scatter.view.point(x, y), answer[0], "\n".join(words))
            case Chosen(places=places):
                if np.array_equal(places, self.selection.sampled):
                    self.selection.grid.set_images(answer)
            case Frames():
                if query is self._frames:
                    self.path.player.set_frames(answer)
                    self.path.show()
                    self._travel(self.path.player.index())
            case Export(path=path):
                self.session.told.emit(f"{answer:,} codes are in {path.name}.")
        if self._ground is not None:  # the rest of it was dropped for this question
            self._ask_ground()

    # what the hand does

    def _point(self, point: int) -> None:
        self.card.hide()
        if point >= 0 and self.chart is not None and self.session.checkpoint is not None:
            self.ask(Thumbnail(self.session.checkpoint, self.chart.pictures, point))

    def take(self, point: int, x: float = 0.0, y: float = 0.0) -> None:
        """The code of an image, or of a place on the plane, becomes the one in hand."""
        if point >= 0 and self.chart is not None:
            self.session.code.change(f"Image {self.chart.pictures.rows[point]:,}", self.chart.codes[point])
        elif self.plane is not None and not self._bent:
            self.session.code.change("Place on the map", self.plane.codes(np.array([[x, y]]))[0])

    def _draw_path(self, places: np.ndarray) -> None:
        checkpoint, chart = self.session.checkpoint, self.chart
        if checkpoint is None or chart is None:
            return
        if not self._bent and self.plane is not None:
            self._walk = along(places, _FRAMES)
            codes = self.plane.codes(self._walk)
        elif self._bent and self._embedded is not None:
            near = [int(np.square(self._embedded - stop).sum(1).argmin()) for stop in along(places, _LEGS)]
            stops = [point for n, point in enumerate(near) if n == 0 or point != near[n - 1]]
            per_leg = max(2, _FRAMES // max(len(stops) - 1, 1))
            codes = through(chart.codes[stops], per_leg, "lerp", False)
            self._walk = through(self._embedded[stops], per_leg, "lerp", False)
        else:
            return
        self._clear_selection()
        self.scatter.set_path(self._walk)
        self._frames = Frames(checkpoint, codes)
        self.ask(self._frames)

    def _travel(self, frame: int) -> None:
        frames = self.path.player.frames()
        if 0 <= frame < min(len(frames), len(self._walk)):
            x, y = map(float, self._walk[frame])
            self.scatter.set_traveller((x, y))
            self.traveller.show_at(self.scatter.view.point(x, y), frames[frame], "")

    def _take_frame(self, frame: int) -> None:
        if self._frames is not None and frame >= 0:
            self.session.code.change("Along the path", self._frames.codes[frame])

    def select(self, places: np.ndarray) -> None:
        """These images of the map; none for an empty array."""
        self._clear_path()
        self.selection.select(places)
        self._show_points()
        if len(places) and self.chart is not None and self.session.checkpoint is not None:
            self.ask(Chosen(self.session.checkpoint, self.chart.pictures, self.selection.sampled))

    def export(self) -> None:
        """Ask where to, and write what is selected."""
        if not len(self.selection.places):
            self.session.failed.emit("Nothing is selected; drag around some images with the lasso first.")
            return
        name, kind = QFileDialog.getSaveFileName(
            self, "Export selected codes", "codes.csv", "Table (*.csv);;NumPy arrays (*.npz)"
        )
        if name:
            path = Path(name)
            self.export_to(path if path.suffix else path.with_suffix(".npz" if "npz" in kind else ".csv"))

    def export_to(self, path: Path) -> None:
        chart, checkpoint, chosen = self.chart, self.session.checkpoint, self.selection.places
        if chart is not None and checkpoint is not None:
            rows = (chart.pictures.rows[chosen], chart.codes[chosen], chart.labels[chosen])
            self.ask(Export(checkpoint, path, *rows, chart.columns, chart.loss[chosen]))

    def clear_drawings(self) -> None:
        self._clear_path()
        self._clear_selection()

    def shut(self) -> None:
        self.atlas.stop()
        self.tsne.stop()
        super().shut()

    def _cancel(self) -> None:
        if self.tsne.running:
            self.tsne.stop()
            if self._embedded is None:
                self.controls.layout_choice.setCurrentIndex(0)
        self.atlas.stop()
        self._rest()

    def _accept(self) -> None:
        """What the row beneath offers: more images, or a newer checkpoint's codes."""
        chart = self.chart
        if chart is not None and chart.whole:
            self._wanted = self.session.checkpoint
            self.explore()
        else:
            self.explore(load=True)

    def _clear(self) -> None:
        self.atlas.stop()
        self.tsne.stop()
        self.chart = self.plane = self._embedded = self._ground = self._of = None
        self.clear_drawings()
        self.scatter.lattice.clear()
        self.status.propose("", "")
        self.status.rest("")
        self._show_points()
        self._show_code(self.session.code.z)

    def _clear_path(self) -> None:
        self._frames, self._walk = None, np.zeros((0, 2))
        self.path.player.pause()
        self.path.hide()
        self.traveller.hide()
        self.scatter.set_path(self._walk)
        self.scatter.set_traveller(None)

    def _clear_selection(self) -> None:
        if len(self.selection.places):
            self.selection.select(np.zeros(0, np.int64))
            self._show_points()

    def _connect(self) -> None:
        scatter, code = self.scatter, self.session.code
        self.controls.laid.connect(self.lay)
        self.controls.colored.connect(self._show_points)
        self.tools.mode_changed.connect(scatter.set_mode)
        self.tools.ground_toggled.connect(self._ask_ground)
        self.legend.picked.connect(lambda _: self._show_points())
        self.status.cancelled.connect(self._cancel)
        self.status.offered.connect(self._accept)
        self.atlas.parts.connect(self._chart)
        self.atlas.ended.connect(self._charted)
        self.tsne.parts.connect(self._embed)
        self.tsne.ended.connect(self._charted)
        scatter.pointed.connect(self._point)
        scatter.clicked.connect(self.take)
        scatter.drawn.connect(self._draw_path)
        scatter.lassoed.connect(self.select)
        scatter.settled.connect(self._ask_ground)
        scatter.moved.connect(lambda: self._travel(self.path.player.index()))
        self.path.player.frame_changed.connect(self._travel)
        self.path.sent.connect(self._take_frame)
        self.path.closed.connect(self._clear_path)
        self.selection.closed.connect(self._clear_selection)
        self.selection.exported.connect(self.export)
        self.selection.clicked.connect(self.take)
        code.changed.connect(self._show_code)
        theme.notifier.changed.connect(self._dress)

    def _dress(self) -> None:
        self._show_points()
        self._compose()

    def _make_actions(self) -> list[QAction]:
        found = []
        for text, name, key, call in (
            ("Show the whole map", "corners-out", "Home", self.scatter.fit),
            ("Select all images in view", "selection-all", "Ctrl+A", lambda: self.select(self.scatter.in_view())),
            ("Remove path and selection", "x", "Escape", self.clear_drawings),
            ("Export selected codes…", "export", "Ctrl+E", self.export),
        ):
            action = QAction(icon(name), text, self)
            action.setShortcut(QKeySequence(key))
            action.setToolTip(f"{text} ({key})")
            action.triggered.connect(call)
            found.append(action)
        self.tools.fit.setDefaultAction(found[0])
        self.tools.fit.setAccessibleName(found[0].text())
        for action in (*found, *self.tools.mode_actions()):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        return found
