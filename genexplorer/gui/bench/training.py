"""Whether a training in the window is as quick as one on the command line."""

import time

import numpy as np
from PySide6.QtWidgets import QApplication

from genexplorer.engine.bench import benchmark
from genexplorer.engine.runs import Run
from genexplorer.engine.settings import Hardware
from genexplorer.engine.train import Step, train

from .window import OpenDesk, faces_run, opened, rest

_SECONDS, _ROUNDS = 5.0, 3


def rate_in_window(app: QApplication, desk: object, run: Run) -> float:
    """Steps per second from the run's own count, once it is under way."""
    dock = desk.train  # type: ignore[attr-defined]
    dock.work.go_on(run)
    rest(app, 3.0)
    first, start = dock.bar.value(), time.perf_counter()
    rest(app, _SECONDS)
    rate = (dock.bar.value() - first) / (time.perf_counter() - start)
    dock.work.shut()
    return float(rate)


def rate_alone(run: Run, threads: int) -> float:
    """Of the same training with nothing beside it."""
    work = train(run, Hardware(threads=threads))
    first, start = 0, 0.0
    try:
        for event in work:
            if isinstance(event, Step):
                now = time.perf_counter()
                if not start and event.seconds > 2.0:
                    first, start = event.step, now
                if start and now - start > _SECONDS:
                    return (event.step - first) / (now - start)
    finally:
        work.close()
    raise AssertionError("a training without an end")


def add_rows(open_desk: OpenDesk) -> None:
    @benchmark("window_training", bound="≥ 0.9", what="steps/s of a training in the window, to the same without one")
    def share() -> tuple[float, str]:
        with opened(open_desk) as (app, desk):
            pairs = []
            for turn in range(_ROUNDS):
                threads = desk.train.work.threads
                alone = rate_alone(faces_run(desk, f"alone-{turn}"), threads)
                pairs.append((rate_in_window(app, desk, faces_run(desk, f"window-{turn}")), alone))
        ours, theirs = np.median(np.array(pairs), 0)
        return float(np.median([mine / other for mine, other in pairs])), f"{ours:.1f} to {theirs:.1f} steps/s"
