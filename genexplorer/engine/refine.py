"""The code of a photo: as the encoder guesses it, and then by looking for a better one."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes, Draws
from genexplorer.core.data import to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model

from .adam import Adam
from .axes import freed
from .explore import encode, only_draws, read_image, told_of
from .query import Query

TELL_EVERY = 5  # steps
_JUDGED, _WITHIN = 2048, 0.9  # codes are looked for where so many draws of so many are
_WALL = 10.0

Prior = Callable[[Tensor], Tensor]
"""What is added to the error of codes (S, D), (S,)."""


@dataclass(frozen=True)
class Encoded:
    """A photo in the model's form, uint8 (C, H, W), and its code (D,); none where no encoder says it."""

    picture: np.ndarray
    z: np.ndarray | None


@dataclass(frozen=True)
class EncodePhoto(Query):
    path: Path

    def answer(self, model: Model) -> Iterator[Encoded]:
        picture = read_image(self.path, self.checkpoint.spec.shape)
        yield Encoded(picture, None if only_draws(model) else encode(model, to_float(torch.from_numpy(picture))[None]))


@dataclass(frozen=True)
class Refined:
    """How far it has come: z (D,), what it draws, uint8 (C, H, W), and that picture's error."""

    z: np.ndarray
    picture: np.ndarray
    error: float  # mean squared, of pixels in 0…1
    step: int
    steps: int


@dataclass(frozen=True, eq=False)
class Refine(Query):
    """Look for the code that draws `picture` best, from z on; no place on the duals in `held` changes."""

    picture: np.ndarray  # uint8 (C, H, W)
    z: np.ndarray  # (D,)
    held: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))  # (L, D)
    steps: int = 200

    def answer(self, model: Model) -> Iterator[Refined]:
        x = to_float(torch.from_numpy(self.picture))[None]
        z = torch.from_numpy(np.asarray(self.z, np.float32))[None]
        prior, held = search_of(model, self.held)
        for step, best in enumerate(descend(model, x, z, held, self.steps, prior), 1):
            if step % TELL_EVERY == 0 or step == self.steps:
                yield best.told(step, self.steps)


@dataclass(frozen=True, eq=False)
class Best:
    """Of each start so far: codes (S, D), what they draw (S, C, H, W), what is minimised and the error alone, (S,), of
    pixels in [-1, 1]."""

    z: Tensor
    drawn: Tensor
    loss: Tensor
    error: Tensor

    def told(self, step: int, steps: int) -> Refined:
        n = int(self.loss.argmin())  # [-1, 1] is twice as wide as 0…1
        return Refined(self.z[n].numpy().copy(), to_uint8(self.drawn[n]).numpy(), float(self.error[n]) / 4, step, steps)


def descend(
    model: Model, x: Tensor, starts: Tensor, held: np.ndarray, steps: int, prior: Prior, lr: float = 0.1
) -> Iterator[Best]:
    """argmin_z mean (x - g(z))² + prior(z) from each of `starts` (S, D), by Adam with a cosine of a learning rate; one
    answer per step. No place on the duals in `held` (L, D) changes.

    Optimisation-based inversion, Zhu et al. 2016, "Generative Visual Manipulation on the Natural Image Manifold", §3.1.
    """
    if not isinstance(model, Decodes):
        raise UserError("This model cannot draw an image from a code; open one that decodes.")
    free = torch.from_numpy(np.asarray(freed(np.eye(starts.shape[1], dtype=np.float32), held)))
    change = torch.zeros_like(starts, requires_grad=True)
    adam, best = Adam([change]), None
    for step in range(steps):
        with torch.enable_grad():
            code = starts + change @ free
            drawn = model.decode(code)
            error = (x - drawn).square().flatten(1).mean(1)
            loss = error + prior(code)
            total = loss.sum()
        now = Best(code.detach(), drawn.detach(), loss.detach(), error.detach())
        best = now if best is None else _better(best, now)
        adam.step(total, lr * (0.01 + 0.99 * (1 + math.cos(math.pi * step / steps)) / 2))
        yield best


def _better(one: Best, other: Best) -> Best:
    taken = other.loss < one.loss
    rows, images = taken[:, None], taken[:, None, None, None]
    return Best(
        other.z.where(rows, one.z),
        other.drawn.where(images, one.drawn),
        other.loss.where(taken, one.loss),
        other.error.where(taken, one.error),
    )


def ridge(weight: float = 1e-3) -> Prior:
    """The log-density of N(0, I), weighed so little that it only decides between equals."""
    return lambda z: weight * z.square().mean(1)


def shell(model: Model) -> Prior:
    """A wall around 90 % of the noise that the model draws: a longer code may draw a photo better, by being one that no
    slider was ever tried on. Beside it `ridge`."""
    assert isinstance(model, Draws)
    free = model.latent_dim - told_of(model)
    lengths = model.draw(_JUDGED, torch.Generator().manual_seed(0))[:, :free].norm(dim=1)
    reach = float(lengths.quantile(_WITHIN))
    return lambda z: _WALL * (z[:, :free].norm(dim=1) / reach - 1).relu().square()


def search_of(model: Model, held: np.ndarray) -> tuple[Prior, np.ndarray]:
    """What codes are looked for by, and what stays: where nothing encodes, conditions do, for they were chosen."""
    if not only_draws(model):
        return ridge(), held
    assert isinstance(model, Draws)
    told, eye = told_of(model), np.eye(model.latent_dim, dtype=np.float32)
    return shell(model), np.concatenate([held.reshape(-1, model.latent_dim), eye[model.latent_dim - told :]])
