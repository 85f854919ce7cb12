"""How quickly the window answers, measured in the window itself: gaps of its thread, slider to pixels."""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from genexplorer.core.data import DATASETS
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.engine.bench import benchmark
from genexplorer.engine.runs import Run, RunInfo
from genexplorer.engine.settings import TrainRecipe


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


def gaps_training(app: QApplication, desk: Any, run: Run, seconds: float = 8.0) -> tuple[float, float]:
    """p99 and longest gap in ms, from before the start of a training to after its stop, previews and saves among it."""
    gaps = Gaps()
    desk.train.go_on(run)
    wait(app, lambda: len(run.checkpoints()) > 1)
    end = time.perf_counter() + seconds
    wait(app, lambda: time.perf_counter() > end)
    desk.train.stop()
    wait(app, lambda: not desk.train.training)
    return gaps.stop()


def slider_to_pixels(app: QApplication, panel: Any, moves: int = 200, rest_s: float = 0.010) -> tuple[float, float]:
    """From a slider's move to the painted picture, p50 and p99 in ms; one move at a time, that much rest between."""
    painted, slider, taken = Painted(panel.image), panel.sliders[0], []
    low, high = -2.0, 2.0
    for move in range(moves):
        before, start = painted.count, time.perf_counter()
        slider.set_value(low + (high - low) * (move % 50) / 50)
        slider.moved.emit(slider.value())
        wait(app, lambda before=before: painted.count > before)  # type: ignore[misc]
        taken.append((time.perf_counter() - start) * 1000)
        rest = time.perf_counter() + rest_s
        wait(app, lambda rest=rest: time.perf_counter() > rest)  # type: ignore[misc]
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99))


def measure(app: QApplication, desk: Any) -> dict[str, float]:
    """All figures by name, in ms, on this window, with runs that are trained for it."""
    found: dict[str, float] = {}
    found["gap_p99"], found["gap_longest"] = gaps_training(app, desk, _run(desk, "gaps"))
    panel = desk.panels[0]
    wait(app, lambda: panel.image.image() is not None)
    found["slider_p50"], found["slider_p99"] = slider_to_pixels(app, panel)
    desk.train.go_on(_run(desk, "busy"))
    wait(app, lambda: len(desk.train.run.checkpoints()) > 1)
    found["busy_slider_p50"], found["busy_slider_p99"] = slider_to_pixels(app, panel)
    desk.train.stop()
    wait(app, lambda: not desk.train.training)
    return found


def _run(desk: Any, name: str) -> Run:
    """A 64 px VAE on portraits that are drawn already."""
    data = DATASETS["faces"].parse({"num": 2000})
    drain(data.load(desk.session.store.cache))
    settings = TrainRecipe.parse({"steps": 1_000_000, "batch_size": 32, "preview_every": 20, "save_every": 40})
    run: Run = desk.session.store.create(RunInfo(MODELS["vae"].parse({}), data, settings), name)
    return run


def add_rows(open_desk: Callable[[Path], Any]) -> None:
    """Measurements of the window for `genexplorer bench`: each as a share of what is allowed."""

    @cache
    def figures() -> dict[str, float]:
        with TemporaryDirectory() as home:
            desk = open_desk(Path(home))
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            try:
                return measure(app, desk)
            finally:
                desk.window.close()

    for name, allowed, what in (
        ("gap_p99", 5.0, "the window's p99 gap while a training starts, runs, saves and stops"),
        ("gap_longest", 33.0, "the longest gap of the same"),
        ("slider_p99", 16.0, "p99 from a slider's move to pixels, idle"),
        ("busy_slider_p99", 33.0, "p99 from a slider's move to pixels, while training"),
    ):

        @benchmark(name, bound="≤ 1", what=f"{what}, as a share of {allowed:g} ms")
        def share(name: str = name, allowed: float = allowed) -> tuple[float, str]:
            return figures()[name] / allowed, f"{figures()[name]:.1f} ms"
