"""How well does a model redraw the test images."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.data import Data, to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Value
from genexplorer.core.model import Model

_CHUNK = 256


@METRICS.register("reconstruction")
class Reconstruction(Metric):
    """Mean squared error on a scale of 0 to 1, and the peak signal-to-noise ratio of its mean."""

    needs = Encodes

    def measure(self, model: Model, data: Data, rng: torch.Generator) -> Generator[Progress, None, dict[str, Value]]:
        if not (isinstance(model, Encodes) and isinstance(model, Decodes)):
            return {}
        count, errors = len(data.test), []
        for start in range(0, count, _CHUNK):
            x = to_float(data.test.images.take(torch.arange(start, min(start + _CHUNK, count))))
            errors.append((model.decode(model.encode(x)) - x).div(2).square().flatten(1).mean(1))
            yield Progress("reconstruction", min(start + _CHUNK, count), count)
        mse = torch.cat(errors)
        return {
            "mse": Value(float(mse.mean()), "squared grey, 0 to 1", float(mse.std() / math.sqrt(count))),
            "psnr": Value(-10 * math.log10(max(float(mse.mean()), 1e-12)), "dB"),
        }
