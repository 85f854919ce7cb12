"""How to come from noise to an image: the sampler and its steps, what the images are to be, and how much of it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.denoise import RANDOM, SAMPLER_NAMES, TITLES, Way
from genexplorer.gui.condition_bar import ConditionBar
from genexplorer.gui.number_slider import NumberSlider
from genexplorer.gui.wrap import Wrap, named

_MOST_STEPS = 1000
STRONGEST = 10.0


def sampler_box() -> QComboBox:
    box = QComboBox()
    for name in SAMPLER_NAMES:
        box.addItem(TITLES[name], name)
    box.setAccessibleName("Sampler")
    random = " and ".join(TITLES[name] for name in SAMPLER_NAMES if name in RANDOM)
    box.setToolTip(f"How steps are made from what the network says; {random} add noise on the way")
    return box


def steps_box() -> QSpinBox:
    box = QSpinBox(minimum=1, maximum=_MOST_STEPS, value=10)
    box.setKeyboardTracking(False)
    box.setAccessibleName("Steps")
    box.setToolTip("In how many steps; Heun asks the network twice for each")
    return box


def away_bar() -> ConditionBar:
    bar = ConditionBar()
    bar.fixed.setText("Away from")
    bar.fixed.setToolTip("Lead away from images of these labels, instead of from all images alike")
    return bar


class WayBar(QWidget):
    """`changed` tells that another way is wished for. `more` stands after the steps."""

    changed = Signal()

    def __init__(self, *more: QWidget) -> None:
        super().__init__()
        self.sampler, self.steps = sampler_box(), steps_box()
        self.given, self.against = ConditionBar(), away_bar()
        self.scale = NumberSlider(
            "Guidance",
            "How much an image's labels are stressed: 1 as in the data, or more than there",
            0,
            STRONGEST,
            1.5,
            1,
        )
        self.sampler.currentIndexChanged.connect(self.changed)
        self.steps.valueChanged.connect(self.changed)
        self.given.changed.connect(self.changed)
        self.against.changed.connect(self.changed)
        self.scale.settled.connect(self.changed)
        row = Wrap(self)
        for part in (self.sampler, named("Steps", self.steps), *more, self.given, self.scale, self.against):
            row.addWidget(part)
        self.follow(None)

    def follow(self, checkpoint: Checkpoint | None) -> None:
        labels = checkpoint.conditions if checkpoint is not None else ()
        for bar in (self.given, self.against):
            bar.show_labels(labels)
        self.scale.setVisible(bool(labels))

    def way(self) -> Way:
        sampler, steps, scale = self.sampler.currentData(), self.steps.value(), self.scale.value()
        return Way(sampler, steps, scale, self.given.values(), self.against.values())

    def set_way(self, way: Way) -> None:
        """The sampler, its steps and the guidance of a model, without a word."""
        for box, value in ((self.sampler, self.sampler.findData(way.sampler)), (self.steps, way.steps)):
            box.blockSignals(True)
            box.setCurrentIndex(value) if isinstance(box, QComboBox) else box.setValue(value)
            box.blockSignals(False)
        self.scale.set_value(way.cfg_scale)
