"""One way beside others: its settings, where it is, and what it took."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from genexplorer.engine.denoise import Frame, Way
from genexplorer.gui import theme
from genexplorer.gui.caption import Caption
from genexplorer.gui.icons import icon
from genexplorer.gui.images import ImageView
from genexplorer.gui.lens import Lens
from genexplorer.gui.wrap import Wrap

from .trajectory import Trajectory, apart, tiled, took
from .way_bar import STRONGEST, sampler_box, steps_box

_WIDEST = 68  # pixels of a number


class WayColumn(QWidget):
    """`changed` tells that it is another way by now, `removed` that it is not wanted any more."""

    changed = Signal()
    removed = Signal()

    def __init__(self, way: Way, lens: Lens) -> None:
        super().__init__()
        self.trajectory: Trajectory | None = None
        self._drawn: tuple[Frame, str, QColor] | None = None
        self.sampler, self.steps = sampler_box(), steps_box()
        self.sampler.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.sampler.setMinimumWidth(64)
        self.steps.setPrefix("N ")
        self.scale = QDoubleSpinBox(minimum=0, maximum=STRONGEST, decimals=1, singleStep=0.5, prefix="w ")
        self.scale.setKeyboardTracking(False)
        self.scale.setAccessibleName("Guidance")
        self.scale.setToolTip("How much an image's labels are stressed: 1 as in the data, or more than there")
        self.sampler.setCurrentIndex(self.sampler.findData(way.sampler))
        self.steps.setValue(way.steps)
        self.scale.setValue(way.cfg_scale)
        self.remove_button = QToolButton()
        self.remove_button.setIcon(icon("x", "muted"))
        self.remove_button.setToolTip("Take this way away")
        self.remove_button.setAccessibleName("Take this way away")
        self.remove_button.clicked.connect(self.removed)
        self.view = ImageView(" ")
        self.view.setAcceptDrops(False)
        self.view.share(lens)
        self.took, self.far = Caption(), Caption()
        self.sampler.currentIndexChanged.connect(self.changed)
        self.steps.valueChanged.connect(self.changed)
        self.scale.valueChanged.connect(self.changed)
        row = Wrap(spacing=4)
        for part in (self.steps, self.scale):
            part.setMaximumWidth(_WIDEST)
        for each in (self.steps, self.scale, self.remove_button):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.sampler)
        column.addLayout(row)
        column.addSpacing(4)
        column.addWidget(self.view, 1000)
        for label in (self.took, self.far):
            column.addWidget(label)
        column.addStretch(1)

    def way(self, given: tuple[float, ...], against: tuple[float, ...]) -> Way:
        return Way(self.sampler.currentData(), self.steps.value(), self.scale.value(), given, against)

    def show_time(self, t: float, part: str) -> None:
        """The last moment that is not later than t."""
        frames = self.trajectory.frames if self.trajectory is not None else []
        found = [frame for frame in frames if frame.t >= t - 0.5] or frames[:1]
        if not found:
            self._drawn = None
            self.view.set_image(None)
            self.took.setText("")
            return
        ground, now = QColor(theme.colors().base), found[-1]
        if self._drawn != (now, part, ground):  # while it plays, most frames of the display show the same moment
            self._drawn = now, part, ground
            self.view.set_image(tiled(getattr(now, part), (ground.red(), ground.green(), ground.blue())))
        self.took.setText(took(now))

    def show_distance(self, first: "WayColumn") -> None:
        """From the images of the first way, once both are there."""
        mine, other = self.trajectory, first.trajectory
        if first is self:
            self.far.setText("the others’ measure")
        elif mine is not None and other is not None and mine.whole and other.whole and mine.frames and other.frames:
            self.far.setText(f"{apart(mine.frames[-1].x0, other.frames[-1].x0):.3f} apart")
        else:
            self.far.setText("")
        self.far.setToolTip("Root of the mean squared difference to the first way's images; black 0, white 1")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.setMaximumHeight(max(self.width(), self.view.minimumHeight()))  # what is said stands close to it
