"""The code of a photo: as the encoder guesses it, and then by looking for a better one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes
from genexplorer.core.data import to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model

from .axes import freed
from .explore import encode, read_image
from .query import Query


@dataclass(frozen=True)
class Encoded:
    """A photo in the model's form, uint8 (C, H, W), and its code (D,)."""

    picture: np.ndarray
    z: np.ndarray


@dataclass(frozen=True)
class EncodePhoto(Query):
    path: Path

    def answer(self, model: Model) -> Iterator[Encoded]:
        picture = read_image(self.path, self.checkpoint.spec.shape)
        yield Encoded(picture, encode(model, to_float(torch.from_numpy(picture))[None]))


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

    TELL_EVERY = 5  # steps

    def answer(self, model: Model) -> Iterator[Refined]:
        x = to_float(torch.from_numpy(self.picture))[None]
        for step, (z, drawn, error) in enumerate(refine(model, x, self.z, self.held, self.steps), 1):
            if step % self.TELL_EVERY == 0 or step == self.steps:
                yield Refined(z, to_uint8(drawn)[0].numpy(), error, step, self.steps)


def refine(
    model: Model, x: Tensor, z: np.ndarray, held: np.ndarray, steps: int, prior: float = 1e-3, lr: float = 0.1
) -> Iterator[tuple[np.ndarray, Tensor, float]]:
    """argmin_z mean (x - g(z))² + prior mean z², by Adam with a cosine of a learning rate; one answer per step.

    Optimisation-based inversion, Zhu et al. 2016, "Generative Visual Manipulation on the Natural Image Manifold", §3.1;
    the prior is the log-density of N(0, I), weighed so little that it only decides between equals. Told is the best
    code so far.
    """
    if not isinstance(model, Decodes):
        raise UserError("This model cannot draw an image from a code; open one that decodes.")
    start = torch.from_numpy(np.asarray(z, np.float32))[None]
    free = torch.from_numpy(np.asarray(freed(np.eye(len(z), dtype=np.float32), held)))
    change = torch.zeros_like(start, requires_grad=True)
    mean, square = torch.zeros_like(start), torch.zeros_like(start)
    best, told = float("inf"), (z, x, 0.0)
    for step in range(1, steps + 1):
        with torch.enable_grad():
            code = start + change @ free
            drawn = model.decode(code)
            error = (x - drawn).square().mean()
            loss = error + prior * code.square().mean()
        (slope,) = torch.autograd.grad(loss, change)
        if loss.item() < best:  # [-1, 1] is twice as wide as 0…1
            best, told = loss.item(), (code.detach()[0].numpy().copy(), drawn.detach(), error.item() / 4)
        # Kingma & Ba 2015, algorithm 1, by hand: the first torch.optim.Adam costs seconds, for it loads a compiler
        mean.lerp_(slope, 0.1)
        square.lerp_(slope.square(), 0.001)
        rate = lr * (0.01 + 0.99 * (1 + math.cos(math.pi * (step - 1) / steps)) / 2)
        with torch.no_grad():
            change -= rate * mean / (1 - 0.9**step) / ((square / (1 - 0.999**step)).sqrt() + 1e-8)
        yield told
