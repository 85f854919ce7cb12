"""From an image to noise: what is left of it at a time, by this model's schedule and by others."""

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QPushButton, QSizePolicy, QSpinBox, QVBoxLayout

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.schedule import T
from genexplorer.engine.denoise import SCHEDULE_NAMES, AddNoise, DescribeNoise, NoiseCurves, Noisy
from genexplorer.engine.one_look import OneLook
from genexplorer.engine.query import Query
from genexplorer.engine.restore import OpenImage, Picked, PickImage
from genexplorer.gui import theme
from genexplorer.gui.actions import buttons_of, local_action
from genexplorer.gui.icons import icon
from genexplorer.gui.images import SUFFIXES, ImageView, Pixels
from genexplorer.gui.legend import dot
from genexplorer.gui.number_slider import NumberSlider
from genexplorer.gui.paint_view import PaintView
from genexplorer.gui.segments import Segments
from genexplorer.gui.session import Session
from genexplorer.gui.side_by_side import SideBySide
from genexplorer.gui.wrap import Wrap, named, together
from genexplorer.networks.schedules import ScheduleName

from .noise_bar import dice, seed_box
from .page import Page
from .schedule_chart import Line, ScheduleChart

_EMPTY = "Train a diffusion model, or open one in the Library, to put noise over images here."
_BRUSHES = (
    ("Move", "Drag moves the image when it is zoomed", 0),
    ("White", "Draw white on the image", 255),
    ("Black", "Draw black on the image", 0),
)
_TITLES: dict[str, str] = {"edm": "EDM", "sqrt": "Square root", "straight": "Straight (flow)"}
_COLOURS = (1, 2, 3, 4, 7, 6)  # of the theme's curves: those that are told from the accent
ASKS = (AddNoise, DescribeNoise, OneLook, OpenImage, PickImage)
"""Questions that are answered at once, also while images are being denoised."""


class ForwardPage(Page):
    """Every move of the time asks anew; nothing waits for what the other pages work on."""

    title = "Forward"
    begin = Signal(object, float)  # denoise this image, uint8 (C, H, W), from the noise of this time on

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._of: Checkpoint | None = None
        self._x: Pixels | None = None  # (C, H, W)
        self._curves: NoiseCurves | None = None
        self._picking: Query | None = None  # whose image is to be shown
        self.shown: Noisy | None = None
        self.original, self.noisy = PaintView(_EMPTY), ImageView(" ")
        self.seen = ImageView(" ")
        self.others = {name: ImageView(" ") for name in SCHEDULE_NAMES}
        self.chart = ScheduleChart()
        self._make_controls()
        first = (
            ("Image <i>x</i><sub>0</sub>", self.original),
            ("Noisy, <i>x</i><sub>t</sub>", self.noisy),
            ("Seen at once, <i>x̂</i><sub>0</sub>", self.seen),
        )
        self.views = SideBySide([*first, *((_title(name), view) for name, view in self.others.items())])
        for view, name in ((self.original, "Image"), (self.noisy, "Noisy image"), (self.seen, "Image seen at once")):
            view.setAccessibleName(name)
        for view in (self.original, self.noisy, self.seen, *self.others.values()):
            view.dropped.connect(self.open_picture)
        self._lay_out()
        self._compare()
        theme.notifier.changed.connect(self._draw_curves)
        self._enable()

    def page_actions(self) -> list[QAction]:
        return [self.again_action, self.clear_action]

    def open(self, checkpoint: Checkpoint | None) -> None:
        """Another model's image stays where it has the right form."""
        before, self._of = self._of, checkpoint
        if checkpoint is None or before is None or checkpoint.path.parent != before.path.parent:
            self._curves = None
            self.chart.show_lines(())
        if checkpoint is None or (self._x is not None and self._x.shape != checkpoint.spec.shape):
            self._x = None
            for number, view in enumerate((self.original, self.noisy, self.seen)):
                view.set_image(None)
                self.views.note(number, "")
        if checkpoint is not None:
            own = getattr(checkpoint.recipe, "schedule", "")
            for name, box in self.boxes.items():
                box.setVisible(name != own)
            self._compare()
            if self.isVisible():
                self._begin()
        self._draw_curves()
        self._enable()

    def awaits(self, query: Query) -> bool:
        if isinstance(query, PickImage | OpenImage):
            return query is self._picking
        mine = isinstance(query, ASKS) and self._of is not None
        return mine and query.checkpoint.path.parent == self._of.path.parent  # type: ignore[union-attr]

    def show_reply(self, query: Query, answer: Any) -> None:
        match query, answer:
            case _, NoiseCurves():
                self._curves = answer
                self._draw_curves()
            case _, Picked(x=x, place=place, count=count):
                if count:
                    self._place(place, count)
                self.show_image(x)
            case AddNoise(), Noisy():
                self._show(query, answer)
            case OneLook(), _:
                self.seen.set_image(answer)

    def fail(self) -> None:
        """Where there is no image at hand one can be drawn."""
        if self._of is not None and self._x is None:
            self.show_image(np.zeros(self._of.spec.shape, np.uint8))

    def still(self) -> Pixels | None:
        if self.shown is None or self._x is None or self.shown.pictures.shape[1:] != self._x.shape:
            return None
        return np.concatenate([self._x, *self.shown.pictures], -1)

    def open_picture(self, path: Path) -> None:
        if self._of is None:
            self.session.failed.emit("There is no model yet to show a picture's noise; open a diffusion run first.")
        else:
            self._take_in(OpenImage(self._of, path))

    def show_image(self, x: Pixels) -> None:
        """Another image, uint8 (C, H, W)."""
        self._x = x
        self.original.set_image(x)
        self._enable()
        self._ask()

    def clear(self) -> None:
        """All black, to draw on."""
        if self._x is not None:
            self.show_image(np.zeros_like(self._x))
            if not self.brushes.choice():
                self.brushes.choose(1)
                self._take_brush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    def _begin(self) -> None:
        if self._of is None:
            return
        if self._curves is None:
            self.asked.emit(DescribeNoise(self._of))
        if self._x is None:
            self._pick(self.place.value())
        else:
            self._ask()

    def _pick(self, place: int) -> None:
        if self._of is not None:
            self._take_in(PickImage(self._of, self.session.store.cache, place))

    def _take_in(self, query: Query) -> None:
        self._picking = query
        self.asked.emit(query)

    def _chosen(self) -> list[ScheduleName]:
        return [name for name, box in self.boxes.items() if box.isChecked() and not box.isHidden()]

    def _ask(self) -> None:
        if self._of is not None and self._x is not None:
            chosen = tuple(self._chosen())
            self.asked.emit(AddNoise(self._of, self._x, self.time.value(), self.seed.value(), chosen))

    def _show(self, query: AddNoise, noisy: Noisy) -> None:
        self.shown = noisy
        self.noisy.set_image(noisy.pictures[0])
        for name, picture in zip(query.schedules, noisy.pictures[1:], strict=True):
            self.others[name].set_image(picture)
        if self._curves is not None:
            at = round(query.t)
            self.views.note(1, _mixed(float(self._curves.own[at])))
            for name in query.schedules:
                self.views.note(3 + SCHEDULE_NAMES.index(name), _mixed(float(self._curves.named[name][at])))
        self.asked.emit(OneLook(query.checkpoint, noisy.state, query.t))

    def _move(self, t: float) -> None:
        self.chart.set_time(t)
        self._ask()

    def _mark(self, t: float) -> None:
        self.time.set_value(t)
        self._ask()

    def _compare(self) -> None:
        self.views.show_only([0, 1, 2, *(3 + SCHEDULE_NAMES.index(name) for name in self._chosen())])
        self._draw_curves()
        self._ask()

    def _draw_curves(self) -> None:
        colors = {name: theme.colors().curves[n] for name, n in zip(SCHEDULE_NAMES, _COLOURS, strict=True)}
        for name, box in self.boxes.items():
            box.setIcon(dot(colors[name]))
        own = getattr(self._of.recipe, "schedule", "") if self._of is not None else ""
        self.own.setText(f'<span style="color:{theme.colors().accent}">●</span> {_title(own)}, this model’s')
        self.own.setVisible(bool(own))
        if self._curves is not None:
            lines = [Line(self._curves.own)]
            for name in self._chosen():
                lines.append(Line(self._curves.named[name], colors[name]))
            self.chart.show_lines(lines)

    def _brush(self, covered: np.ndarray) -> None:
        if self._x is not None:
            self.show_image(np.where(covered, np.uint8(_BRUSHES[self.brushes.choice()][2]), self._x))

    def _take_brush(self) -> None:
        self.original.set_painting(self.brushes.choice() > 0)

    def _open_file(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Open a picture", "", f"Pictures ({kinds})")
        if name:
            self.open_picture(Path(name))

    def _go(self) -> None:
        if self._x is not None:
            self.begin.emit(self._x, max(self.time.value(), 1.0))

    def _place(self, place: int, count: int) -> None:
        self.place.blockSignals(True)
        self.place.setRange(-1, count)  # one beyond either end: places go around
        self.place.setValue(place)
        self.place.blockSignals(False)

    def _enable(self) -> None:
        on = self._x is not None
        for part in (self.place, self.seed, self.brushes, self.time, self.go_button, *self.boxes.values()):
            part.setEnabled(on)
        for action in (self.again_action, self.clear_action):
            action.setEnabled(on)
        self.open_action.setEnabled(self._of is not None)

    def _make_controls(self) -> None:
        self.place = QSpinBox(prefix="№ ")
        self.place.setKeyboardTracking(False)
        self.place.setAccessibleName("Test image")
        self.place.setToolTip("Which image of the test set; drop a picture of your own instead, or draw on it")
        self.place.valueChanged.connect(self._pick)
        self.open_action = local_action(
            self, "Open a picture", "folder-open", "O", "Put noise over a picture of your own", self._open_file
        )
        self.seed = seed_box()
        self.seed.setToolTip("Of the noise")
        self.seed.valueChanged.connect(self._ask)
        self.again_action = dice(self, self.seed)
        self.brushes = Segments([(text, does, "") for text, does, _ in _BRUSHES])
        self.brushes.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.brushes.chosen.connect(lambda _: self._take_brush())
        self.original.brushed.connect(self._brush)
        self.original.set_radius(1.2)
        self.clear_action = local_action(self, "Empty", "eraser", "0", "All black, to draw on", self.clear)
        self.time = NumberSlider("t", "The time: 0 is the image, 1000 nothing but noise", 0, T, 300, 0)
        self.time.slider.setMaximumWidth(16_777_215)
        self.time.slider.setPageStep(100)
        self.time.slider.setSingleStep(10)
        self.time.number.setSingleStep(10)
        self.time.changed.connect(self._move)
        self.chart.set_time(300)
        self.chart.moved.connect(self._mark)
        self.go_button = QPushButton("Denoise from here")
        self.go_button.setProperty("primary", True)
        self.go_button.setIcon(icon("sparkle", "on_accent"))
        self.go_button.setToolTip("Make variations: other images that this noisy one may come from (SDEdit)")
        self.go_button.clicked.connect(self._go)
        self.own = QLabel()
        self.boxes: dict[ScheduleName, QCheckBox] = {}
        for name in SCHEDULE_NAMES:
            box = self.boxes[name] = QCheckBox(_title(name))
            box.setToolTip(f"Show the same image and noise by this schedule too: {_title(name)}")
            box.toggled.connect(self._compare)

    def _lay_out(self) -> None:
        top, when, beside = Wrap(), Wrap(), Wrap(spacing=16)
        (opening,), (again,), (clear,) = (
            buttons_of(action) for action in (self.open_action, self.again_action, self.clear_action)
        )
        top.addWidget(together(named("Image", self.place), opening))
        top.addWidget(together(self.brushes, clear))
        top.addWidget(together(named("Seed", self.seed), again))
        when.addWidget(self.time)
        when.addWidget(self.go_button)
        beside.addWidget(self.own)
        for box in self.boxes.values():
            beside.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        for row in (top, when):
            column.addLayout(row)
        column.addWidget(self.views, 1)
        column.addLayout(beside)
        column.addWidget(self.chart)


def _title(schedule: str) -> str:
    return _TITLES.get(schedule, schedule.capitalize())


def _mixed(alpha_bar: float) -> str:
    return f"{alpha_bar**0.5:.2f} x₀ + {(1 - alpha_bar) ** 0.5:.2f} ε"
