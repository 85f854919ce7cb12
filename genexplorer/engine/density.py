"""How probable a model finds an image: its bounds on log p(x), sharper with every draw, and two images compared."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Scores
from genexplorer.core.data import to_float
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.statistics.bounds import Bound, apart, bounds, effective, mean
from genexplorer.statistics.importance import explains, log_density

from .at_hand import test_images
from .explore import decode, read_image
from .query import Query

MOST = 5000
_CHUNK = 64


@dataclass(frozen=True)
class Numbered:
    """One of the images that the model is judged by; places go around."""

    place: int


@dataclass(frozen=True)
class Opened:
    """A picture of the person's own, cut and scaled to the model's form."""

    path: Path


@dataclass(frozen=True, eq=False)
class Drawn:
    """What the model draws from the code z (D,)."""

    z: np.ndarray


@dataclass(frozen=True, eq=False)
class Given:
    """An image itself, uint8 (C, H, W)."""

    x: np.ndarray


Source = Numbered | Opened | Drawn | Given


@dataclass(frozen=True)
class Judge(Query):
    """log p(x) of one image, or of two with the same draws, by 1 … 5,000 draws each.

    The images are answered first, then what is known of them so far, again and again until all draws are in. With one
    seed and number of draws it says what the metric `likelihood` says of that image alone.
    """

    cache: Path
    sources: tuple[Source, ...]
    draws: int
    seed: int

    def answer(self, model: Model) -> Iterator["Judged"]:
        if not isinstance(model, Scores):
            raise UserError("This model has no density; open a variational autoencoder to ask how probable images are.")
        found = [self._image(model, source) for source in self.sources]
        images, places, count = tuple(x for x, _, _ in found), tuple(p for _, p, _ in found), found[0][2]
        yield Judged(images, places, count)
        parts: list[list[tuple[Tensor, Tensor]]] = [[] for _ in images]
        for drawn in zip(*(_draws(model, x, self.draws, self.seed) for x in images), strict=True):
            for mine, part in zip(parts, drawn, strict=True):
                mine.append(part)
            whole = [tuple(torch.cat(each) for each in zip(*mine, strict=True)) for mine in parts]
            densities = tuple(_density(model, log_px, log_w, images[0].size) for log_px, log_w in whole)
            gap = _gap(model, whole[0][1], whole[1][1]) if len(whole) == 2 else None
            yield Judged(images, places, count, densities, gap)

    def _image(self, model: Model, source: Source) -> tuple[np.ndarray, int, int]:
        """The pixels, the place among the test images, -1 for none, and how many of these there are."""
        shown = test_images(self.checkpoint, self.cache)
        count = 0 if shown is None else len(shown)
        match source:
            case Opened(path):
                return read_image(path, self.checkpoint.spec.shape), -1, count
            case Drawn(z):
                return decode(model, z[None])[0], -1, count
            case Given(x):
                return x, -1, count
            case Numbered(place):
                if shown is None or not count:
                    raise UserError("No test images lie beside this checkpoint; open a photo, or drop one here.")
                return shown.images.take(torch.tensor([place % count]))[0].numpy(), place % count, count


@dataclass(frozen=True, eq=False)
class Judged:
    """images are uint8 (C, H, W), at `places` of `count` test images, -1 where they are none of them; then what is
    known of each so far, and log p(x₁) - log p(x₂) where there are two."""

    images: tuple[np.ndarray, ...]
    places: tuple[int, ...]
    count: int
    densities: tuple["Density", ...] = ()
    gap: Bound | None = None


@dataclass(frozen=True)
class Density:
    """In nats, by `draws` draws z ~ q(z | x): elbo = explained - kl, with explained = E log p(x | z).

    bounds hold L_k for k = 1, 2, 4 … `draws` (Burda et al. 2016, eq. 8), none where the model gives its ELBO alone;
    `effective` of the draws count (Kong 1992).
    """

    draws: int
    dims: int
    elbo: Bound
    explained: Bound
    kl: Bound
    bounds: tuple[Bound, ...]
    effective: float

    @property
    def best(self) -> Bound:
        """The highest bound on log p(x) that is known."""
        return self.bounds[-1] if self.bounds else self.elbo

    def at(self, draws: int) -> Bound:
        """L_k with so many draws, or with as many as there are."""
        return next((b for b in reversed(self.bounds) if b.draws <= draws), self.elbo) if draws > 1 else self.elbo

    def bits(self, nats: float) -> float:
        """Bits per dimension."""
        return bits_per_dim(nats, self.dims)


def bits_per_dim(nats: float, dims: int) -> float:
    return -nats / (dims * math.log(2))


def _draws(model: Scores, x: np.ndarray, draws: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """log p(x | z) and log p(x, z) / q(z | x) of draws z, a chunk at a time: each (k,) in float64."""
    image, rng = to_float(torch.from_numpy(x))[None], torch.Generator().manual_seed(seed)
    if explains(model):
        for part in log_density(model, image, draws, rng):
            yield part.log_px[0], part.log_w[0]
        return
    for done in range(0, draws, _CHUNK):
        told = model.elbo(image.expand(min(_CHUNK, draws - done), *image.shape[1:]), rng)
        yield -told["recon"].double(), told["elbo"].double()


def _density(model: Scores, log_px: Tensor, log_w: Tensor, dims: int) -> Density:
    weighed = explains(model)
    return Density(
        *(len(log_w), dims, mean(log_w), mean(log_px), mean(log_px - log_w)),
        *((bounds(log_w), effective(log_w)) if weighed else ((), float(len(log_w)))),
    )


def _gap(model: Scores, log_w: Tensor, other: Tensor) -> Bound:
    return apart(log_w, other) if explains(model) else mean(log_w - other)
