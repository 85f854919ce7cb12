"""What measurements of the window share: waiting while it lives, its gaps, its paints, a run to train."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from genexplorer.core.data import DATASETS
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import Run, RunInfo
from genexplorer.engine.settings import TrainRecipe

OpenDesk = Callable[[Path], Any]
"""Opens the whole window on a home, as the app does; the composition root gives it."""


@contextmanager
def opened(open_desk: OpenDesk) -> Iterator[tuple[QApplication, Any]]:
    """The window on a fresh home for a while, once it has come to rest."""
    with TemporaryDirectory() as home:
        desk = open_desk(Path(home))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        try:
            rest(app, 1.5)
            yield app, desk
        finally:
            desk.window.close()


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


def rest(app: QApplication, seconds: float) -> None:
    """Let the window live for so long."""
    end = time.perf_counter() + seconds
    wait(app, lambda: time.perf_counter() > end, seconds + 5)


def faces_run(desk: Any, name: str) -> Run:
    """A 64 px VAE on portraits that are drawn already."""
    data = DATASETS["faces"].parse({"num": 2000})
    drain(data.load(desk.session.store.cache))
    settings = TrainRecipe.parse({"steps": 1_000_000, "batch_size": 32, "preview_every": 20, "save_every": 40})
    run: Run = desk.session.store.create(RunInfo(MODELS["vae"].parse({}), data, settings), name)
    return run
