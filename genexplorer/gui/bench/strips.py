"""What film strips cost: all of them anew beside the bare decoder, and a slider that is moved meanwhile."""

import time
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication

from genexplorer.engine.bench import benchmark
from genexplorer.engine.bench.decoder import bare_seconds, fresh_checkpoint
from genexplorer.gui.film_strip import FRAMES

from .answers import slider_to_pixels
from .window import OpenDesk, opened, wait

SLIDERS = 20


def refresh(app: QApplication, panel: Any, z: np.ndarray) -> float:
    """Seconds from another code to the last picture of the last strip."""
    start = time.perf_counter()
    panel.code.drag(z)
    while panel.busy or panel.column.stale()[0]:  # in this order: to look for stale ones takes a part of a millisecond
        app.processEvents()
        time.sleep(0.002)  # as seldom as the window itself wakes: a busy loop takes the interpreter from the decoder
    return time.perf_counter() - start


def measure(app: QApplication, desk: Any, folder: Path) -> dict[str, float]:
    """Ratio of the two, strips that were seen, and p99 of a slider in ms while strips are made."""
    checkpoint = fresh_checkpoint(folder / "fresh.safetensors", SLIDERS)
    desk.window.resize(1280, 2600)  # so that twenty stand there at once
    desk.session.open_alone(checkpoint)
    panel, rng = desk.panel("latent"), np.random.default_rng(0)
    panel.strips_action.setChecked(True)
    panel.column.quiet.setChecked(True)
    wait(app, lambda: panel.image.image() is not None and not panel.column.stale()[0])
    panel.code.drag(rng.normal(size=SLIDERS).astype(np.float32))
    seen = len(panel.column.stale()[0])
    rounds = []
    for _ in range(9):
        z = rng.normal(size=(SLIDERS * FRAMES, SLIDERS)).astype(np.float32)
        rounds.append((refresh(app, panel, z[0]), bare_seconds(checkpoint, z)))
    ours, theirs = (median(column) * 1000 for column in zip(*rounds[1:], strict=True))
    ratio = median(mine / other for mine, other in rounds[1:])
    _, slider = slider_to_pixels(app, panel, moves=100, rest_s=0.05)
    return {"ratio": ratio, "seen": seen, "ours": ours, "bare": theirs, "slider_p99": slider}


def add_rows(open_desk: OpenDesk) -> None:
    @cache
    def figures() -> dict[str, float]:
        with opened(open_desk) as (app, desk), TemporaryDirectory() as folder:
            return measure(app, desk, Path(folder))

    @benchmark("strips", bound="≤ 1.3", what="film strips of 20 sliders, 7 pictures of 64 px each, anew after a change")
    def strips() -> tuple[float, str]:
        f = figures()
        return f["ratio"], f"{f['ours']:.0f} ms for {f['seen']:.0f} strips to {f['bare']:.0f} ms of the bare decoder"

    @benchmark("strips_slider", bound="≤ 1", what="p99 from a slider's move to pixels while strips are made, of 33 ms")
    def slider() -> tuple[float, str]:
        return figures()["slider_p99"] / 33, f"{figures()['slider_p99']:.1f} ms"
