"""The reconstruct panel: test images, what the model makes of them, and what PCA makes of them."""

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.query import Query
from genexplorer.engine.reconstruct import (
    ByPCA,
    Enough,
    Gallery,
    Reconstruct,
    Redrawn,
    amplified,
    by_class,
    psnr,
)
from genexplorer.gui.class_errors import ClassErrors
from genexplorer.gui.comparison import ComparisonView, Tile
from genexplorer.gui.icons import icon
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session

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
        self._gallery: Gallery | None = None
        self._soon = QTimer(self, singleShot=True, interval=_SHOW_MS)
        self._soon.timeout.connect(self._show)
        self._asked: Query | None = None
        self._stale = True
        self.view = ComparisonView(_NO_MODEL)
        self.view.clicked.connect(self._send)
        self.summary = QLabel(wordWrap=True)
        self.summary.setTextFormat(Qt.TextFormat.RichText)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.classes = ClassErrors()
        self.classes.chosen.connect(lambda _: self._sort())
        self.load_action = QAction(icon("download-simple"), "Load the data", self)
        self.load_action.setToolTip(
            "Redraw the whole test set, and compare with PCA of the training images;\n"
            "what is not in the cache is downloaded or drawn first"
        )
        self.load_action.triggered.connect(lambda: self._start(load=True))
        self.body.addLayout(self._controls())
        self.body.addLayout(self._work())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.view)
        split.addWidget(self._side())
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([560, 256])
        self.body.addWidget(split, 1)
        self._clear()

    def panel_actions(self) -> list[QAction]:
        return [self.load_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        self._stale = True
        if checkpoint is None:
            self._asked = None
            self._clear()
            self._working(None)
            self.view.empty = _NO_MODEL
        elif self.isVisible():
            self._start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._start()

    def show_reply(self, query: Query, answer: Any) -> None:
        if query is not self._asked:
            return
        match answer:
            case Progress():
                self._working(answer)
            case Redrawn() | ByPCA():
                if isinstance(answer, Redrawn) and answer.start == 0:
                    self._gallery = Gallery(answer)
                    self._fit_labels(query.checkpoint)
                    self._soon.start(0)
                gallery = self._gallery
                assert gallery is not None
                gallery.add(answer)
                done = len(gallery) == gallery.total and (gallery.by_pca or not gallery.whole)
                self._working(None if done else Progress("Redrawing", len(gallery), gallery.total))
                if done:
                    self._show()
                elif not self._soon.isActive():
                    self._soon.start()

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self._working(None)
        self.view.empty = "There is nothing to compare yet."
        self.view.viewport().update()

    def _start(self, load: bool = False) -> None:
        checkpoint = self.session.checkpoint
        if checkpoint is None or not self.fits(checkpoint):
            return
        self._stale = False
        self._asked = Reconstruct(checkpoint, self.session.store.cache, load)
        self.view.empty = "Redrawing the test images …"
        self._working(Progress("Looking for test images", 0, 0))
        self.ask(self._asked)

    def _stop(self) -> None:
        if self.session.checkpoint is not None:
            self._asked = None
            self.ask(Enough(self.session.checkpoint))
        self._working(None)
        self._show()

    def _clear(self) -> None:
        self._gallery = None
        self.labels.clear()
        self._show()

    def _show(self) -> None:
        """Everything that has come so far."""
        self._soon.stop()
        gallery = self._gallery
        self.load_action.setEnabled(self.session.checkpoint is not None)
        self.load_action.setVisible(gallery is None or not gallery.whole)
        for widget in (self.sorting, self.gain):
            widget.setEnabled(gallery is not None)
        self.labels.setVisible(self.labels.count() > 1)
        if gallery is None:
            self.view.set_tiles([], [], QSize(1, 1))
            self.view.set_order(np.zeros(0, int))
            self.summary.clear()
            self.classes.set_rows(())
            self._heading.setVisible(False)
        else:
            self.summary.setText(told(gallery))
            self._fill(gallery)

    def _fill(self, gallery: Gallery) -> None:
        """Tiles, tips and bars, for the label that is chosen."""
        column, pca = self._column(gallery), gallery["pca_mse"] if gallery.by_pca else None
        rows = []
        if column is not None and self.session.checkpoint is not None:
            label = self.session.checkpoint.spec.labels[self.labels.currentData()]
            rows = by_class(label, column, gallery["mse"], pca)
        names = {row.index: row.name for row in rows}
        numbers = tuple(f"№ {place}" for place in gallery["index"])
        kinds = numbers if column is None else tuple(names[round(float(value))] for value in column)
        x, y = gallery["x"], gallery["y"]
        tiles = [
            Tile("Image", x.__getitem__, kinds),
            Tile("Model", y.__getitem__, _figures(gallery["mse"])),
            Tile("Difference", lambda which: amplified(x[which], y[which], self.gain.value())),
        ]
        if pca is not None:
            tiles.append(Tile("PCA", gallery["pca_y"].__getitem__, _figures(pca)))
        elif gallery.whole:  # its room is kept, so that nothing moves when it comes
            tiles.append(Tile("PCA", lambda which: np.full_like(x[which], _GREY)))
        tips = [f"Test image {number}" for number in numbers]
        if rows:
            tips = [f"{tip}, {kind}" for tip, kind in zip(tips, kinds, strict=True)]
        for name, mse in (("Model", gallery["mse"]), *((("PCA", pca),) if pca is not None else ())):
            tips = [
                f"{tip}\n{name}: MSE {error:.5f}, PSNR {psnr(error):.1f} dB"
                for tip, error in zip(tips, mse.tolist(), strict=True)
            ]
        self.classes.set_rows(rows)
        self._heading.setVisible(bool(rows))
        self.view.set_tiles(tiles, tips, QSize(x.shape[-1], x.shape[-2]))
        self._sort()

    def _sort(self) -> None:
        gallery = self._gallery
        if gallery is None:
            return
        mse, column = gallery["mse"], self._column(gallery)
        match self.sorting.currentData():
            case "best":
                order = np.argsort(mse, kind="stable")
            case "class" if column is not None:
                order = np.lexsort((-mse, column))
            case "pca" if gallery.by_pca:
                order = np.argsort(gallery["pca_mse"] - mse, kind="stable")
            case "set":
                order = np.arange(len(mse))
            case _:
                order = np.argsort(-mse, kind="stable")
        if column is not None and self.classes.only is not None:
            order = order[column[order].round() == self.classes.only]
        self.view.set_order(order)

    def _send(self, nth: int) -> None:
        if self._gallery is not None:
            name = f"test image {self._gallery['index'][nth]}"
            self.session.code.change(name.capitalize(), self._gallery["z"][nth])
            self.session.told.emit(f"The code of {name} is in the sliders.")

    def _fit_labels(self, checkpoint: Checkpoint) -> None:
        """Offer the labels that divide the images into classes; the chosen one stays where it is there again."""
        kept = self.labels.currentText()
        self.labels.blockSignals(True)
        self.labels.clear()
        if self._gallery is not None and self._gallery.labelled:
            for index, label in enumerate(checkpoint.spec.labels):
                if label.kind != "number":
                    self.labels.addItem(label.name.replace("_", " "), index)
        self.labels.setCurrentIndex(max(0, self.labels.findText(kept)) if self.labels.count() else -1)
        self.labels.blockSignals(False)

    def _column(self, gallery: Gallery) -> np.ndarray | None:
        """The labels by which images are divided, (N,)."""
        which = self.labels.currentData()
        return None if which is None or not gallery.labelled else gallery["labels"][:, which]

    def _working(self, progress: Progress | None) -> None:
        for widget in (self._bar, self._doing, self._cancel):
            widget.setVisible(progress is not None)
        if progress is not None:
            self._bar.setRange(0, progress.total)
            self._bar.setValue(progress.done)
            self._doing.setText(f"{progress.what} …")

    def _controls(self) -> QHBoxLayout:
        self.sorting, self.gain, self.labels = QComboBox(), QDoubleSpinBox(), QComboBox()
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
        self.labels.setToolTip("Which label divides the images into classes")
        self.labels.setAccessibleName("Label")
        self.labels.currentIndexChanged.connect(lambda _: self._relabel())
        load = QPushButton()
        load.setIcon(self.load_action.icon())
        load.setText(self.load_action.text())
        load.setToolTip(self.load_action.toolTip())
        load.clicked.connect(self.load_action.trigger)
        self.load_action.changed.connect(lambda: load.setVisible(self.load_action.isVisible()))
        self.load_action.changed.connect(lambda: load.setEnabled(self.load_action.isEnabled()))
        row = QHBoxLayout()
        row.setSpacing(8)
        for words, widget in (("Order", self.sorting), ("Difference", self.gain)):
            name = QLabel(words)
            name.setBuddy(widget)
            row.addWidget(name)
            row.addWidget(widget)
            row.addSpacing(8)
        row.addStretch(1)
        row.addWidget(load)
        return row

    def _relabel(self) -> None:
        self.classes.only = None
        self._show()

    def _work(self) -> QHBoxLayout:
        self._bar, self._doing, self._cancel = QProgressBar(), QLabel(), QPushButton("Cancel")
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self._doing.setProperty("role", "muted")
        self._cancel.setToolTip("Stop here; what has come so far stays")
        self._cancel.clicked.connect(self._stop)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._doing)
        row.addWidget(self._bar, 1)
        row.addWidget(self._cancel)
        return row

    def _side(self) -> QWidget:
        self._heading = QLabel()
        self._heading.setText("Error per class (MSE), PCA below")
        self._heading.setProperty("role", "muted")
        area = QScrollArea()
        area.setWidget(self.classes)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(self._heading)
        column.addWidget(self.labels)
        column.addWidget(area, 1)
        side.setMinimumWidth(232)
        return side


def told(gallery: Gallery) -> str:
    """The errors of all images in a small table."""
    mse, rows = gallery["mse"], []
    among = f" of {gallery.of:,}" if len(gallery) < gallery.of else ""
    for name, errors in (("Model", mse), *((("PCA", gallery["pca_mse"]),) if gallery.by_pca else ())):
        spread = float(errors.std() / np.sqrt(len(errors)))
        mean, digits = float(errors.mean()), max(4, -int(np.floor(np.log10(max(spread, 1e-6)))))
        rows.append(
            f"<tr><td>{name}</td><td align=right>&nbsp;&nbsp;<b>{mean:.{digits}f}</b> ± {spread:.{digits}f}</td>"
            f"<td align=right>&nbsp;&nbsp;<b>{psnr(mean):.1f}</b> dB</td></tr>"
        )
    text = (
        f"<b>{len(gallery):,}</b>{among} {'test' if gallery.whole else 'example'} images<table cellpadding=1>"
        f"<tr><td></td><td align=right>MSE, 0 to 1</td><td align=right>PSNR</td></tr>{''.join(rows)}</table>"
    )
    if gallery.by_pca and gallery.pca is not None:
        return (
            f"{text}The model is closer to {float((mse < gallery['pca_mse']).mean()):.0%} of them. PCA has "
            f"{gallery.pca.components} numbers too, fitted to {gallery.pca.fitted:,} training images."
        )
    return text if gallery.whole else f"{text}Load the data to see the whole test set, and PCA beside it."


def _figures(mse: np.ndarray) -> tuple[str, ...]:
    return tuple(f"{each:.4f}" for each in mse)
