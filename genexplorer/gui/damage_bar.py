"""What spoils an image: noise by a dial, and brushes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QToolButton, QWidget

from genexplorer.engine.restore import BARE, BLACK, GREY, NOISE, NOISE_NAMES, ORIGINAL, WHITE

from .segments import Segments
from .wrap import Wrap, named, together

_BRUSHES = (
    ("Move", "Drag moves the image when it is zoomed", BARE),
    ("Black", "Paint black", BLACK),
    ("White", "Paint white", WHITE),
    ("Grey", "Paint grey", GREY),
    ("Noise", "Paint noise", NOISE),
    ("Original", "Bring the original back under the brush", ORIGINAL),
)


class DamageBar(QWidget):
    """`image` is a control that says which image; `again` and `clear` are buttons for other noise and for no paint."""

    changed = Signal()  # the noise is another, or stronger
    brush_changed = Signal()

    def __init__(self, image: QWidget, again: QToolButton, clear: QToolButton) -> None:
        super().__init__()
        self.noise = QComboBox()
        self.noise.addItems([name.replace("_", " and ").capitalize() for name in NOISE_NAMES])
        self.noise.setToolTip("What spoils it: added noise; pixels black or white; pixels black; a grey block")
        self.noise.setAccessibleName("Noise")
        self.strength = QDoubleSpinBox(decimals=2, minimum=0.0, maximum=1.0, singleStep=0.05)
        self.strength.setToolTip("The noise's spread, as a part of black to white; or the part that is lost")
        self.strength.setAccessibleName("Strength")
        self.dial = QSlider(Qt.Orientation.Horizontal)
        self.dial.setRange(0, 100)
        self.dial.setToolTip(self.strength.toolTip())
        self.dial.setAccessibleName("Strength, as a dial")
        self.dial.setMinimumWidth(96)
        self.brushes = Segments([(text, does, "") for text, does, _ in _BRUSHES])
        self.radius = QDoubleSpinBox(decimals=1, minimum=0.5, maximum=32.0, singleStep=0.5, suffix=" px")
        self.radius.setToolTip("Radius of the brush, in pixels of the image")
        self.radius.setAccessibleName("Brush")
        self.strength.setValue(0.3)
        self.dial.setValue(30)
        self.radius.setValue(1.5)
        self.noise.activated.connect(lambda _: self.changed.emit())
        self.dial.valueChanged.connect(lambda value: self.strength.setValue(value / 100))
        self.strength.valueChanged.connect(self._turn)
        self.brushes.chosen.connect(lambda _: self.brush_changed.emit())
        self.radius.valueChanged.connect(lambda _: self.brush_changed.emit())
        row = Wrap(self)
        row.addWidget(image)
        row.addWidget(together(named("Noise", self.noise), again))
        row.addWidget(together(self.dial, self.strength))
        row.addStretch()
        row.addWidget(self.brushes)
        row.addWidget(together(named("Brush", self.radius), clear))

    @property
    def kind(self) -> int:
        """What the brush paints: BARE … ORIGINAL."""
        return _BRUSHES[self.brushes.choice()][2]

    @property
    def does(self) -> str:
        return _BRUSHES[self.brushes.choice()][1]

    def _turn(self, value: float) -> None:
        self.dial.blockSignals(True)
        self.dial.setValue(round(100 * value))
        self.dial.blockSignals(False)
        self.changed.emit()
