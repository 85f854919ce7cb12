"""How good is a run: its checkpoint asked every question that it can answer."""

from collections.abc import Generator
from pathlib import Path

import torch

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Value


def evaluate(checkpoint: Checkpoint, cache: Path, seed: int = 0) -> Generator[Progress, None, dict[str, Value]]:
    """All metrics that fit the model, on the test images: name to value and unit."""
    data: Data = yield from checkpoint.dataset.load(cache)
    model = checkpoint.model()
    values: dict[str, Value] = {}
    for name in METRICS:
        metric = METRICS[name]()
        if isinstance(model, metric.needs):
            with torch.inference_mode():
                values |= yield from metric.measure(model, data, torch.Generator().manual_seed(seed))
    return values
