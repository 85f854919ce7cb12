"""The map panel: the codes of many images as points, over what the model draws at each place."""

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QHideEvent, QShowEvent

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.atlas import Ground, Lay, Layout, Opened, Thumbnail
from genexplorer.engine.charted import Charted
from genexplorer.engine.laid import Bent, Flat
from genexplorer.engine.query import Query
from genexplorer.gui import theme
from genexplorer.gui.actions import local_action
from genexplorer.gui.bending import Bending
from genexplorer.gui.charting import Charting
from genexplorer.gui.freshness import Freshness
from genexplorer.gui.map_canvas import MapCanvas
from genexplorer.gui.map_controls import MapControls
from genexplorer.gui.map_drawings import Drawings
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session

_FIRST = 1024  # codes that the first layout is made from
_EMPTY = "Open a run in the Library, or train one, to see the map of its codes here"


@PANELS.register("map")
class MapPanel(Panel):
    """Lays codes on a plane. A place on a plane is a code again, so the ground, a click and a path can be decoded."""

    title = "Map"
    tab = 10
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
        self.laid: Flat | Bent | None = None
        self._axis = ""  # which layout the view was set for
        self._ground: Ground | None = None
        self.charting, self.tsne = Charting(session, self), Bending(self)
        self.controls, self.status, self.canvas = MapControls(), Freshness(), MapCanvas(_EMPTY)
        self.drawings = Drawings(session, self.canvas, self)
        for widget in (self.controls, self.canvas, self.drawings.path, self.drawings.selection, self.status):
            self.body.addWidget(widget, int(widget is self.canvas))
        self._actions = self._make_actions()
        self._connect()

    @property
    def chart(self) -> Charted | None:
        """What is known of the images so far."""
        return self.charting.chart

    def panel_actions(self) -> list[QAction]:
        return self._actions

    def open(self, checkpoint: Checkpoint | None) -> None:
        if self.charting.open(checkpoint):
            self._renew_ground()
        elif self.isVisible():
            self._explore()
        self._rest()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.charting.resume()
        self._explore()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.charting.pause()  # a core's worth of work that nobody looks at

    def _explore(self) -> None:
        if self.charting.explore():
            self.tsne.stop()

    def _accept(self) -> None:
        """What the row beneath offers: more images, or a newer checkpoint's codes."""
        if self.charting.accept():
            self.tsne.stop()

    def _begin(self, opened: Opened | None) -> None:
        """An empty map."""
        self.laid = None
        self.tsne.forget()
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

    def _grow(self, coded: bool) -> None:
        """More is known of the images."""
        chart = self.chart
        assert chart is not None
        if coded and (chart.complete or (self.laid is None and chart.known >= min(_FIRST, len(chart)))):
            self.lay()
        elif coded or self.controls.color_choice.currentIndex() > len(chart.columns):
            self._show_points()

    def _tell_charting(self, text: str, done: int, total: int) -> None:
        if not self.tsne.running:  # which says how far it is
            self.status.work(text, done, total)

    def _ended(self, error: str | None) -> None:
        if error:
            self.complain(error)
        self._rest()

    def _rest(self) -> None:
        """Where nothing is being worked on: say what is shown, and offer what could be."""
        if not self.charting.running and not self.tsne.running:
            self.status.rest(*self.charting.offer(len(self.canvas.xy())))

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
        else:
            self.tsne.start(checkpoint, chart)

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
        self.charting.stop()
        self.tsne.stop()
        super().shut()

    def _cancel(self) -> None:
        if self.tsne.running:
            self.tsne.stop()
            if self.tsne.layout is None:
                self.controls.layout_choice.setCurrentIndex(0)
        else:
            self.charting.stop()
        self._rest()

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
        self.charting.begun.connect(self._begin)
        self.charting.grown.connect(self._grow)
        self.charting.told.connect(self._tell_charting)
        self.charting.ended.connect(self._ended)
        self.tsne.laid.connect(self._put)
        self.tsne.told.connect(self.status.work)
        self.tsne.ended.connect(self._ended)
        self.drawings.asked.connect(self.ask)
        self.drawings.selected.connect(self._show_points)
        self.drawings.selection.clicked.connect(self.take)
        self.session.code.changed.connect(self._show_code)
        theme.notifier.changed.connect(self._show_points)

    def _make_actions(self) -> list[QAction]:
        found = [
            local_action(self, text, name, key, text, call)
            for text, name, key, call in (
                ("Show the whole map", "corners-out", "Home", self.canvas.fit),
                ("Select all images in view", "selection-all", "Ctrl+A", self.drawings.select_shown),
                ("Remove path and selection", "x", "Escape", self.drawings.clear),
                ("Export selected codes…", "export", "Ctrl+E", self.drawings.export),
            )
        ]
        self.canvas.tools.fit.setDefaultAction(found[0])
        self.canvas.tools.fit.setAccessibleName(found[0].text())
        for action in self.canvas.tools.mode_actions():
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
        return found
