"""What each time costs: the variational bound of a diffusion model in bits per dimension, from the image to noise."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from genexplorer.core.abilities import Denoises
from genexplorer.core.data import to_float
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.precision import quick
from genexplorer.networks.diffusion_bound import between, first_nll, last_kl, time_at
from genexplorer.networks.samplers import noised

from .at_hand import test_images
from .query import Query

PARTS = 24


@dataclass(frozen=True)
class BoundByTime(Query):
    """The bound over the first test images, again and again until all `PARTS` of the way are in."""

    cache: Path
    images: int = 64
    seed: int = 0

    def answer(self, model: Model) -> Iterator["TimedBound"]:
        shown = test_images(self.checkpoint, self.cache)
        if not isinstance(model, Denoises):
            raise UserError("This model does not denoise; open a diffusion model.")
        if shown is None or not len(shown):
            raise UserError("No test images lie beside this checkpoint, so nothing can be judged by them.")
        x, noise = to_float(shown.images.take(torch.arange(min(self.images, len(shown))))), model.schedule
        rng = torch.Generator().manual_seed(self.seed)
        per_bit = math.log(2) * x[0].numel()
        edges = time_at(torch.linspace(0, 1, PARTS + 1), noise).numpy()
        bits = np.full(PARTS, np.nan)
        with quick():
            x1 = noised(x, torch.randn(x.shape, generator=rng), 1.0, noise)
            first = float(first_nll(x, x1, model.denoise(x1, 1.0), noise, x.ndim == 4).mean()) / per_bit
            last = float(last_kl(x, noise).mean()) / per_bit
            for part in range(PARTS):
                t = time_at((torch.rand(1, generator=rng) + part) / PARTS, noise)
                xt = noised(x, torch.randn(x.shape, generator=rng), t, noise)
                kl = between(x, model.denoise(xt, float(t)).float(), t.expand(len(x)), noise)
                bits[part] = float(kl.mean()) / per_bit / PARTS
                yield TimedBound(edges, bits.copy(), first, last, len(x))


@dataclass(frozen=True, eq=False)
class TimedBound:
    """bits per dimension of each part of the way, (PARTS,), NaN for those to come, between times `edges`,
    (PARTS + 1,); `first`: of the last step to the image; `last`: of what noise still tells. Means over `images`."""

    edges: np.ndarray
    bits: np.ndarray
    first: float
    last: float
    images: int

    @property
    def total(self) -> float:
        """The bound, of what is known so far."""
        return self.first + self.last + float(np.nansum(self.bits))
