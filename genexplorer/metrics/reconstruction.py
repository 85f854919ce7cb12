"""How well does a model redraw the test images."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.data import to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, mean_of

_CHUNK = 256


@METRICS.register("reconstruction")
class Reconstruction(Metric):
    """Mean squared error on a scale of 0 to 1, and the peak signal-to-noise ratio of its mean."""

    needs = (Encodes, Decodes)
    uses = ("images",)
    less = ("mse",)
    more = ("psnr",)

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        model, images, errors = subject.model, subject.data.test.images, []
        assert isinstance(model, Encodes) and isinstance(model, Decodes)
        count = min(len(images), subject.images)
        for start in range(0, count, _CHUNK):
            x = to_float(images.take(torch.arange(start, min(start + _CHUNK, count))))
            errors.append((model.decode(model.encode(x)) - x).div(2).square().flatten(1).mean(1))
            yield Progress("reconstruction", min(start + _CHUNK, count), count)
        mse = torch.cat(errors)
        return {
            "mse": mean_of(mse, "squared grey, 0 to 1"),
            "psnr": Value(-10 * math.log10(max(float(mse.mean()), 1e-12)), "dB"),
        }
