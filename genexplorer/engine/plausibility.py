"""How plausible is a code: where it stands among the codes of real images, by four measures."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes, Draws, Encodes, Infers
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Images, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.networks.gaussian import reparameterize

from .at_hand import TestImages, test_images
from .query import Query

_REAL = 512  # real images that a code is compared with; one half of them fits the Gaussian that ranks the other
_FEW = 8
_ROUND = 128  # of them, those that are drawn, encoded and drawn again
_CHUNK = 64
_FAR = 512  # training images that are compared at a time

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that may be left at every step."""


@dataclass(frozen=True)
class Plausibility(Query):
    """Of the code z, (D,): what is known at once, then more.

    None is answered while there is nothing new to say: whoever waits for a newer answer may leave there.
    """

    z: np.ndarray
    cache: Path

    def answer(self, model: Model) -> Iterator["Plausible | None"]:
        if not isinstance(model, Decodes):
            raise UserError("This model cannot draw an image from a code; open one that decodes.")
        z = torch.from_numpy(np.asarray(self.z, np.float32))[None]
        around = yield from _surroundings(self.checkpoint, self.cache, model)
        drawn = model.decode(z)
        told = Plausible(to_uint8(drawn)[0].numpy(), around.places(z), around.reals, None, around.training)
        yield told
        yield from around.learn(model)
        told = replace(told, measures=(*told.measures, *around.round_trips(model, z)))
        yield told
        if around.images is not None:
            nearest = yield from around.nearest(drawn)
            yield replace(told, measures=(*told.measures, around.rank("nearest", nearest.distance)), nearest=nearest)


@dataclass(frozen=True)
class Measure:
    """`rank` is the share of real images' codes, 0 to 100 %, that have at most this value.

    norm: ‖z‖. mahalanobis: √((z − m)ᵀ C⁻¹ (z − m)) with the mean m and covariance C of the aggregate posterior.
    code: ‖encode(decode(z)) − z‖. image: root mean square of decode(encode(decode(z))) − decode(z) on a scale of
    0 to 1. nearest: root mean square distance of decode(z) to the nearest image of the set, on the same scale.
    """

    key: str
    value: float
    rank: float


@dataclass(frozen=True, eq=False)
class Nearest:
    """The image of the set that is closest in pixels: uint8 (C, H, W), its place, and the distance, 0 to 1."""

    picture: np.ndarray
    index: int
    distance: float


@dataclass(frozen=True, eq=False)
class Plausible:
    """picture is uint8 (C, H, W); `reals` real images were compared with, 0: what the model draws codes from stood in.

    `compared` says how many training images the nearest one was sought among; 0: among the examples of the checkpoint.
    """

    picture: np.ndarray
    measures: tuple[Measure, ...]
    reals: int
    nearest: Nearest | None
    compared: int

    UNUSUAL, IMPLAUSIBLE = 95.0, 99.5

    @property
    def verdict(self) -> str:
        """By the measure that speaks most against it."""
        worst = max((measure.rank for measure in self.measures), default=0.0)
        return "Implausible" if worst > self.IMPLAUSIBLE else "Unusual" if worst > self.UNUSUAL else "Plausible"

    def __getitem__(self, key: str) -> Measure:
        return next(measure for measure in self.measures if measure.key == key)

    def __contains__(self, key: str) -> bool:
        return any(measure.key == key for measure in self.measures)


class _Surroundings:
    """What real images' codes are like: sorted values of each measure."""

    def __init__(self, codes: Tensor, reals: int, shown: TestImages | None) -> None:
        self.codes, self.reals = codes, reals
        self.images: Images | None = None if shown is None else shown.train or shown.images
        self.training = len(shown.train) if shown is not None and shown.train is not None else 0
        fitted, held_out = codes[: len(codes) // 2].double(), codes[len(codes) // 2 :].double()
        self._mean = fitted.mean(0)
        self._factor = torch.linalg.cholesky(shrunk_covariance(fitted))
        self._done = 0
        self._values = {"norm": codes.double().norm(dim=1), "mahalanobis": self._mahalanobis(held_out)}

    def learn(self, model: Decodes) -> Steps[None]:
        """Measure the round trips and the distances of the real images' codes; what is done is not done again."""
        codes = self.codes[:_ROUND]
        while self._done < len(codes):
            part = codes[self._done : self._done + _CHUNK]
            found = round_trip(model, part)
            if self.images is not None:
                own = torch.arange(self._done, self._done + len(part)) if self.reals and not self.training else None
                found["nearest"] = (yield from closest(self.images, model.decode(part), own))[1]
            for key, values in found.items():
                self._values[key] = torch.cat([self._values.get(key, values[:0]), values])
            self._done += len(part)
            yield None

    def places(self, z: Tensor) -> tuple[Measure, ...]:
        norm, distance = float(z.double().norm()), float(self._mahalanobis(z.double()))
        return self.rank("norm", norm), self.rank("mahalanobis", distance)

    def round_trips(self, model: Decodes, z: Tensor) -> tuple[Measure, ...]:
        return tuple(self.rank(key, float(value)) for key, value in round_trip(model, z).items())

    def rank(self, key: str, value: float) -> Measure:
        return Measure(key, value, 100 * float((self._values[key] <= value).double().mean()))

    def nearest(self, drawn: Tensor) -> Steps[Nearest]:
        assert self.images is not None
        index, distance = yield from closest(self.images, drawn)
        return Nearest(self.images.take(index)[0].numpy(), int(index), float(distance))

    def _mahalanobis(self, z: Tensor) -> Tensor:
        white: Tensor = torch.linalg.solve_triangular(self._factor, (z - self._mean).T, upper=False)
        distance: Tensor = white.norm(dim=0)
        return distance


def round_trip(model: Decodes, z: Tensor) -> dict[str, Tensor]:
    """‖encode(decode(z)) − z‖ and the root mean square of decode(encode(decode(z))) − decode(z), 0 to 1; each (B,)."""
    if not isinstance(model, Encodes):
        return {}
    drawn = model.decode(z)
    again = model.encode(drawn)
    return {"code": (again - z).norm(dim=1), "image": rms(model.decode(again) - drawn)}


def rms(difference: Tensor) -> Tensor:
    """Root mean square over the pixels of each image, (B,), where [-1, 1] counts as 0 to 1."""
    return difference.div(2).flatten(1).square().mean(1).sqrt()


def closest(images: Images, x: Tensor, own: Tensor | None = None) -> Steps[tuple[Tensor, Tensor]]:
    """Index of the image nearest to each of x, (B, C, H, W) in [-1, 1], and its distance, each (B,).

    `own` are indices that do not count, one for each of x.
    """
    flat = x.flatten(1)
    best, index = torch.full((len(x),), torch.inf), torch.zeros(len(x), dtype=torch.long)
    for start in range(0, len(images), _FAR):
        places = torch.arange(start, min(start + _FAR, len(images)))
        others = to_float(images.take(places)).flatten(1)
        squared = others.square().sum(1) - 2 * flat @ others.T  # ‖a − b‖² − ‖a‖², (B, _FAR)
        if own is not None:
            squared[own[:, None] == places] = torch.inf
        low, at = squared.min(1)
        index = torch.where(low < best, places[at], index)
        best = torch.minimum(best, low)
        yield None
    return index, rms(to_float(images.take(index)) - x)  # anew, for the sum above is inexact near 0


_known: dict[object, _Surroundings] = {}


def _surroundings(checkpoint: Checkpoint, cache: Path, model: Decodes) -> Steps[_Surroundings]:
    """Of this checkpoint, made once."""
    shown = test_images(checkpoint, cache)
    training = shown is not None and shown.train is not None
    key = (checkpoint.path, checkpoint.path.stat().st_mtime_ns, training)
    if key in _known:
        return _known[key]
    rng = torch.Generator().manual_seed(0)
    if shown is None or len(shown) < _FEW or not isinstance(model, Encodes):
        standard = torch.randn(_REAL, checkpoint.latent_dim, generator=rng)
        made = _Surroundings(model.draw(_REAL, rng) if isinstance(model, Draws) else standard, 0, shown)
    else:
        parts = []
        for start in range(0, min(_REAL, len(shown)), _CHUNK):
            places = torch.arange(start, min(start + _CHUNK, _REAL, len(shown)))
            parts.append(draw_codes(model, to_float(shown.images.take(places)), rng))
            yield None
        codes = torch.cat(parts)
        made = _Surroundings(codes, len(codes), shown)
    _known.clear()  # one model is explored at a time
    _known[key] = made
    return made


def draw_codes(model: Encodes, x: Tensor, rng: torch.Generator) -> Tensor:
    """Draws from q(z | x), where the model has one, for these are what its decoder learns from; else its codes."""
    if not isinstance(model, Infers):
        return model.encode(x)
    mu, logvar = model.posterior(x)
    return reparameterize(mu, logvar, torch.randn(mu.shape, generator=rng))


def shrunk_covariance(z: Tensor) -> Tensor:
    """(D, D), shrunk towards a multiple of the identity: Ledoit & Wolf 2004."""
    from sklearn.covariance import ledoit_wolf

    shrunk = torch.from_numpy(ledoit_wolf(z.numpy())[0])
    return shrunk + 1e-9 * shrunk.diagonal().mean().clamp(min=1e-9) * torch.eye(len(shrunk), dtype=torch.float64)
