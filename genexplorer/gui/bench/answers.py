"""How quickly the window answers: gaps of its thread, slider to pixels."""

import time
from functools import cache
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from genexplorer.engine.bench import benchmark
from genexplorer.engine.bench.decoder import bare_seconds
from genexplorer.engine.runs import Run

from .window import Gaps, OpenDesk, Painted, faces_run, opened, rest, wait


def gaps_training(app: QApplication, desk: Any, run: Run, seconds: float = 8.0) -> tuple[float, float]:
    """p99 and longest gap in ms, from before the start of a training to after its stop, previews and saves among it.

    The pointer has come to the dock before, as it does on its way to the button.
    """
    desk.train.work.get_ready()
    wait(app, desk.train.work.is_ready)
    gaps = Gaps()
    desk.train.work.go_on(run)
    wait(app, lambda: len(run.checkpoints()) > 1)
    rest(app, seconds)
    desk.train.stop()
    wait(app, lambda: not desk.train.work.going)
    return gaps.stop()


def slider_to_pixels(app: QApplication, panel: Any, moves: int = 200, rest_s: float = 0.010) -> tuple[float, float]:
    """From a slider's move to the painted picture, p50 and p99 in ms; one move at a time, that much rest between.

    Meanwhile the window waits for events as it does when nobody measures: a loop that looks and sleeps takes part.
    """
    painted, slider, taken = Painted(panel.image), panel.sliders[0], []
    low, high = -2.0, 2.0
    for move in range(moves):
        before, start = painted.count, time.perf_counter()
        slider.set_value(low + (high - low) * (move % 50) / 50)
        slider.moved.emit(slider.value())
        while painted.count == before:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        taken.append((time.perf_counter() - start) * 1000)
        rest(app, rest_s)
    return float(np.percentile(taken, 50)), float(np.percentile(taken, 99))


def decode_ms(app: QApplication, desk: Any, times: int = 40, rest_s: float = 0.010) -> float:
    """The median of the bare decode, as seldom as the slider moves: one after the other, the weights stay in the cache
    of the processor, where no hand is quick enough to find them."""
    codes, taken = np.zeros((1, len(desk.session.code.z)), np.float32), []
    for _ in range(times):
        taken.append(bare_seconds(desk.session.checkpoint, codes) * 1000)
        rest(app, rest_s)
    return float(np.median(taken))


def measure(app: QApplication, desk: Any) -> dict[str, float]:
    """All figures by name, in ms, on this window, with runs that are trained for it."""
    found: dict[str, float] = {}
    found["gap_p99"], found["gap_longest"] = gaps_training(app, desk, faces_run(desk, "gaps"))
    panel = desk.panel("latent")
    wait(app, lambda: panel.image.image() is not None)
    found["slider_p50"], found["slider_p99"] = slider_to_pixels(app, panel)
    found["decode"] = decode_ms(app, desk)
    desk.train.work.go_on(faces_run(desk, "busy"))
    wait(app, lambda: len(desk.train.work.run.checkpoints()) > 1)
    found["busy_slider_p50"], found["busy_slider_p99"] = slider_to_pixels(app, panel)
    desk.train.stop()
    wait(app, lambda: not desk.train.work.going)
    return found


def add_rows(open_desk: OpenDesk) -> None:
    """Each as a share of what is allowed."""

    @cache
    def figures() -> dict[str, float]:
        with opened(open_desk) as (app, desk):
            return measure(app, desk)

    for name, allowed, what in (
        ("gap_p99", 5.0, "the window's p99 gap while a training starts, runs, saves and stops"),
        ("gap_longest", 33.0, "the longest gap of the same"),
        ("slider_p99", 16.0, "p99 from a slider's move to pixels, idle"),
        ("busy_slider_p99", 33.0, "p99 from a slider's move to pixels, while training"),
    ):

        @benchmark(name, bound="≤ 1", what=f"{what}, as a share of {allowed:g} ms")
        def share(name: str = name, allowed: float = allowed) -> tuple[float, str]:
            return figures()[name] / allowed, f"{figures()[name]:.1f} ms"

    for name, times, what in (
        ("slider_p50", 1, "p50 from a slider's move to pixels, idle, as a share of the bare decode and 3 ms"),
        ("busy_slider_p50", 2, "the same while training, as a share of twice that"),
    ):

        @benchmark(name, bound="≤ 1", what=what)
        def beside_decode(name: str = name, times: int = times) -> tuple[float, str]:
            found = figures()
            allowed = times * (found["decode"] + 3.0)
            return found[name] / allowed, f"{found[name]:.1f} ms; the bare decode {found['decode']:.1f} ms"
