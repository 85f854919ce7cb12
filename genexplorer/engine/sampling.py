"""New images of one model or two side by side, by what their codes are drawn from."""

from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Conditional, Decodes, Draws, Encodes, Samples
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Images, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Subject, Value
from genexplorer.core.model import Model
from genexplorer.networks.conditions import Told

from .at_hand import test_images
from .code_laws import Law, RealCodes
from .features import featuriser
from .nearest import Neighbours, nearest
from .query import Query, own_model

Source = Literal["model", "prior", "gaussian", "mixture", "images"]
"""By the model's own `sample`; else codes of N(0, I), of a Gaussian or a mixture fitted to codes, or of real images."""

_BY_COST: tuple[Source, ...] = ("prior", "model", "images", "gaussian", "mixture")
_JUDGED = 1000  # codes that tell how many lie outside
_KEPT = 4


@dataclass(frozen=True)
class Side:
    """Whose samples, of which source; `given` are values of the model's conditions, or none."""

    checkpoint: Checkpoint
    source: Source
    clusters: int = 10
    given: tuple[float, ...] = ()


def sources_of(checkpoint: Checkpoint) -> tuple[Source, ...]:
    """Those that this model has, told from its recipe alone."""
    needs: dict[Source, tuple[type, ...]] = {"model": (Samples,), "prior": (Decodes,)}
    return tuple(s for s in get_args(Source) if checkpoint.has(*needs.get(s, (Encodes, Decodes))))


@dataclass(frozen=True)
class DrawSamples(Query):
    """`num` images of each side, quick ones first, and at the end None; image n is drawn by the seed `seed` + n."""

    cache: Path
    sides: tuple[Side, ...]
    num: int
    seed: int

    def answer(self, model: Model) -> Iterator["Drawn | Progress | None"]:
        seeds, unjudged = range(self.seed, self.seed + self.num), []
        for place in sorted(range(len(self.sides)), key=lambda place: _BY_COST.index(self.sides[place].source)):
            try:
                sampler = yield from sampler_of(self.sides[place], self.cache)
            except UserError as error:
                yield Drawn(place, trouble=str(error))
                continue
            yield from sampler.drawn(place, seeds)
            if isinstance(sampler, CodeSampler) and sampler.real is not None and not sampler.real.known:
                unjudged.append((place, sampler, sampler.real))
        for place, sampler, real in unjudged:
            yield from real.learn()
            yield from sampler.drawn(place, seeds)
        yield None


@dataclass(frozen=True, eq=False)
class Drawn:
    """Images x, uint8 (N, C, H, W), of the side at `place`, and their codes z, (N, D), where they are known.

    `outside` is which of them lie further out than 99 % of the codes of `reals` real images, (N,), and `share` how
    many of 1,000 others do. `trouble` says why there are none.
    """

    place: int
    x: np.ndarray | None = None
    z: np.ndarray | None = None
    outside: np.ndarray | None = None
    share: float | None = None
    reals: int = 0
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class FindNearest(Query):
    """The training images nearest to those drawn, uint8 (N, C, H, W) of each side, or None; and at the end None."""

    cache: Path
    sides: tuple[Side, ...]
    drawn: tuple[np.ndarray | None, ...]

    def answer(self, model: Model) -> Iterator["tuple[int, Neighbours] | Progress | None"]:
        for place, (side, x) in enumerate(zip(self.sides, self.drawn, strict=True)):
            if x is not None:
                found = yield from nearest(side.checkpoint, self.cache, x)
                yield place, found
        yield None


@dataclass(frozen=True)
class MeasureSamples(Query):
    """The Fréchet distance of `images` samples of each side to test images, as `evaluate` measures it; at the end None.

    A side that has no samples is passed over: drawing says why it has none.
    """

    cache: Path
    sides: tuple[Side, ...]
    images: int

    def answer(self, model: Model) -> Iterator["tuple[Side, Value] | Progress | None"]:
        for side in self.sides:
            checkpoint = side.checkpoint
            try:
                sampler = yield from sampler_of(side, self.cache)
            except UserError:
                continue
            data = yield from checkpoint.dataset.load(self.cache)
            subject = Subject(sampler, data, featuriser(checkpoint.dataset, data, self.cache), images=self.images)
            found = yield from METRICS["frechet"]().measure(subject)
            yield side, found["frechet"]
        yield None


class ModelSampler(Model):
    """Draws as the model itself does."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        assert isinstance(self.model, Samples)
        return self.model.sample(num, rng)

    def drawn(self, place: int, seeds: range) -> Iterator[Drawn]:
        """One by one; at last with their codes, known or found again, so that a sample can be taken to the sliders."""
        parts = []
        for seed in seeds:
            parts.append(to_uint8(self.sample(1, torch.Generator().manual_seed(seed))))
            yield Drawn(place, torch.cat(parts).numpy())
        x = torch.cat(parts)
        if isinstance(self.model, Draws):
            z = torch.cat([self.model.draw(1, torch.Generator().manual_seed(seed)) for seed in seeds])
            yield Drawn(place, x.numpy(), whole_codes(self.model, z).numpy())
        elif isinstance(self.model, Encodes):
            yield Drawn(place, x.numpy(), whole_codes(self.model, self.model.encode(to_float(x))).numpy())


class CodeSampler(Model):
    """Draws codes by a law, and images from these; `real` are codes to compare with."""

    def __init__(self, model: Decodes, law: Law, real: RealCodes | None) -> None:
        super().__init__()
        self.decoder, self.law, self.real = model, law, real

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decoder.decode(self.law(num, rng))

    def drawn(self, place: int, seeds: range) -> Iterator[Drawn]:
        z = torch.cat([self.law(1, torch.Generator().manual_seed(seed)) for seed in seeds])
        x, codes = to_uint8(self.decoder.decode(z)).numpy(), whole_codes(self.decoder, z).numpy()
        if self.real is None or not self.real.known:
            yield Drawn(place, x, codes)
            return
        share = self.real.outside(self.law(_JUDGED, torch.Generator().manual_seed(0))).double().mean()
        yield Drawn(place, x, codes, self.real.outside(z).numpy(), float(share), len(self.real))


def sampler_of(side: Side, cache: Path) -> Generator[Progress, None, ModelSampler | CodeSampler]:
    """What draws as a side asks; UserError in a sentence where its model cannot."""
    model, title = own_model(side.checkpoint), side.checkpoint.recipe.title
    if side.given and isinstance(model, Conditional):
        model = model.given(torch.tensor(side.given))
    if side.source == "model":
        if not isinstance(model, Samples):
            raise UserError(f"{title}: nothing in its training says where codes lie, so it draws no samples itself.")
        return ModelSampler(model)
    if not isinstance(model, Decodes):
        raise UserError(f"{title}: it draws no images from codes.")
    real = _real_codes(side, cache, model) if isinstance(model, Encodes) else None
    if side.source == "prior":
        dim = model.latent_dim
        return CodeSampler(model, lambda num, rng: torch.randn(num, dim, generator=rng), real or None)
    if real is None:
        raise UserError(f"{title}: it finds no codes of real images, so nothing can be fitted to them.")
    yield from real.learn()
    if side.source == "mixture":
        return CodeSampler(model, (yield from real.mixture(side.clusters)), real)
    return CodeSampler(model, real.gaussian if side.source == "gaussian" else real.again, real)


def whole_codes(model: object, z: Tensor) -> Tensor:
    """With the conditions as their last numbers, where they were given: what the sliders hold."""
    return torch.cat([z, model.y.expand(len(z), -1)], 1) if isinstance(model, Told) else z


_known: OrderedDict[object, RealCodes] = OrderedDict()


def _real_codes(side: Side, cache: Path, model: Encodes) -> RealCodes:
    shown = test_images(side.checkpoint, cache)
    images = None if shown is None else shown.train or shown.images
    count = 0 if images is None else len(images)
    key = (side.checkpoint.path, side.checkpoint.path.stat().st_mtime_ns, bool(side.given), count)
    if key not in _known:
        none = Images(torch.zeros(0, *side.checkpoint.spec.shape, dtype=torch.uint8))
        _known[key] = RealCodes(model, none if images is None else images)
    _known.move_to_end(key)
    while len(_known) > _KEPT:
        _known.popitem(last=False)
    return _known[key]
