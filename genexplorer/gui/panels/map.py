"""The map panel: the codes of many images as points, over what the model draws at each place."""

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.atlas import Atlas, Codes, Ground, Lay, Layout, Losses, Opened, Thumbnail
from genexplorer.engine.charted import Charted
from genexplorer.engine.embed import Embed, Embedding
from genexplorer.engine.laid import Bent, Flat
from genexplorer.engine.query import Query
from genexplorer.gui import theme
from genexplorer.gui.background import Background
from genexplorer.gui.icons import icon
from genexplorer.gui.map_canvas import MapCanvas
from genexplorer.gui.map_controls import MapControls
from genexplorer.gui.map_drawings import Drawings
from genexplorer.gui.map_status import MapStatus
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session

_TSNE_MOST = 4000
_FIRST = 1024  # codes that the first layout is made from
_EMPTY = "Open a run in the Library, or train one, to see the map of its codes here"
_LOAD = "Reads the data set, which is downloaded or made first if need be"


@PANELS.register("map")
class MapPanel(Panel):
    """Lays codes on a plane. A place on a plane is a code again, so the ground, a click and a path can be decoded."""

    title = "Map"
    needs = (Encodes, Decodes)
    lesson: ClassVar[str] = (
        "Each point is a training image, at its code μ(<i>x</i>), the mean of <i>q</i>(<i>z</i>&nbsp;|&nbsp;<i>x</i>). "
        "<b>PCA</b> looks at the codes from the side from which they spread most: <i>y</i> = <i>W</i>(<i>z</i> − "
        "<i>z̄</i>), the rows of <i>W</i> being the two leading eigenvectors of their covariance. <b>Dimensions</b> "
        "shows two numbers of the code as they are. Both are planes in the space of codes, so each place is a code "
        "again: <i>z</i> = <i>z̄</i> + <i>W</i>ᵀ<i>y</i>: the images beneath the points are what the model decodes "
        "there, with everything that the plane does not hold at its mean. <b>t-SNE</b> bends the space so that near "
        "neighbours stay near: it minimises KL(<i>P</i> ‖ <i>Q</i>) between neighbour probabilities above and in the "
        "plane. It has no way back, so nothing is drawn beneath, and distances between its groups mean little. "
        "The loss is −ELBO, a bound on −ln <i>p</i>(<i>x</i>): high for images that the model finds odd."
        "<br><small>Pearson 1901, “On lines and planes of closest fit”. van der Maaten &amp; Hinton 2008, “Visualizing "
        "Data using t-SNE”. Kingma &amp; Welling 2014, “Auto-Encoding Variational Bayes”, figure 4: the decoded "
        "manifold.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.chart: Charted | None = None
        self.laid: Flat | Bent | None = None
        self._axis = ""  # which layout the view was set for
        self._bent: Bent | None = None  # t-SNE's layout, kept while another is shown
        self._of: Checkpoint | None = None  # whose codes the chart holds
        self._waiting: Checkpoint | None = None  # to be charted once the panel is seen
        self._ground: Ground | None = None
        self.atlas, self.tsne = Background("genexplorer-atlas", self), Background("genexplorer-tsne", self)
        self.controls, self.status, self.canvas = MapControls(), MapStatus(), MapCanvas(_EMPTY)
        self.drawings = Drawings(session, self.canvas, self)
        for widget in (self.controls, self.canvas, self.drawings.path, self.drawings.selection, self.status):
            self.body.addWidget(widget, int(widget is self.canvas))
        self._actions = self._make_actions()
        self._connect()

    def panel_actions(self) -> list[QAction]:
        return self._actions

    def open(self, checkpoint: Checkpoint | None) -> None:
        same = checkpoint is not None and self._of is not None and checkpoint.path.parent == self._of.path.parent
        if same and self.chart is not None and self.chart.whole:  # a later one of the run: finding 60,000 codes waits
            self._renew_ground()
            self._rest()
            return
        self.atlas.stop()
        self.tsne.stop()
        self._begin(None)
        self._of, self._waiting = None, checkpoint
        self._rest()
        if self.isVisible():
            self.explore()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.atlas.resume()
        self.explore()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.atlas.pause()  # a core's worth of work that nobody looks at

    def explore(self, load: bool = False) -> None:
        """Chart the checkpoint that waits for it; with `load` also where its images have to be fetched first."""
        checkpoint = self._waiting or (self.session.checkpoint if load else None)
        if checkpoint is None:
            return
        self._waiting, self._of = None, checkpoint
        self.tsne.stop()
        self.status.work("Looking for images …", 0, 0)
        self.status.propose("", "")
        self.atlas.start(Atlas(checkpoint, self.session.store.cache, load=load))

    def _begin(self, opened: Opened | None) -> None:
        """An empty map."""
        self.chart, self.laid, self._bent = Charted(opened) if opened else None, None, None
        self.drawings.set_map(self.chart, None)
        if opened:
            names = [label.name.replace("_", " ") for label in opened.columns]
            classes = [n + 1 for n, label in enumerate(opened.columns) if label.kind != "number"]
            self.controls.set_colors(
                ["One colour", *names, opened.loss.split(",")[0]], [*classes, min(1, len(names))][0]
            )
        self.controls.set_dims(0)
        self._renew_ground()
        self._show_points()
        self._show_code(self.session.code.z)

    def _add(self, parts: list[Any]) -> None:
        """Parts of the atlas have come."""
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
        if chart is None or not isinstance(parts[-1], Codes | Losses):
            return
        coded = any(isinstance(part, Codes) for part in parts)
        if self.tsne.running:
            pass  # which says how far it is
        elif chart.complete:
            self.status.work(f"{len(chart):,} images; their losses", chart.judged, len(chart))
        else:
            self.status.work(f"{chart.known:,} of {len(chart):,} images", chart.known, len(chart))
        if coded and (chart.complete or (self.laid is None and chart.known >= min(_FIRST, len(chart)))):
            self.lay()
        elif coded or self.controls.color_choice.currentIndex() > len(chart.columns):
            self._show_points()

    def _ended(self, error: str | None) -> None:
        if error:
            self.complain(error)
        self._rest()

    def _rest(self) -> None:
        """Where nothing is being worked on: say what is shown, and offer what could be."""
        chart, now, of = self.chart, self.session.checkpoint, self._of
        if self.atlas.running or self.tsne.running:
            return
        if chart is None:
            self.status.rest("")
            self.status.propose("Load the images" if of is not None else "", _LOAD)
            return
        shown, what = len(self.canvas.xy()), "training images" if chart.whole else "examples beside the checkpoint"
        text = f"{shown:,} {what}" if shown == len(chart) else f"{shown:,} of {len(chart):,} {what}"
        if of is not None and now is not None and now.step != of.step:
            self.status.rest(f"{text}, at step {of.step:,}")
            self.status.propose(f"Update to step {now.step:,}", "Find the codes anew, with the newest checkpoint")
            return
        self.status.rest(text)
        if not chart.whole:
            self.status.propose("Load all images", _LOAD)
        else:
            missing = not chart.complete or chart.judged < len(chart)
            self.status.propose("Start over" if missing else "", "Find all codes and losses; it was cancelled before")

    def lay(self) -> None:
        """Lay the codes that are known as the controls say."""
        chart, checkpoint, kind = self.chart, self.session.checkpoint, self.controls.kind
        if chart is None or checkpoint is None or not chart.known:
            return
        if kind != "tsne":
            self.tsne.stop()
            across, up = self.controls.dims
            dims = (across.value(), up.value()) if across.maximum() else None
            self.ask(Lay(checkpoint, chart.codes[: chart.known], kind, dims))
        elif self._bent is not None:
            self._put(self._bent)
        elif not self.tsne.running:
            self.tsne.start(Embed(checkpoint, chart.codes[: min(chart.known, _TSNE_MOST)]))

    def _put(self, laid: Flat | Bent) -> None:
        """Show another layout."""
        whole = self.canvas.fitted or type(laid) is not type(self.laid) or laid.names[0][:2] != self._axis
        self.laid, self._axis = laid, laid.names[0][:2]
        self.drawings.set_map(self.chart, laid)
        self._show_points()
        if whole:
            self.canvas.fit()
        self._show_code(self.session.code.z)
        self._renew_ground()
        self._rest()

    def _embed(self, parts: list[Embedding]) -> None:
        newest, chart = parts[-1], self.chart
        if chart is None:
            return
        count = min(chart.known, _TSNE_MOST)
        if newest.xy is not None:
            count = len(newest.xy)
            self._bent = Bent(newest.xy, chart.codes[:count])
            self._put(self._bent)
        self.status.work(
            f"t-SNE of {count:,} images: {newest.done:,} of {newest.total:,} iterations", newest.done, newest.total
        )

    def _show_points(self) -> None:
        color = self.controls.color_choice.currentIndex()
        self.canvas.show_chart(self.chart, self.laid, color, self.drawings.selection.places)

    def _renew_ground(self) -> None:
        self._ground = None
        self.canvas.clear_ground()
        self._ask_ground()

    def _ask_ground(self) -> None:
        checkpoint, laid = self.session.checkpoint, self.laid
        if checkpoint is None or not isinstance(laid, Flat) or not self.canvas.tools.ground.isChecked():
            self._ground = None
            self.canvas.clear_ground()
            return
        cells, middles = self.canvas.missing(checkpoint.spec.size)
        self._ground = Ground(checkpoint, laid.plane.codes(middles), cells) if len(cells) else None
        if self._ground is not None:
            self.ask(self._ground)
        else:
            self.canvas.compose()

    def _show_code(self, z: np.ndarray) -> None:
        fits = self.laid is not None and self.chart is not None and self.chart.codes.shape[1] == len(z)
        self.canvas.set_marker(self.laid.mark(z) if self.laid is not None and fits else None)

    def show_reply(self, query: Query, answer: Any) -> None:
        match query:
            case Lay(kind=kind):
                assert isinstance(answer, Layout)
                if kind == self.controls.kind and self.chart is not None:
                    if answer.dims:
                        self.controls.set_dims(query.codes.shape[1], answer.dims)
                    self._put(Flat(answer.plane))
            case Ground():
                if query is self._ground:
                    start, images = answer
                    self._ground = query if start + len(images) < len(query.cells) else None
                    self.canvas.put_ground(query, start, images)
                return
            case Thumbnail(place=place):
                if place == self.canvas.point and self.chart is not None:
                    x, y = map(float, self.canvas.xy()[place])
                    words = self.chart.words(place, self.controls.color_choice.currentIndex() - 1)
                    self.canvas.card.show_at(self.canvas.view.point(x, y), answer[0], "\n".join(words))
            case _:
                self.drawings.show_reply(query, answer)
        if self._ground is not None:  # the rest of it was dropped for this question
            self._ask_ground()

    def _point(self, point: int) -> None:
        self.canvas.card.hide()
        if point >= 0 and self.chart is not None and self.session.checkpoint is not None:
            self.ask(Thumbnail(self.session.checkpoint, self.chart.pictures, point))

    def take(self, point: int, x: float = 0.0, y: float = 0.0) -> None:
        """The code of an image, or of a place on the plane, becomes the one in hand."""
        if self.chart is None or self.laid is None:
            return
        if point >= 0:
            self.session.code.change(f"Image {self.chart.pictures.rows[point]:,}", self.chart.codes[point])
        elif (z := self.laid.code(x, y)) is not None:
            self.session.code.change("Place on the map", z)

    def shut(self) -> None:
        self.atlas.stop()
        self.tsne.stop()
        super().shut()

    def _cancel(self) -> None:
        if self.tsne.running:
            self.tsne.stop()
            if self._bent is None:
                self.controls.layout_choice.setCurrentIndex(0)
        else:
            self.atlas.stop()
        self._rest()

    def _accept(self) -> None:
        """What the row beneath offers: more images, or a newer checkpoint's codes."""
        if self.chart is not None and self.chart.whole:
            self._waiting = self.session.checkpoint
        self.explore(load=self._waiting is None)

    def _connect(self) -> None:
        canvas = self.canvas
        self.controls.laid.connect(self.lay)
        self.controls.colored.connect(self._show_points)
        canvas.tools.ground_toggled.connect(self._ask_ground)
        canvas.legend.picked.connect(self._show_points)
        canvas.pointed.connect(self._point)
        canvas.clicked.connect(self.take)
        canvas.settled.connect(self._ask_ground)
        self.status.cancelled.connect(self._cancel)
        self.status.offered.connect(self._accept)
        self.atlas.parts.connect(self._add)
        self.atlas.ended.connect(self._ended)
        self.tsne.parts.connect(self._embed)
        self.tsne.ended.connect(self._ended)
        self.drawings.asked.connect(self.ask)
        self.drawings.selected.connect(self._show_points)
        self.drawings.selection.clicked.connect(self.take)
        self.session.code.changed.connect(self._show_code)
        theme.notifier.changed.connect(self._show_points)

    def _make_actions(self) -> list[QAction]:
        found = []
        for text, name, key, call in (
            ("Show the whole map", "corners-out", "Home", self.canvas.fit),
            ("Select all images in view", "selection-all", "Ctrl+A", self.drawings.select_shown),
            ("Remove path and selection", "x", "Escape", self.drawings.clear),
            ("Export selected codes…", "export", "Ctrl+E", self.drawings.export),
        ):
            action = QAction(icon(name), text, self)
            action.setShortcut(QKeySequence(key))
            action.setToolTip(f"{text} ({key})")
            action.triggered.connect(call)
            found.append(action)
        self.canvas.tools.fit.setDefaultAction(found[0])
        self.canvas.tools.fit.setAccessibleName(found[0].text())
        for action in (*found, *self.canvas.tools.mode_actions()):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        return found
