"""A column of sliders along any axes of the code in hand."""

import unicodedata

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from genexplorer.engine.axes import Axes

from .code import Code
from .column_area import ColumnArea
from .film_strip import side_for
from .icons import icon
from .images import Pixels
from .latent_slider import LatentSlider


class AxisColumn(ColumnArea):
    """Moves the code along axes, one gesture a step of its history; those that change next to nothing are folded away.

    A locked axis keeps its place, also while another one that is not orthogonal to it moves.
    """

    unexposed = Signal()  # film strips that can be seen may be out of date

    def __init__(self, code: Code, parent: QWidget | None = None) -> None:
        inside = QWidget()
        super().__init__(inside, parent)
        self.code = code
        self.axes: Axes | None = None
        self.sliders: list[LatentSlider] = []  # by axis, not by place
        self._bent: Axes | None = None  # the axes as what is locked lets them be
        self._before: np.ndarray | None = None  # the code when the gesture began that goes on
        self._at: list[np.ndarray | None] = []  # of which code each film strip is
        self._filter, self._strips = "", False
        self.quiet = QToolButton()
        self.quiet.setCheckable(True)
        self.quiet.setProperty("fold", True)
        self.quiet.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.quiet.setToolTip("Sliders that change next to nothing")
        self.quiet.toggled.connect(self._unfold)
        self.nothing = QLabel(wordWrap=True)
        self.nothing.setProperty("role", "muted")
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(0, 0, 8, 0)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        outer.addLayout(self._column)
        outer.addWidget(self.nothing)
        outer.addWidget(self.quiet)
        outer.addStretch(1)
        self.verticalScrollBar().valueChanged.connect(self.unexposed)
        code.changed.connect(self._follow)
        code.held_changed.connect(self._hold)
        self.show_axes(None)

    def show_axes(self, axes: Axes | None, nothing: str = "") -> None:
        """Other axes, or why there are none. Axes of the same names only get their numbers: no slider moves."""
        same = axes is not None and self.axes is not None and axes.names == self.axes.names
        first_ranked = self.axes is None or self.axes.weights is None
        self.axes = axes
        self.nothing.setText(nothing)
        if axes is not None and (first_ranked or not same):
            self._lay_out(axes)
        for slider in self.sliders[0 if axes is None else len(axes) :]:
            slider.hide()
        if axes is not None:
            for k, slider in enumerate(self.sliders[: len(axes)]):
                slider.set_range(float(axes.low[k]), float(axes.high[k]))
                slider.set_detail(axes.details[k])
                slider.set_hint(axes.hints[k] if axes.hints else "")
                if self.code.holds(axes.names[k]):
                    self.code.hold(axes.names[k], axes.duals[k])
            wide = self.fontMetrics().horizontalAdvance
            widest = max(axes.names, key=wide, default=""), max(axes.details, key=wide, default="")
            for slider in self.sliders:
                slider.set_widest(*widest)
        self._at = [None] * (0 if axes is None else len(axes))
        self._hold()
        self._unfold(self.quiet.isChecked())
        self._follow(self.code.z)

    def filter(self, text: str) -> None:
        """Only axes whose name has this in it."""
        self._filter = _plain(text.strip())
        self._unfold(self.quiet.isChecked())

    def set_strips(self, shown: bool) -> None:
        self._strips = shown
        self._fit_strips()
        self.unexposed.emit()

    def reveal(self, axis: int) -> None:
        """Scroll to an axis and put the keyboard there."""
        if self.axes is not None and self.axes.active is not None and not self.axes.active[axis]:
            self.quiet.setChecked(True)
        self.ensureWidgetVisible(self.sliders[axis])
        self.sliders[axis].setFocus()

    def stale(self) -> tuple[list[int], np.ndarray, np.ndarray]:
        """Axes whose film strip can be seen and is out of date, from top to bottom; their vectors; steps (K, F)."""
        if not self._strips or self._bent is None:
            return [], np.zeros((0, 0)), np.zeros((0, 0))
        seen = [k for k in self._shown() if not self.sliders[k].visibleRegion().isEmpty()]
        seen = sorted((k for k in seen if not self._fresh(k)), key=lambda k: self.sliders[k].y())
        places = self._bent.places(self.code.z)
        steps = [np.array(self.sliders[k].frame_values()) - places[k] for k in seen]
        return seen, self._bent.vectors[seen], np.array(steps, np.float32)

    def expose(self, axis: int, z: np.ndarray, pictures: Pixels) -> None:
        """The film strip of an axis, uint8 (F, C, H, W), as it is from this code."""
        self._at[axis] = z
        self.sliders[axis].set_pictures(pictures)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.unexposed.emit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_strips()
        self.unexposed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.unexposed.emit()

    def _fit_strips(self) -> None:
        side = side_for(self.viewport().width() - 12) if self._strips else 0
        for slider in self.sliders:
            slider.set_strip(side)

    def _lay_out(self, axes: Axes) -> None:
        for k in range(len(self.sliders), len(axes)):
            slider = LatentSlider("")
            slider.moved.connect(lambda place, k=k: self._move(k, place))
            slider.committed.connect(lambda _old, _new, k=k: self._commit(k))
            slider.lock_changed.connect(lambda locked, k=k: self._lock(k, locked))
            self.sliders.append(slider)
            slider.hide()
        for slider in self.sliders:
            self._column.removeWidget(slider)
        for axis in axes.ranked:
            self.sliders[axis].set_label(axes.names[axis])
            self.sliders[axis].set_pictures(None)
            self._column.addWidget(self.sliders[axis])
        self._fit_strips()
        self.verticalScrollBar().setValue(0)

    def _shown(self) -> list[int]:
        if self.axes is None:
            return []
        active = np.ones(len(self.axes), bool) if self.axes.active is None else self.axes.active
        wanted = self.quiet.isChecked() or bool(self._filter)
        return [k for k, name in enumerate(self.axes.names) if (active[k] or wanted) and self._filter in _plain(name)]

    def _unfold(self, shown: bool) -> None:
        visible = set(self._shown())
        for k, slider in enumerate(self.sliders):
            slider.setVisible(k in visible)
        quiet = 0 if self.axes is None or self.axes.active is None else int((~self.axes.active).sum())
        self.quiet.setText(f"{quiet} inactive")
        self.quiet.setIcon(icon("caret-down" if shown else "caret-right"))
        self.quiet.setVisible(quiet > 0 and not self._filter)
        if self.axes is not None:
            self.nothing.setText("" if visible or not self._filter else f"No slider has “{self._filter}” in its name.")
        self.nothing.setVisible(bool(self.nothing.text()))
        self.unexposed.emit()

    def _fresh(self, axis: int) -> bool:
        at = self._at[axis]
        return at is not None and np.array_equal(at, self.code.z)

    def _follow(self, z: np.ndarray) -> None:
        if self.axes is not None and self.axes.vectors.shape[1] == len(z):
            for slider, place in zip(self.sliders, self.axes.places(z).tolist(), strict=False):
                slider.set_value(place)
            self.unexposed.emit()

    def _hold(self) -> None:
        """Take over what is locked."""
        held = self.code.held
        if self.axes is None or self.axes.vectors.shape[1] != len(self.code.z):
            self._bent = None
            return
        self._bent = self.axes.keeping(held)
        self._at = [None] * len(self.axes)
        for slider, name in zip(self.sliders, self.axes.names, strict=False):
            before = slider.blockSignals(True)
            slider.set_locked(self.code.holds(name))
            slider.blockSignals(before)
        self.unexposed.emit()

    def _move(self, axis: int, place: float) -> None:
        if self._bent is not None:
            self._before = self.code.z if self._before is None else self._before
            self.code.drag(self._bent.moved(self.code.z, axis, place))

    def _commit(self, axis: int) -> None:
        before, self._before = self._before, None
        if before is not None and self.axes is not None:
            self.code.commit(f"Move {self.axes.names[axis]}", before)

    def _lock(self, axis: int, locked: bool) -> None:
        if self.axes is not None:
            self.code.hold(self.axes.names[axis], self.axes.duals[axis] if locked else None)


def _plain(text: str) -> str:
    """As it is typed: z₃ is z3."""
    return unicodedata.normalize("NFKC", text).casefold()
