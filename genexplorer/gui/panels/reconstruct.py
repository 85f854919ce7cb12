"""The reconstruct panel: test images, what the model makes of them, and what PCA makes of them."""

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QPushButton, QSplitter

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import Enough, Gallery, Reconstruct, Redrawn, amplified, in_order, psnr
from genexplorer.gui.comparison import ComparisonView, Tile
from genexplorer.gui.error_summary import ErrorSummary
from genexplorer.gui.freshness import Freshness, Kept
from genexplorer.gui.icons import icon
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap, named

_ORDERS = {
    "worst": "Worst first",
    "best": "Best first",
    "class": "By class",
    "pca": "Worst against PCA",
    "set": "In the set's order",
}
_SHOW_MS = 300  # while images come in, they are sorted and shown this often
_GREY = 128
_NO_MODEL = "Open a run in the Library, or train one, to see here how well it redraws images that it never saw."


@PANELS.register("reconstruct")
class ReconstructPanel(Panel):
    """Asks when it is first seen; the data set's own test images where they are at hand, else the examples."""

    title = "Reconstruct"
    tab = 30
    needs = (Encodes, Decodes)
    lesson: ClassVar[str] = (
        "Each test image <i>x</i>, which training never saw, is encoded and drawn again: <i>x̂</i> = "
        "decode(encode(<i>x</i>)). The difference is shown around grey: lighter where the model draws too light, "
        "127.5 + gain · (<i>x̂</i> − <i>x</i>) / 2. The error is the mean squared difference, MSE = ‖<i>x̂</i> − "
        "<i>x</i>‖² / n over the n numbers of an image, black 0 and white 1; PSNR = 10 log₁₀(1 / MSE) in decibels. "
        "PCA is the best that a <i>linear</i> code of as many numbers can do on the training images, in the sense of "
        "this error: a model that stays behind it has not yet learnt what a straight map knows."
        "<br><small>PCA: Pearson 1901; Jolliffe 2002, “Principal Component Analysis”; fitted by the randomised "
        "method of Halko, Martinsson &amp; Tropp 2011.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._gallery: Gallery | None = None  # what is shown
        self._coming: Gallery | None = None  # of the answer under way; takes its place at once where nothing is shown
        self._asked: Reconstruct | None = None  # until it is answered
        self.kept, self.status = Kept(session), Freshness()
        self.status.cancelled.connect(self._stop)
        self.status.offered.connect(self._renew)
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._soon.timeout.connect(self._show)
        self.view = ComparisonView(_NO_MODEL)
        self.view.clicked.connect(self._send)
        self.errors = ErrorSummary()
        self.errors.classes.chosen.connect(lambda _: self._sort())
        self.errors.label_chosen.connect(self._show)
        self.load_action = QAction(icon("download-simple"), "Load the data", self)
        self.load_action.setToolTip(
            "Redraw the whole test set, and compare with PCA of the training images;\n"
            "what is not in the cache is downloaded or drawn first"
        )
        self.load_action.triggered.connect(lambda: self._renew(load=True))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.view)
        split.addWidget(self.errors)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([560, 256])
        self.body.addLayout(self._controls())
        self.body.addWidget(split, 1)
        self.body.addWidget(self.status)
        self._show()

    def panel_actions(self) -> list[QAction]:
        return [self.load_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        if not self.kept.open(checkpoint):
            self._gallery = None
            self._stop()
            self.view.empty = _NO_MODEL if checkpoint is None else ""
            self._begin()
        elif self._asked is None:
            self._rest()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    def awaits(self, query: Query) -> bool:
        return query is self._asked

    def show_reply(self, query: Query, answer: Any) -> None:
        assert isinstance(query, Reconstruct)
        if isinstance(answer, Progress):
            self._work(answer)
            return
        if isinstance(answer, Redrawn) and answer.start == 0:
            self._coming = Gallery(answer)
            if self._gallery is None or query.load:
                self._take(query)
        gallery = self._coming
        assert gallery is not None
        gallery.add(answer)
        if len(gallery) == gallery.total and (gallery.by_pca or not gallery.whole):
            self._take(query)
            self._end()
            return
        what = "Redrawing" if isinstance(answer, Redrawn) else "Redrawing by PCA"
        self._work(Progress(what, answer.start + len(answer.y), gallery.total))
        if not self._soon.isActive() and gallery is self._gallery:
            self._soon.start(0 if answer.start == 0 else _SHOW_MS)

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self.view.empty = "There is nothing to compare yet."
        self._give_up()

    def _take(self, query: Reconstruct) -> None:
        """Show what comes in the place of what was shown."""
        self._gallery = self._coming
        labelled = self._coming is not None and self._coming.labelled
        self.errors.set_labels(query.checkpoint.spec.labels if labelled else ())

    def _end(self) -> None:
        """Nothing is awaited any more."""
        self._asked = self._coming = None
        self._show()
        self._rest()

    def _rest(self) -> None:
        """Say what is shown, and offer what could be."""
        gallery, offer, does = self._gallery, self.kept.offer(), "Redraw them with the newest checkpoint"
        if gallery is None:
            self.status.rest("", offer, does)
            return
        what = "test images" if gallery.whole else "examples beside the checkpoint"
        many = f"{len(gallery):,}" if len(gallery) == gallery.total else f"{len(gallery):,} of {gallery.total:,}"
        if not offer and len(gallery) < gallery.total:
            offer, does = "Start over", "Redraw them all; it was cancelled before"
        self.status.rest(f"{many} {what}, {self.kept.step()}", offer, does)

    def _work(self, progress: Progress) -> None:
        self.status.work(f"{progress.what} …", progress.done, progress.total)

    def _renew(self, load: bool = False) -> None:
        self.kept.renew()
        self._begin(load)

    def _begin(self, load: bool = False) -> None:
        """Redraw with the checkpoint that waits, once it is seen."""
        if self.isVisible() and self.kept.take() and self.kept.of is not None:
            self._asked = Reconstruct(self.kept.of, self.session.store.cache, load)
            self.view.empty = "Redrawing the test images …"
            self._work(Progress("Looking for test images", 0, 0))
            self.ask(self._asked)

    def _stop(self) -> None:
        if self._asked is not None:
            self.ask(Enough(self._asked.checkpoint))
        self._give_up()

    def _give_up(self) -> None:
        """What was shown before stays, where there was something."""
        if self._gallery is not None and self._gallery is not self._coming:
            self.kept.give_up()
        self._end()

    def _show(self) -> None:
        """Everything that has come so far."""
        self._soon.stop()
        gallery = self._gallery
        self.load_action.setEnabled(self.session.checkpoint is not None)
        self.load_action.setVisible(gallery is None or not gallery.whole)
        for widget in (self.sorting, self.gain):
            widget.setEnabled(gallery is not None)
        self.errors.show_gallery(gallery)
        if gallery is None:
            self.view.set_tiles([], str, QSize(1, 1))
            self.view.set_order(np.zeros(0, int))
            return
        x, y = gallery["x"], gallery["y"]
        tiles = [
            Tile("Image", x.__getitem__, lambda nth: self.errors.kind(gallery, nth) or f"№ {gallery['index'][nth]}"),
            Tile("Model", y.__getitem__, lambda nth: f"{gallery['mse'][nth]:.4f}"),
            Tile("Difference", lambda which: amplified(x[which], y[which], self.gain.value())),
        ]
        if gallery.by_pca:
            tiles.append(Tile("PCA", gallery["pca_y"].__getitem__, lambda nth: f"{gallery['pca_mse'][nth]:.4f}"))
        elif gallery.whole:  # its room is kept, so that nothing moves when it comes
            tiles.append(Tile("PCA", lambda which: np.full_like(x[which], _GREY)))
        self.view.set_tiles(tiles, self._tip, QSize(x.shape[-1], x.shape[-2]))
        self._sort()

    def _tip(self, nth: int) -> str:
        """All that is known about one image."""
        gallery = self._gallery
        if gallery is None:
            return ""
        kind = self.errors.kind(gallery, nth)
        lines = [f"Test image № {gallery['index'][nth]}{kind and f', {kind}'}"]
        for name, key in (("Model", "mse"), *([("PCA", "pca_mse")] if gallery.by_pca else [])):
            mse = float(gallery[key][nth])
            lines.append(f"{name}: MSE {mse:.5f}, PSNR {psnr(mse):.1f} dB")
        return "\n".join([*lines, "Click to send its code to the sliders"])

    def _sort(self) -> None:
        gallery = self._gallery
        if gallery is not None:
            column, only = self.errors.column(gallery), self.errors.classes.only
            self.view.set_order(in_order(gallery, self.sorting.currentData(), column, only))

    def _send(self, nth: int) -> None:
        if self._gallery is not None:
            name = f"test image {self._gallery['index'][nth]}"
            self.session.code.change(name.capitalize(), self._gallery["z"][nth])
            self.session.told.emit(f"The code of {name} is in the sliders.")

    def _controls(self) -> Wrap:
        self.sorting, self.gain, load = QComboBox(), QDoubleSpinBox(), QPushButton()
        for key, text in _ORDERS.items():
            self.sorting.addItem(text, key)
        self.sorting.setToolTip("The order of the images; worst and best by their mean squared error")
        self.sorting.setAccessibleName("Order of the images")
        self.sorting.currentIndexChanged.connect(lambda _: self._sort())
        self.gain.setRange(0.5, 32)
        self.gain.setValue(2)
        self.gain.setDecimals(1)
        self.gain.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.gain.setPrefix(" × ")
        self.gain.setToolTip("How much the differences are amplified; at 1 nothing is clipped")
        self.gain.setAccessibleName("Gain of the differences")
        self.gain.valueChanged.connect(lambda _: self.view.retake())
        load.setIcon(self.load_action.icon())
        load.setText(self.load_action.text())
        load.setToolTip(self.load_action.toolTip())
        load.clicked.connect(self.load_action.trigger)
        self.load_action.changed.connect(lambda: load.setVisible(self.load_action.isVisible()))
        self.load_action.changed.connect(lambda: load.setEnabled(self.load_action.isEnabled()))
        row = Wrap()
        for words, widget in (("Order", self.sorting), ("Difference", self.gain)):
            row.addWidget(named(words, widget))
        row.addStretch()
        row.addWidget(load)
        return row
