"""What stands on a sheet of samples: how many, from which seed on, how far from the middle, for which conditions."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.seeds import MOST, Sheet, classes_of

from .condition_bar import ConditionBar
from .number_slider import NumberSlider
from .wrap import Wrap, named, together

_LAST = 999_999
_SHIFT = 32.0


class SeedBar(QWidget):
    """`changed` asks for other samples; `moved` for such that will be others in a moment."""

    changed = Signal()
    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.columns, self.rows = (QSpinBox(minimum=1, maximum=MOST, value=8) for _ in range(2))
        self.seed = QSpinBox(minimum=0, maximum=_LAST)
        for spin, name, tip in (
            (
                self.columns,
                "Columns",
                "Samples side by side: or drag the corner, turn the wheel with Ctrl, + and −",
            ),
            (self.rows, "Rows", "Rows of samples: or drag the corner, turn the wheel with Ctrl, + and −"),
            (self.seed, "Seed", "Of the first sample; each next one is drawn by the next number"),
        ):
            spin.setKeyboardTracking(False)
            spin.setAccessibleName(name)
            spin.setToolTip(tip)
            spin.valueChanged.connect(self.changed)
        self.shift = NumberSlider("Shift", "Go on from seed to seed along the arcs between their codes", 0, _SHIFT, 0)
        self.psi = NumberSlider("ψ", "Truncation, z → ψ z: below 1 more typical and more alike, at 0 all one", 0, 2, 1)
        for slider in (self.shift, self.psi):
            slider.changed.connect(lambda _: self.moved.emit())
            slider.settled.connect(self.changed)
        self.by = QComboBox()
        self.by.setAccessibleName("One column for each")
        self.by.setToolTip("Every row is one seed, drawn for each class in turn")
        self.by.currentIndexChanged.connect(self._divide)
        self.conditions = ConditionBar()
        self.conditions.changed.connect(self.changed)
        self._per = named("One column for each", self.by)
        self._grid = together(self.columns, QLabel("×"), self.rows)
        self.line = Wrap()
        for part in (named("Grid", self._grid), named("Seed", self.seed), self.shift, self.psi, self._per):
            self.line.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.line)
        column.addWidget(self.conditions)
        self.follow(None)

    def follow(self, checkpoint: Checkpoint | None) -> None:
        """What this model can be told; of the same conditions, what was chosen stays."""
        labels = checkpoint.conditions if checkpoint is not None else ()
        if labels != self.conditions.labels or not self.by.count():
            self.conditions.show_labels(labels)
            self.by.blockSignals(True)
            self.by.clear()
            self.by.addItem("none", -1)
            for place, label in enumerate(labels):
                if 1 < len(classes_of(label)) <= MOST:
                    self.by.addItem(label.name.replace("_", " "), place)
            self.by.blockSignals(False)
            self.columns.setEnabled(True)
        self._per.setVisible(self.by.count() > 1)
        self.setEnabled(checkpoint is not None)

    def first(self) -> float:
        return self.seed.value() + self.shift.value()

    def go_to(self, first: float) -> None:
        """Another first seed, whole or between two; nothing is told."""
        first = min(max(first, 0.0), float(_LAST))
        if not self.seed.value() <= first <= self.seed.value() + _SHIFT:
            self.seed.blockSignals(True)
            self.seed.setValue(int(first))
            self.seed.blockSignals(False)
        self.shift.set_value(first - self.seed.value())

    def resize_to(self, columns: int, rows: int) -> None:
        """As near as it goes."""
        before = (self.columns.value(), self.rows.value())
        for spin, wanted in ((self.columns, columns), (self.rows, rows)):
            spin.blockSignals(True)
            if spin.isEnabled():
                spin.setValue(wanted)
            spin.blockSignals(False)
        if before != (self.columns.value(), self.rows.value()):
            self.changed.emit()

    def heads(self) -> tuple[str, ...]:
        """What each column is, where that is told."""
        place = self.by.currentData()
        return classes_of(self.conditions.labels[place]) if place is not None and place >= 0 else ()

    def sheet(self, pull: tuple[float, float], directions: int) -> Sheet:
        by = self.by.currentData()
        given = self.conditions.told() if by >= 0 else self.conditions.values()
        size = self.rows.value(), self.columns.value()
        return Sheet(self.first(), *size, self.psi.value(), given, by, pull, directions)

    def _divide(self) -> None:
        """As many columns as there are classes."""
        heads = self.heads()
        self.columns.setEnabled(not heads)
        if heads:
            self.columns.blockSignals(True)
            self.columns.setValue(len(heads))
            self.columns.blockSignals(False)
        self.changed.emit()
