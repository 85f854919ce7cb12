"""Whether a sheet of samples moves as fast as its generator draws: seeds that are dragged, beside bare batches."""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec
from genexplorer.core.model import MODELS
from genexplorer.engine.bench import benchmark
from genexplorer.engine.bench.decoder import bare_seconds

from .window import OpenDesk, Painted, opened, rest, wait

_SIDE, _ROUNDS, _FRAMES = 8, 5, 12


def fresh_gan(path: Path) -> Checkpoint:
    """A 64 px GAN that learned nothing: it draws as fast as one that did."""
    recipe, spec = MODELS["r3gan"].parse({}), DataSpec((3, 64, 64))
    return save_checkpoint(path, recipe.build(spec), recipe, DATASETS["faces"].parse({}), spec, 0)


def dragged(app: QApplication, panel: Any, frames: int) -> float:
    """Frames a second while a hand that moves at every turn of the window shifts the seeds."""
    painted, first = Painted(panel.grid), panel.bar.first()
    panel._hold()
    start, moves, drawn, counted = time.perf_counter(), 0, panel._sown, 0
    while counted < frames:
        moves += 1
        panel._drag(-2.0 * moves % (8 * panel.grid.pitch()), 0.0, False)
        before = painted.count
        while painted.count == before or panel._sown is drawn:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        drawn, counted = panel._sown, counted + 1
    taken = time.perf_counter() - start
    panel.bar.go_to(first)
    panel._let_go()
    return frames / taken


def add_rows(open_desk: OpenDesk) -> None:
    @benchmark(
        "seeds",
        bound="≥ 0.8",
        what="frames a second of 8 × 8 samples of 64 px while seeds are dragged, as a share of the bare generator's",
    )
    def seeds() -> tuple[float, str]:
        with opened(open_desk) as (app, desk), TemporaryDirectory() as folder:
            checkpoint = fresh_gan(Path(folder) / "fresh.safetensors")
            desk.session.open_alone(checkpoint)
            panel = desk.panel("seeds")
            desk.window.tabs.setCurrentWidget(panel)
            wait(app, lambda: panel._scores is not None and not panel.busy)
            rest(app, 1.0)
            codes = np.random.default_rng(0).normal(size=(_SIDE**2, 64)).astype(np.float32)
            rounds = []
            for _ in range(_ROUNDS):
                ours = dragged(app, panel, _FRAMES)
                wait(app, lambda: not panel.busy)
                rounds.append((ours, 1 / median(bare_seconds(checkpoint, codes) for _ in range(_FRAMES // 2))))
            ratio = median(mine / other for mine, other in rounds)
            ours, bare = (median(column) for column in zip(*rounds, strict=True))
        return ratio, f"{ours:.1f} frames a second to {bare:.1f}"
