"""Metrics over steps: several runs, raw and smoothed, growing while they train."""

import csv
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSlider, QVBoxLayout, QWidget

from . import theme
from .series import Series
from .wrap import Wrap, named

Row = Mapping[str, float]
X = "step"
FEW = 2000  # points that can be drawn with smooth edges in a frame's time


class CurvesView(QWidget):
    """One metric at a time, of every run; the legend reads the values under the pointer, or the latest."""

    metric_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot: Any = None
        self._runs: dict[str, dict[str, Series]] = {}
        self._lines: dict[str, tuple[Any, Any]] = {}
        self._stale = False
        self._at: float | None = None
        self._choice = QComboBox()
        self._choice.setAccessibleName("Metric")
        self._choice.setToolTip("What is drawn over the training steps")
        self._choice.setMinimumContentsLength(6)
        self._choice.currentTextChanged.connect(self._change_metric)
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, 99)
        self._smoothing.setValue(60)
        self._smoothing.setMinimumWidth(48)
        self._smoothing.setMaximumWidth(120)
        self._smoothing.setAccessibleName("Smoothing")
        self._smoothing.setToolTip("How far back the bold line's mean reaches")
        self._smoothing.valueChanged.connect(self._resmooth)
        self._log = QCheckBox("Log")
        self._log.setToolTip("Logarithmic scale; what is not above zero is left out")
        self._log.toggled.connect(self._rescale)
        self._legend = QLabel(wordWrap=True)
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setContentsMargins(8, 0, 8, 0)
        self._room = QVBoxLayout()
        self._lay_out()
        QShortcut(QKeySequence("A"), self, self.auto_range, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        theme.notifier.changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        top = Wrap()
        top.setContentsMargins(8, 8, 8, 0)
        for widget in (self._choice, named("Smooth", self._smoothing), self._log):
            top.addWidget(widget)
        top.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._legend)
        column.addLayout(self._room, 1)

    def _open_plot(self) -> None:
        """With the first curve, not with the window: importing pyqtgraph takes 0.2 s."""
        import pyqtgraph as pg

        self._pg = pg
        self._plot = pg.PlotWidget()
        self._plot.setAccessibleName("Curves")
        for part in (self._plot, self._plot.viewport()):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing in it goes by keys
        self._plot.setDownsampling(auto=True, mode="peak")
        self._plot.setClipToView(True)
        self._plot.hideButtons()
        self._plot.scene().sigMouseMoved.connect(self._point)
        self._cross = pg.InfiniteLine(angle=90)
        self._cross.hide()
        self._plot.addItem(self._cross, ignoreBounds=True)
        self._plot.setLogMode(x=False, y=self._log.isChecked())
        self._room.addWidget(self._plot)
        self._dress()

    def runs(self) -> list[str]:
        return list(self._runs)

    def chosen_metric(self) -> str:
        return self._choice.currentText()

    def set_metric(self, metric: str) -> None:
        self._choice.setCurrentText(metric)

    def append(self, run: str, rows: Sequence[Row]) -> None:
        """More of a run: each row has its `step`, and a number for each metric that was measured then."""
        series = self._runs.setdefault(run, {})
        for metric in dict.fromkeys(key for row in rows for key in row if key != X):
            chosen = [row for row in rows if metric in row]
            if metric not in series:
                series[metric] = Series(self._smoothing.value() / 100)
            series[metric].extend([row[X] for row in chosen], [row[metric] for row in chosen])
            if self._choice.findText(metric) < 0:
                self._choice.addItem(metric)
        self._draw(run)

    def set_run(self, run: str, rows: Sequence[Row]) -> None:
        """The whole of a run, in place of what was known of it."""
        self._runs[run] = {}
        self.append(run, rows)

    def remove_run(self, run: str) -> None:
        self._runs.pop(run, None)
        for line in self._lines.pop(run, ()):
            self._plot.removeItem(line)
        left = {metric for series in self._runs.values() for metric in series}
        for index in reversed(range(self._choice.count())):
            if self._choice.itemText(index) not in left:
                self._choice.removeItem(index)
        self._dress()

    def shut(self) -> None:
        """Take the plot apart before the window goes: a scene that dies with its window deletes items twice."""
        if self._plot is not None:
            self._lines.clear()
            plot, self._plot = self._plot, None
            plot.close()

    def auto_range(self) -> None:
        """Show everything, and keep doing so while it grows."""
        if self._plot is not None:
            self._plot.getPlotItem().enableAutoRange()
        self._draw_all()  # pyqtgraph still holds what was clipped to the old view

    def to_csv(self, file: Path) -> None:
        """One line per run and step, one column per metric; nothing where it was not measured."""
        metrics = list(dict.fromkeys(metric for series in self._runs.values() for metric in series))
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["run", X, *metrics])
            for run, series in self._runs.items():
                table: dict[float, dict[str, float]] = {}
                for metric, each in series.items():
                    for step, value in zip(each.x.tolist(), each.y.tolist(), strict=True):
                        table.setdefault(step, {})[metric] = value
                for step in sorted(table):
                    writer.writerow([run, f"{step:.12g}", *(table[step].get(metric, "") for metric in metrics)])

    def _color(self, run: str) -> str:
        palette = theme.colors().curves
        return palette[list(self._runs).index(run) % len(palette)]

    def _draw(self, run: str) -> None:
        if not self.isVisible():
            self._stale = True
            return
        if self._plot is None:
            self._open_plot()
        if run not in self._lines:
            self._lines[run] = self._line(), self._line()
            self._pen(run)
        series = self._runs[run].get(self.chosen_metric())
        for line, which in zip(self._lines[run], ("y", "smooth"), strict=True):
            if series is None:
                line.clear()
            else:
                line.setData(series.x, getattr(series, which), antialias=len(series) <= FEW)
        self._read_out()

    def _draw_all(self) -> None:
        for run in self._runs:
            self._draw(run)
        self._read_out()

    def _line(self) -> Any:
        """Measured with 200,000 noisy points: 11 ms a frame like this, 1.2 s as one smooth stroke."""
        line = self._plot.plot(autoDownsampleFactor=1)
        line.curve.setSegmentedLineMode("on")
        return line

    def _pen(self, run: str) -> None:
        bold = self._pg.mkColor(self._color(run))
        faint = self._pg.mkColor(theme.colors().base)  # mixed, not transparent: segments would show where they meet
        faint.setRgb(*(round(0.35 * b + 0.65 * g) for b, g in zip(bold.getRgb()[:3], faint.getRgb()[:3], strict=True)))
        for line, color, width in zip(self._lines[run], (faint, bold), (1, 2), strict=True):
            line.setPen(self._pg.mkPen(color, width=width * self.devicePixelRatioF()))

    def _dress(self) -> None:
        self._read_out()
        if self._plot is None:
            return
        c, item = theme.colors(), self._plot.getPlotItem()
        self._plot.setBackground(c.base)
        item.showGrid(x=True, y=True, alpha=0.12)
        item.setLabel("bottom", X)
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(c.line)
            axis.setTextPen(c.muted)
            axis.setTickFont(self.font())
        self._cross.setPen(self._pg.mkPen(c.muted, width=1))
        for run in self._lines:
            self._pen(run)

    def _change_metric(self, metric: str) -> None:
        self.auto_range()
        self.metric_changed.emit(metric)

    def _resmooth(self, percent: int) -> None:
        for series in self._runs.values():
            for each in series.values():
                each.resmooth(percent / 100)
        self._draw_all()

    def _rescale(self, log: bool) -> None:
        if self._plot is not None:
            self._plot.setLogMode(x=False, y=log)
        self.auto_range()

    def _point(self, place: QPointF) -> None:
        box = self._plot.getPlotItem().vb
        inside = box.sceneBoundingRect().contains(place)
        self._at = box.mapSceneToView(place).x() if inside else None
        self._cross.setVisible(inside)
        if self._at is not None:
            self._cross.setPos(self._at)
        self._read_out()

    def _read_out(self) -> None:
        parts = []
        for run, series in self._runs.items():
            each = series.get(self.chosen_metric())
            if not each:
                continue
            near = len(each) - 1 if self._at is None else int(np.abs(each.x - self._at).argmin())
            parts.append(
                f'<span style="color:{self._color(run)}">●</span>&nbsp;{_solid(run)}&nbsp;'
                f"<b>{each.smooth[near]:.4g}</b>&nbsp;"
                f'<span style="color:{theme.colors().muted}">at&nbsp;{each.x[near]:,.0f}</span>'
            )
        for widget in (self._choice, self._smoothing, self._log):
            widget.setEnabled(bool(self._runs))
        empty = f'<span style="color:{theme.colors().muted}">No metrics yet: train a model, or open a run.</span>'
        self._legend.setText(" &emsp; ".join(parts) or empty)

    def leaveEvent(self, event: QEvent) -> None:
        if self._plot is not None:
            self._point(QPointF(-1, -1))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self._draw_all()


def _solid(name: str) -> str:
    """A run's name that the legend does not break in two."""
    return html.escape(name).replace(" ", "&nbsp;")
