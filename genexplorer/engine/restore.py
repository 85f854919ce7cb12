"""A real image, spoilt by noise and by hand, and what a model makes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Encodes, Restores
from genexplorer.core.data import to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.networks.corruption import NOISES, NoiseName, corrupt

from .at_hand import test_images
from .explore import read_image
from .query import Query
from .reconstruct import mean_square

NOISE_NAMES: tuple[NoiseName, ...] = NOISES
BARE, BLACK, WHITE, GREY, NOISE, ORIGINAL = range(6)
"""What a hand painted over a pixel, after the noise came; BARE: nothing."""


@dataclass(frozen=True)
class PickImage(Query):
    """One of the images that the model is judged by; places go around."""

    cache: Path
    place: int

    def answer(self, model: Model) -> Iterator["Picked"]:
        shown = test_images(self.checkpoint, self.cache)
        if shown is None or not len(shown):
            raise UserError("No test images lie beside this checkpoint; open a photo, or drop one here.")
        place = self.place % len(shown)
        yield Picked(shown.images.take(torch.tensor([place]))[0].numpy(), place, len(shown))


@dataclass(frozen=True)
class OpenImage(Query):
    """A picture of the person's own, cut and scaled to the model's form."""

    path: Path

    def answer(self, model: Model) -> Iterator["Picked"]:
        yield Picked(read_image(self.path, self.checkpoint.spec.shape), 0, 0)


@dataclass(frozen=True, eq=False)
class Picked:
    """x is uint8 (C, H, W), at `place` of `count` images; of none where it is a file."""

    x: np.ndarray
    place: int
    count: int


@dataclass(frozen=True, eq=False)
class Restore(Query):
    """Spoil x, uint8 (C, H, W), and have it restored.

    First comes the noise, of a strength in 0…1 and a seed; then what was painted, uint8 (H, W) of BARE … ORIGINAL.
    """

    x: np.ndarray
    noise: NoiseName
    strength: float
    seed: int
    paint: np.ndarray

    def answer(self, model: Model) -> Iterator["Restored"]:
        if not isinstance(model, Restores):
            raise UserError("This model was not trained to restore images; open a denoising one.")
        x = to_float(torch.from_numpy(self.x))[None]
        spoilt = painted(self._noisy(x), x, torch.from_numpy(self.paint), self.seed)
        y = model.restore(spoilt)
        seen = spoilt.clamp(-1, 1)
        yield Restored(
            to_uint8(seen)[0].numpy(),
            to_uint8(y)[0].numpy(),
            float(mean_square(seen - x)),
            float(mean_square(y - x)),
            model.encode(spoilt)[0].float().numpy() if isinstance(model, Encodes) else None,
        )

    def _noisy(self, x: Tensor) -> Tensor:
        if self.strength <= 0:
            return x
        u = torch.rand(x.shape, generator=torch.Generator().manual_seed(self.seed))
        return corrupt(x, self.noise, self.strength, u)


@dataclass(frozen=True, eq=False)
class Restored:
    """The spoilt image as it can be shown and the restored one, uint8 (C, H, W); their mean squared errors to the
    original on a scale where black is 0 and white 1; and the code of the spoilt one, (D,), where there are codes."""

    spoilt: np.ndarray
    y: np.ndarray
    spoilt_mse: float
    mse: float
    z: np.ndarray | None


def painted(spoilt: Tensor, x: Tensor, paint: Tensor, seed: int) -> Tensor:
    """Images (1, C, H, W) painted over, where `paint` (H, W) says so; NOISE is uniform, ORIGINAL brings x back."""
    rng = torch.Generator().manual_seed(seed + 1)
    colours = {
        BLACK: torch.full_like(x, -1.0),
        WHITE: torch.full_like(x, 1.0),
        GREY: torch.zeros_like(x),
        NOISE: torch.rand(x.shape, generator=rng) * 2 - 1,
        ORIGINAL: x,
    }
    for kind, colour in colours.items():
        spoilt = torch.where(paint == kind, colour, spoilt)
    return spoilt
