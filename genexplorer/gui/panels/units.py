"""The units panel: what each unit of a sparse code draws, how often it fires, and which ones an image uses."""

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QSplitter, QVBoxLayout, QWidget

from genexplorer.core.abilities import Decodes, Encodes, Fires
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.explore import Decode
from genexplorer.engine.query import Query
from genexplorer.engine.units import LookAtUnits, Units
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.images import GridView, ImageView
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.session import Session
from genexplorer.gui.side_by_side import SideBySide
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import Wrap, named

_ORDERS = {
    "use": "Most used first",
    "rare": "Rarest first",
    "image": "Of this image",
    "dead": "Never firing",
    "set": "As in the code",
}
_MOST = 400  # drawings at once: more would be too small to see
_NO_MODEL = "Train a sparse autoencoder, or open one in the Library, to see here what its units draw."


@PANELS.register("units")
class UnitsPanel(Panel):
    """Looks once at every checkpoint that it is shown; what it points at is told from arrays."""

    title = "Units"
    tab = 90
    needs = (Fires, Encodes, Decodes)
    lesson: ClassVar[str] = (
        "A sparse autoencoder has a wide code <i>a</i> = <i>f</i>(<i>x</i>), of which each image uses little. Each "
        "square is what one unit adds to the image alone: <i>g</i>(rest + (<i>a<sub>j</sub></i> − rest) "
        "<i>e<sub>j</sub></i>) − <i>g</i>(rest), at its mean activation where it fires, around grey and each to its "
        "own full contrast. With a linear decoder an image is their sum, <i>x̂</i> = Σ<sub>j</sub> "
        "<i>a<sub>j</sub></i> <i>d<sub>j</sub></i> + <i>b</i>, and the squares are its dictionary: strokes on digits, "
        "oriented edges on photos. A unit that fires on no test image is dead: it costs memory and draws nothing."
        "<br><small>Olshausen &amp; Field 1997, “Sparse Coding with an Overcomplete Basis Set”; Makhzani &amp; Frey "
        "2013, “k-Sparse Autoencoders”; Ng 2011, “Sparse Autoencoder” (CS294A), section 3.</small>"
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._units: Units | None = None
        self._order = np.zeros(0, int)
        self.grid, self.best = GridView(_NO_MODEL), GridView("Point at a unit to see what it fires on")
        self.grid.setAccessibleName("Units")
        self.grid.setToolTip("Point at a unit to see what it fires on; click to turn it up at the sliders")
        self.grid.pointed.connect(self._point)
        self.grid.clicked.connect(self._send)
        self.best.setAccessibleName("Images on which the unit is strongest")
        self.best.setToolTip("Click to look at that image")
        self.best.across = 12
        self.best.setFixedHeight(64)
        self.best.clicked.connect(self._look_at_best)
        self.image, self.redrawn = ImageView("An image"), ImageView("What its units draw")
        self.pair = SideBySide([("Image", self.image), ("Redrawn", self.redrawn)])
        self.summary, self.told = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.summary.setProperty("role", "muted")
        self.work = WorkBar("Stop looking")
        self.work.cancelled.connect(lambda: self.open(None))
        self._pointed = -1
        self._make_controls()
        split = QSplitter(Qt.Orientation.Horizontal)
        for side in (self._left(), self._right()):
            split.addWidget(side)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        split.setSizes([208, 592])
        self.body.addWidget(self.work)
        self.body.addWidget(split, 1)
        self._show(None)

    def panel_actions(self) -> list[QAction]:
        return [self.send_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None:
            self.work.tell(None)
            self._show(None)
        else:
            self.ask(LookAtUnits(checkpoint, self.session.store.cache))

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case _, Progress():
                self.work.tell(answer)
            case _, Units():
                self.work.tell(None)
                self._show(answer)
            case Decode(), _:
                self.redrawn.set_image(answer[0])

    def complain(self, sentence: str) -> None:
        super().complain(sentence)
        self.work.tell(None)

    def send(self) -> None:
        """Go to this image's code at the sliders."""
        if self._units is not None:
            self.session.code.change(f"Test image {self.place.value()}", self._units.z[self.place.value()])

    def _show(self, units: Units | None) -> None:
        self._units, self._pointed = units, -1
        for widget in (self.place, self.sorting):
            widget.setEnabled(units is not None)
        self.send_action.setEnabled(units is not None)
        self.told.setText("")
        self.best.set_images(None)
        if units is None:
            self.summary.setText("")
            self.grid.set_images(None)
            self.image.set_image(None)
            self.redrawn.set_image(None)
            return
        self.place.blockSignals(True)
        self.place.setRange(0, len(units.x) - 1)
        self.place.blockSignals(False)
        count, dead = len(units.rate), int((units.rate == 0).sum())
        mean = float(units.on.sum(1).mean())
        self.summary.setText(
            f"{count:,} units, on average {mean:.1f} fire on an image; {dead:,} fire on none of {len(units.x):,}."
        )
        self._look(self.place.value())

    def _look(self, place: int) -> None:
        """At another image."""
        units = self._units
        if units is None:
            return
        self.image.set_image(units.x[place])
        self.pair.note(0, f"{int(units.on[place].sum())} units fire")
        if self.session.checkpoint is not None:
            self.ask(Decode(self.session.checkpoint, units.z[place][None]))
        self._sort()

    def _sort(self) -> None:
        if self._units is not None:
            self._order = self._units.in_order(self.sorting.currentData(), self.place.value())[:_MOST]
            self.grid.empty = "There are none." if not len(self._order) else _NO_MODEL
            self.grid.set_images(self._units.drawn[self._order])

    def _point(self, nth: int) -> None:
        """Tell about a unit; what was told last stays while nothing is pointed at."""
        units = self._units
        if units is None or not 0 <= nth < len(self._order):
            return
        self._pointed = unit = int(self._order[nth])
        rate, here = float(units.rate[unit]), float(units.z[self.place.value(), unit])
        fires = (
            f"fires on {100 * rate:.1f} % of images, {units.typical[unit]:.2f} on average" if rate else "never fires"
        )
        mine = f"here {here:.2f}" if units.on[self.place.value(), unit] else "off here"
        self.told.setText(f"Unit {unit}: {fires}; {mine}.")
        found = units.best[unit][units.best[unit] >= 0]
        self.best.set_images(units.x[found] if len(found) else None)

    def _send(self, nth: int) -> None:
        """This image's code with that unit at its mean activation, or off where it was on."""
        units = self._units
        if units is None or not 0 <= nth < len(self._order):
            return
        unit, z = int(self._order[nth]), units.z[self.place.value()].copy()
        off = bool(units.on[self.place.value(), unit])
        z[unit] = 0.0 if off else units.typical[unit]
        self.session.code.change(f"Unit {unit} {'off' if off else 'on'}", z)
        self.session.told.emit(f"Unit {unit} is {'off' if off else 'on'} in the sliders' code.")

    def _look_at_best(self, nth: int) -> None:
        if self._units is not None and self._pointed >= 0:
            self.place.setValue(int(self._units.best[self._pointed][nth]))

    def _make_controls(self) -> None:
        self.place = QSpinBox(prefix="№ ")
        self.place.setKeyboardTracking(False)
        self.place.setWrapping(True)
        self.place.setToolTip("Which test image to look at")
        self.place.setAccessibleName("Test image")
        self.place.valueChanged.connect(self._look)
        self.sorting = QComboBox()
        for key, text in _ORDERS.items():
            self.sorting.addItem(text, key)
        self.sorting.setToolTip("Which units are shown, and in which order")
        self.sorting.setAccessibleName("Order of the units")
        self.sorting.currentIndexChanged.connect(lambda _: self._sort())
        self.send_action = local_action(
            self, "To the sliders", "sliders-horizontal", "Ctrl+Return", "Go to this image's code", self.send
        )

    def _left(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        row = Wrap()
        row.addWidget(named("Image", self.place))
        row.addStretch()
        for button in buttons_of(self.send_action):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.pair, 1)
        return left

    def _right(self) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(8)
        row = Wrap()
        row.addWidget(named("Units", self.sorting))
        column.addLayout(row)
        for part, stretch in ((self.summary, 0), (self.grid, 1), (self.told, 0), (self.best, 0)):
            column.addWidget(part, stretch)
        return right
