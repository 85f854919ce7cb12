"""How quickly the window answers, measured in the window itself: gaps of its thread, slider to pixels."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from genexplorer.engine.runs import Run


class Gaps:
    """Ticks a timer every millisecond: the time between two ticks is how long the thread did not answer, in ms."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.ms.append((now - self._last) * 1000)
        self._last = now

    def stop(self) -> tuple[float, float]:
        """p99 and the longest, in ms."""
        self._timer.stop()
        return float(np.percentile(self.ms, 99)), max(self.ms)


class Painted(QObject):
    """Knows when a widget was painted last."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return False


def wait(app: QApplication, done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Let the window live until something is so; TimeoutError where it never is."""
    end = time.perf_counter() + seconds
    while not done():
        app.processEvents()
        if time.perf_counter() > end:
            raise TimeoutError("the window did not get there")
        time.sleep(0.0002)


def gaps_idle(app: QApplication, seconds: float = 3.0) -> tuple[float, float]:
    """p99 and longest gap of a window that nothing is asked of, in ms."""
    gaps, end = Gaps(), time.perf_counter() + seconds
    wait(app, lambda: time.perf_counter() > end)
    return gaps.stop()


def gaps_training(app: QApplication, desk: Any, run: Run, seconds: float = 8.0) -> tuple[float, float]:
    """The same from before the start of a training to after its stop, previews and saves among it."""
    gaps = Gaps()
    desk.train.go_on(run)
    wait(app, lambda: len(run.checkpoints()) > 1)
    end = time.perf_counter() + seconds
    wait(app, lambda: time.perf_counter() > end)
    desk.train.stop()
    wait(app, lambda: not desk.train.training)
    return gaps.stop()


def slider_to_pixels(app: QApplication, panel: Any, moves: int = 200) -> tuple[float, float]:
    """From a slider's move to the painted picture, p50 and p99 in ms; one move at a time, 60 Hz apart or slower."""
    painted, slider, taken = Painted(panel.image), panel.sliders[0], []
    low, high = -2.0, 2.0
    for move in range(moves):
        before, start = painted.count, time.perf_counter()
        slider.set_value(low + (high - low) * (move % 50) / 50)
        slider.moved.emit(slider.value())
        wait(app, lambda before=before: painted.count > before)  # type: ignore[misc]
        taken.append((time.perf_counter() - start) * 1000)
        rest = time.perf_counter() + 0.010
        wait(app, lambda rest=rest: time.perf_counter() > rest)  # type: ignore[misc]
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99))


def measure(app: QApplication, desk: Any, make_run: Callable[[str], Run]) -> Iterator[tuple[str, float, float]]:
    """Name, p50 or p99, p99 or longest: all in ms, on this window, with a run that is trained for it."""
    yield ("gap idle: p99, longest", *gaps_idle(app))
    yield ("gap training: p99, longest", *gaps_training(app, desk, make_run("gaps")))
    panel = desk.panels[0]
    wait(app, lambda: panel.image.image() is not None)
    yield ("slider to pixels idle: p50, p99", *slider_to_pixels(app, panel))
    desk.train.go_on(make_run("busy"))
    wait(app, lambda: desk.train.pace.steps_per_second > 0)
    wait(app, lambda: panel.image.image() is not None and len(desk.session.run.checkpoints()) > 0)
    yield ("slider to pixels while training: p50, p99", *slider_to_pixels(app, panel))
    desk.train.stop()
    wait(app, lambda: not desk.train.training)
