"""What is taken from an image, to be put back: what a brush hides, detail, colour or sharpness."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QSpinBox, QWidget

from genexplorer.core.data import DataSpec
from genexplorer.engine.repair import TASKS, Damage, Task
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.number_slider import NumberSlider
from genexplorer.gui.segments import Segments
from genexplorer.gui.wrap import Wrap, named, together

from .masks import READY, mask_icon

_TASKS: dict[Task, tuple[str, str]] = {
    "paint": ("Paint", "What is painted over is made anew"),
    "coarse": ("Super-resolution", "Detail is made for an image of few pixels"),
    "grey": ("Colour", "A grey image is coloured"),
    "blur": ("Deblur", "A blurred image is made sharp"),
}
_BRUSHES = (
    ("Move", "Drag moves the image when it is zoomed"),
    ("Hide", "The brush hides what is to be made anew"),
    ("Show", "The brush brings back what was hidden"),
)
_FACTORS = (2, 4, 8)
_MOST_TURNS = 20
_WIDEST = 360


class TaskBar(QWidget):
    """`image` are controls that say which image; `repainting` is to stand where one chooses the sampler.

    `changed` tells of another damage, `brush_changed` of another brush, and `mask_wanted` gives a text and what makes a
    mask, bool (H, W), from the one that there is.
    """

    changed = Signal()
    brush_changed = Signal()
    mask_wanted = Signal(str, object)

    def __init__(self, owner: QWidget, image: QWidget) -> None:
        super().__init__()
        self.tasks = Segments([(*_TASKS[task], "") for task in TASKS])
        self.brushes = Segments([(text, does, "") for text, does in _BRUSHES])
        self.brushes.choose(1)
        self.radius = QDoubleSpinBox(decimals=1, minimum=0.5, maximum=64.0, singleStep=0.5, suffix=" px")
        self.radius.setKeyboardTracking(False)
        self.radius.setToolTip("Radius of the brush, in pixels of the image")
        self.radius.setAccessibleName("Brush")
        self.factors = Segments(
            [(f"{n} ×", f"Of squares of {n} × {n} pixels only the mean is known", "") for n in _FACTORS]
        )
        self.factors.choose(1)
        self.sigma = NumberSlider("Spread", "Standard deviation of the Gaussian blur, in pixels", 0.3, 4.0, 1.5)
        self.clear_action = self._mask_action(owner, "Show all", "eraser", "0", "Hide nothing", np.zeros_like)
        self.invert_action = self._mask_action(
            owner, "Invert", "selection-inverse", "I", "Hide what is shown, and show what is hidden", np.logical_not
        )
        self.turns = QSpinBox(minimum=1, maximum=_MOST_TURNS, suffix=" turns")
        self.turns.setSpecialValueText("off")
        self.turns.setKeyboardTracking(False)
        self.turns.setAccessibleName("RePaint")
        self.turns.setToolTip(
            "How often each part of the way is gone: RePaint goes back to more noise and comes again, so that what is "
            "made agrees with what is known. Off: what is known is put into each image seen, by any sampler"
        )
        for segments in (self.tasks, self.brushes, self.factors):  # what a wide window has to spare is not for them
            segments.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tasks.chosen.connect(lambda _: self._unfold())
        self.tasks.chosen.connect(lambda _: self.changed.emit())
        self.factors.chosen.connect(lambda _: self.changed.emit())
        self.sigma.changed.connect(self.changed)
        self.brushes.chosen.connect(lambda _: self.brush_changed.emit())
        self.radius.valueChanged.connect(self.brush_changed)
        self.turns.valueChanged.connect(lambda _: self.changed.emit())
        self.ready_actions = [self._ready_action(*each) for each in READY]
        masks = together(*buttons_of(*self.ready_actions, self.invert_action, self.clear_action), spacing=2)
        brush = together(self.brushes, named("Brush", self.radius), spacing=8)
        self.repainting = named("RePaint", self.turns)
        self.repainting.setParent(self)  # shown without one, it would be a window for a moment
        self.sigma.setMaximumWidth(_WIDEST)
        self._parts: dict[Task, list[QWidget]] = {
            "paint": [brush, masks, self.repainting],
            "coarse": [self.factors],
            "grey": [],
            "blur": [self.sigma],
        }
        row = Wrap(self)
        row.addWidget(self.tasks)
        row.addWidget(image)
        for parts in self._parts.values():
            for part in parts:
                if part is not self.repainting:
                    row.addWidget(part)
        self._unfold()

    def actions_of_mask(self) -> list[QAction]:
        return [*self.ready_actions, self.invert_action, self.clear_action]

    def task(self) -> Task:
        return TASKS[self.tasks.choice()]

    def damage(self) -> Damage:
        return Damage(self.task(), _FACTORS[self.factors.choice()], self.sigma.value())

    def by_repaint(self) -> bool:
        """Whether RePaint's own steps take the place of a sampler's."""
        return self.task() == "paint" and self.turns.value() > 1

    def brush(self) -> int:
        """0 where none is in the hand, 1 to hide, 2 to show."""
        return self.brushes.choice()

    def offer(self, spec: DataSpec) -> None:
        """What can be taken from such images."""
        fits = [n for n, factor in enumerate(_FACTORS) if spec.size % factor == 0 and spec.size > factor]
        for n in range(len(_FACTORS)):
            self.factors.button(n).setVisible(n in fits)
        if fits and self.factors.choice() not in fits:
            self.factors.choose(fits[-1])
        for task, there in (("coarse", bool(fits)), ("grey", spec.channels > 1)):
            number = TASKS.index(task)
            self.tasks.button(number).setVisible(there)
            if not there and self.tasks.choice() == number:
                self.tasks.choose(0)
        self.radius.setValue(max(1.0, round(spec.size / 12)))
        self._unfold()

    def _unfold(self) -> None:
        for task, parts in self._parts.items():
            for part in parts:
                part.setVisible(task == self.task())
        for action in self.actions_of_mask():
            action.setEnabled(self.task() == "paint")
        self.brush_changed.emit()

    def _ready_action(self, text: str, does: str, make: Callable[[int, int], np.ndarray]) -> QAction:
        action = QAction(mask_icon(make), text, self)
        action.setToolTip(does)
        action.triggered.connect(lambda: self.mask_wanted.emit(text, lambda hidden: make(*hidden.shape)))
        return action

    def _mask_action(
        self, owner: QWidget, text: str, name: str, key: str, does: str, make: Callable[[np.ndarray], np.ndarray]
    ) -> QAction:
        return local_action(owner, text, name, key, does, lambda: self.mask_wanted.emit(text, make))
