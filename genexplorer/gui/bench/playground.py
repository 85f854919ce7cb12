"""What it costs to watch a model that learns points, and how smoothly it is shown."""

import time
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from genexplorer.core.data import DATASETS
from genexplorer.engine.bench import benchmark
from genexplorer.engine.jobs import Job
from genexplorer.engine.playground import Round, setup_for

from .window import OpenDesk, opened, wait

_SECONDS, _ROUNDS, _FPS = 4.0, 3, 30


def rest(seconds: float) -> None:
    """Let the window live in its own loop: to look after it again and again takes the interpreter from who trains."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def alone(family: str) -> float:
    """Steps per second with nothing to see, on a thread of the same kind, while the window idles."""
    played = Round(setup_for(family, DATASETS["points2d"].parse({})))

    def work() -> Any:
        while True:
            for _ in range(50):
                played.move()
            yield played.step

    job = Job(work, "genexplorer-bench", 1)
    rest(_SECONDS / 4)
    start, first = time.perf_counter(), played.step
    rest(_SECONDS)
    rate = (played.step - first) / (time.perf_counter() - start)
    job.stop()
    while job.alive:
        job.drain()
        job.join(0.01)
    return rate


def watched(panel: Any) -> tuple[float, float]:
    """Steps and paints per second while it plays."""
    panel.restart()
    panel.play(True)
    rest(_SECONDS / 4)
    start, first, painted = time.perf_counter(), panel.view.frame.step, panel.view.painted
    rest(_SECONDS)
    spent = time.perf_counter() - start
    rates = (panel.view.frame.step - first) / spent, (panel.view.painted - painted) / spent
    panel.play(False)
    rest(0.2)
    return rates


def measure(open_desk: OpenDesk) -> tuple[list[tuple[float, float]], list[float]]:
    """By rounds: steps/s watched and alone; and paints/s."""
    pairs, frames = [], []
    with opened(open_desk) as (app, desk):
        panel = desk.panel("playground")
        desk.window.tabs.setCurrentWidget(panel)
        wait(app, lambda: panel.view.frame is not None)
        for _ in range(_ROUNDS):
            ours, painted = watched(panel)
            pairs.append((ours, alone("gan")))
            frames.append(painted)
    return pairs, frames


def add_rows(open_desk: OpenDesk) -> None:
    @benchmark(
        "playground_steps", bound="≥ 0.8", what="steps/s of a GAN on points while its plot is alive, to the same unseen"
    )
    def steps() -> tuple[float, str]:
        pairs, _ = measure(open_desk)
        ours, theirs = np.median(np.array(pairs), 0)
        return float(np.median([mine / other for mine, other in pairs])), f"{ours:.0f} to {theirs:.0f} steps/s"

    @benchmark("playground_frames", bound="≥ 1", what=f"frames/s of that plot while it plays, by {_FPS}")
    def frames() -> tuple[float, str]:
        _, painted = measure(open_desk)
        rate = float(np.median(painted))
        return rate / _FPS, f"{rate:.0f} frames/s"
