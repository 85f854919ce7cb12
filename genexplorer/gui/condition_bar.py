"""What a conditional model is told of the images to draw: nothing, or a value for each of its labels."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QVBoxLayout, QWidget

from genexplorer.core.data import Label

from .column_area import ColumnArea
from .wrap import Wrap, named

_IN_LINE, _ROOM = 4, 120  # more labels stand below, in so many pixels, and only where they are asked for


class ConditionBar(QWidget):
    """Not there for a model that takes no conditions."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.labels: tuple[Label, ...] = ()
        self.fixed = QCheckBox("Condition")
        self.fixed.setToolTip("Draw only images of these labels; without it, of labels as training images have them")
        self.fixed.toggled.connect(self._switch)
        self._row, self._more = Wrap(), Wrap(inside := QWidget())
        self._row.addWidget(self.fixed)
        self._area = ColumnArea(inside)
        self._area.setFixedHeight(_ROOM)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._row)
        column.addWidget(self._area)
        self.controls: list[QComboBox | QDoubleSpinBox] = []
        self._parts: list[QWidget] = []
        self.hide()

    def show_labels(self, labels: Sequence[Label]) -> None:
        """Those of another model; of the same ones, what was chosen stays."""
        if tuple(labels) == self.labels:
            return
        self.labels = tuple(labels)
        for part in self._parts:
            for row in (self._row, self._more):
                row.removeWidget(part)
            part.deleteLater()
        self.controls = [self._control(label) for label in self.labels]
        pairs = zip(self.labels, self.controls, strict=True)
        self._parts = [named(label.name.replace("_", " "), control) for label, control in pairs]
        few = len(self._parts) <= _IN_LINE
        for part in self._parts:
            (self._row if few else self._more).addWidget(part)
        if not few:
            self._line_up()
        self.setVisible(bool(self.labels))
        self._unfold()

    def values(self) -> tuple[float, ...]:
        """One for each label; none where nothing is fixed."""
        return self.told() if self.labels and self.fixed.isChecked() else ()

    def told(self) -> tuple[float, ...]:
        """What the controls say, fixed or not."""
        return tuple(
            float(each.currentIndex() if isinstance(each, QComboBox) else each.value()) for each in self.controls
        )

    def show_values(self, values: Sequence[float]) -> None:
        """What the controls are to say, without a word."""
        for each, value in zip(self.controls, values, strict=True):
            before = each.blockSignals(True)
            if isinstance(each, QComboBox):
                each.setCurrentIndex(round(value))
            else:
                each.setValue(value)
            each.blockSignals(before)

    def words(self) -> str:
        """What is fixed, in a heading."""
        told = [each.currentText() if isinstance(each, QComboBox) else f"{each.value():g}" for each in self.controls]
        pairs = zip(self.labels, told, strict=True)
        return ", ".join(f"{label.name} {text}" for label, text in pairs) if self.values() else ""

    def _line_up(self) -> None:
        """Names and values in columns: of many, one is looked for."""
        names: list[QWidget] = [label for part in self._parts for label in part.findChildren(QLabel)]
        for group in (names, [*self.controls]):
            widest = max(each.sizeHint().width() for each in group)
            for each in group:
                each.setFixedWidth(widest)

    def _control(self, label: Label) -> QComboBox | QDoubleSpinBox:
        control: QComboBox | QDoubleSpinBox
        if label.kind == "number":
            control = QDoubleSpinBox(minimum=label.low, maximum=label.high, decimals=2)
            control.setSingleStep((label.high - label.low) / 20 or 1.0)
            control.setValue((label.low + label.high) / 2)
            control.setKeyboardTracking(False)
            control.valueChanged.connect(self.changed)
        else:
            control = QComboBox()
            control.addItems(list(label.classes) if label.kind == "class" else ["no", "yes"])
            control.currentIndexChanged.connect(self.changed)
        control.setToolTip(f"The {label.name.replace('_', ' ')} of the images to draw")
        control.setAccessibleName(label.name.replace("_", " "))
        return control

    def _switch(self) -> None:
        self._unfold()
        self.changed.emit()

    def _unfold(self) -> None:
        for part in self._parts:
            part.setEnabled(self.fixed.isChecked())
        self._area.setVisible(self.fixed.isChecked() and len(self._parts) > _IN_LINE)
