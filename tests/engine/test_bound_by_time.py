"""The bound by time, beside the model's own."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.checkpoint import save_checkpoint
from genexplorer.core.data import DATASETS, to_float
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.engine.bound_by_time import PARTS, BoundByTime, TimedBound
from genexplorer.engine.query import answer


def test_its_parts_come_to_what_the_model_says(tmp_path: Path) -> None:
    dataset = DATASETS["digits"].parse({})
    data = drain(dataset.load(tmp_path))
    torch.manual_seed(0)
    recipe = MODELS["ddpm"].parse({"width": 8})
    model = recipe.build(data.spec).eval()
    checkpoint = save_checkpoint(tmp_path / "model.safetensors", model, recipe, dataset, data.spec, 1)
    told = list(answer(BoundByTime(checkpoint, tmp_path, images=64)))
    assert len(told) == PARTS and all(isinstance(each, TimedBound) for each in told)
    assert [int(np.isfinite(each.bits).sum()) for each in told] == list(range(1, PARTS + 1))
    assert (np.diff(told[-1].edges) > 0).all() and (told[-1].bits >= 0).all()
    x = to_float(data.test.images.take(torch.arange(64)))
    rng = torch.Generator().manual_seed(1)
    with torch.no_grad():
        own = torch.cat([model.elbo(x, rng)["elbo"] for _ in range(40)]).mean()  # type: ignore[operator]
    bits = -float(own) / (64 * math.log(2))
    assert told[-1].total == pytest.approx(bits, rel=0.05)
