"""A slider with its number beside it, which can be typed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QWidget


class NumberSlider(QWidget):
    """`changed` tells the number while it moves; `settled` that it stays there."""

    changed = Signal(float)
    settled = Signal()

    def __init__(self, name: str, tip: str, low: float, high: float, value: float, decimals: int = 2) -> None:
        super().__init__()
        self._parts = 10**decimals
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(low * self._parts), round(high * self._parts))
        self.slider.setMinimumWidth(72)
        self.slider.setMaximumWidth(176)
        self.slider.setPageStep(max(1, self._parts // 10))
        self.number = QDoubleSpinBox(minimum=low, maximum=high, decimals=decimals, singleStep=0.1)
        self.number.setKeyboardTracking(False)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        label = QLabel(name)
        label.setBuddy(self.number)
        for part in (label, self.slider, self.number):
            part.setToolTip(tip)
        for part in (self.slider, self.number):
            part.setAccessibleName(name)
        self.set_value(value)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self.settled)
        self.number.valueChanged.connect(self._type)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for part, stretch in ((label, 0), (self.slider, 1), (self.number, 0)):
            row.addWidget(part, stretch)

    def value(self) -> float:
        return self.number.value()

    def set_value(self, value: float) -> None:
        """Without a word."""
        for part, shown in ((self.number, value), (self.slider, round(value * self._parts))):
            part.blockSignals(True)
            part.setValue(shown)  # type: ignore[arg-type]
            part.blockSignals(False)

    def held(self) -> bool:
        """Whether a hand has the slider."""
        return self.slider.isSliderDown()

    def _slide(self, place: int) -> None:
        self.set_value(place / self._parts)
        self._tell()

    def _type(self, value: float) -> None:
        self.set_value(value)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.value())
        if not self.held():
            self.settled.emit()
