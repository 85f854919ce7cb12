"""Denoising as it happens: from noise, from a moment on the way, or from an image that noise was put over."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Denoises
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.precision import quick
from genexplorer.core.schedule import Schedule
from genexplorer.networks.guidance import Remembered, Steers
from genexplorer.networks.moments import Moment
from genexplorer.networks.samplers import SAMPLERS, SamplerName, noised
from genexplorer.networks.schedules import ScheduleName, schedule

from .query import Query

SAMPLER_NAMES: tuple[SamplerName, ...] = get_args(SamplerName)
SCHEDULE_NAMES: tuple[ScheduleName, ...] = get_args(ScheduleName)
TITLES: dict[SamplerName, str] = {name: way.title for name, way in SAMPLERS.items()}
RANDOM: frozenset[SamplerName] = frozenset(name for name, way in SAMPLERS.items() if way.random)
_NOISE = 2.0  # noise of so many standard deviations is shown as white
_AT_ONCE = 256
_GAIN = 4.0  # of the change from step to step


@dataclass(frozen=True)
class Way:
    """How to come from noise to an image.

    `given` are values of the model's conditions, or none; `against` are those to lead away from in place of none.
    cfg_scale weighs them: x̂0 = x̂0(against) + w (x̂0(given) - x̂0(against)).
    """

    sampler: SamplerName = "dpmpp"
    steps: int = 20
    cfg_scale: float = 1.0
    given: tuple[float, ...] = ()
    against: tuple[float, ...] = ()


@dataclass(frozen=True)
class Usual(Query):
    """How the model draws by itself: the answer is its `Way`, without conditions."""

    def answer(self, model: Model) -> Iterator[Way]:
        yield usual_way(self.checkpoint)


def usual_way(checkpoint: Checkpoint) -> Way:
    recipe, else_ = checkpoint.recipe, Way()
    return Way(
        getattr(recipe, "sampler", else_.sampler),
        getattr(recipe, "sample_steps", else_.steps),
        getattr(recipe, "cfg_scale", else_.cfg_scale),
    )


def drawn_by(model: Model, way: Way, shape: tuple[int, ...], num: int, rng: torch.Generator) -> Tensor:
    """New images (num, C, H, W), `_AT_ONCE` at a time."""
    found, parts = SAMPLERS[way.sampler], []
    for first in range(0, num, _AT_ONCE):
        count = min(_AT_ONCE, num - first)
        steered = steer(model, way, likely(model, count, rng))
        xt = torch.randn(count, *shape, generator=rng)
        *_, last = found.run(Remembered(steered), xt, found.times(way.steps, steered.schedule), steered.schedule, rng)
        parts.append(last.xt)
    return torch.cat(parts)


@dataclass(frozen=True, eq=False)
class Start:
    """Where to begin, if not in nothing but noise: images or states x (N, C, H, W) and a time.

    uint8 are images, over which noise of the seed is put as of time `t`. float are states x_t of that very time, which
    a sampler goes on from with noise of the seed; one that knows no noise has it put anew over the image x̂0 that the
    network sees there, where `anew` says so. `told` are a frame's own, for states: where the way is given no
    conditions, each image keeps its own.
    """

    x: np.ndarray
    t: float
    anew: bool = False
    told: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Denoise(Query):
    """Frames of `num` images on their way, as soon as each is there. Where noise comes from follows from the seed."""

    way: Way
    num: int = 1
    seed: int = 0
    start: Start | None = None

    def answer(self, model: Model) -> Iterator["Frame"]:
        rng = torch.Generator().manual_seed(self.seed)
        values = self._values(model)
        steered = steer(model, self.way, values)
        found = SAMPLERS[self.way.sampler]
        times = found.times(self.way.steps, steered.schedule)
        if self.start is None:
            x = torch.cat([_noise(self.checkpoint.spec.shape, self.seed + n) for n in range(self.num)])
        else:
            times = [t for t in times if t <= self.start.t + 0.5] or times[-1:]
            x = self._begun(steered, times[0], rng)
        with quick():
            moments = found.run(Remembered(steered), x, times, steered.schedule, rng)
            yield from frames(moments, steered.schedule, len(times), None if values is None else values.numpy())

    def _values(self, model: Model) -> Tensor | None:
        """What is told to each image, (N, K): as training images have it, where nothing is given and nothing was."""
        if self.start is not None and not self.way.given:
            return None if self.start.told is None else torch.from_numpy(self.start.told)
        count = self.num if self.start is None else len(self.start.x)
        if self.way.given:
            return torch.tensor(self.way.given).expand(count, -1)
        drawn = [likely(model, 1, torch.Generator().manual_seed(self.seed + n)) for n in range(count)]
        return torch.cat([each for each in drawn if each is not None]) if drawn[0] is not None else None

    def _begun(self, model: Denoises, t: float, rng: torch.Generator) -> Tensor:
        assert self.start is not None
        x = torch.from_numpy(self.start.x)
        if x.dtype == torch.uint8:
            x = to_float(x)
        elif not (self.start.anew and self.way.sampler not in RANDOM):
            return x.float()
        else:
            with quick():
                x = model.denoise(x.float(), t)
        return noised(x, torch.randn(x.shape, generator=rng), t, model.schedule)


@dataclass(frozen=True, eq=False)
class Frame:
    """Images at time t: step `number` of `count`, the last being at 0.

    All pictures are uint8 (N, C, H, W): xt as it is, noise softened so that it can be looked at; x0, the image that the
    network sees in it; eps, the noise that it sees; and change, by how much x0 is another than the step before, grey
    where it is not. `state` is x_t, float16 (N, C, H, W), to go on from, and `told` what each image was to be, (N, K),
    where something was. `calls` of the network took `ms` so far.
    """

    number: int
    count: int
    t: float
    alpha_bar: float
    xt: np.ndarray
    x0: np.ndarray
    eps: np.ndarray
    change: np.ndarray
    state: np.ndarray
    calls: int
    ms: float
    told: np.ndarray | None = None


def frames(moments: Iterator[Moment], noise: Schedule, count: int, told: np.ndarray | None = None) -> Iterator[Frame]:
    """Each moment as it can be seen."""
    before: Tensor | None = None
    begun = time.perf_counter()
    for number, moment in enumerate(moments):
        bar = float(noise.alpha_bar(moment.t))
        change = moment.x0 - (moment.x0 if before is None else before)
        yield Frame(
            number,
            count,
            moment.t,
            bar,
            visible(moment.xt, bar),
            to_uint8(moment.x0).numpy(),
            to_uint8(moment.eps / _NOISE).numpy(),
            to_uint8(change * _GAIN).numpy(),
            moment.xt.half().numpy(),
            moment.calls,
            (time.perf_counter() - begun) * 1000,
            told,
        )
        before = moment.x0


@dataclass(frozen=True, eq=False)
class AddNoise(Query):
    """The forward process: an image x, uint8 (C, H, W), with the noise of time t by each of these schedules.

    The first answer is by the model's own; `schedules` come after. The noise follows from the seed.
    """

    x: np.ndarray
    t: float
    seed: int = 0
    schedules: tuple[ScheduleName, ...] = ()

    def answer(self, model: Model) -> Iterator["Noisy"]:
        own = own_schedule(model)
        x0 = to_float(torch.from_numpy(self.x))[None]
        eps = torch.randn(x0.shape, generator=torch.Generator().manual_seed(self.seed))
        pictures = []
        for noise in (own, *map(schedule, self.schedules)):
            bar = float(noise.alpha_bar(self.t))
            pictures.append(visible(noised(x0, eps, self.t, noise), bar)[0])
        yield Noisy(np.stack(pictures), noised(x0, eps, self.t, own).half().numpy()[0])


@dataclass(frozen=True, eq=False)
class Noisy:
    """pictures uint8 (1 + schedules, C, H, W), and x_t by the model's own schedule, float16 (C, H, W)."""

    pictures: np.ndarray
    state: np.ndarray


@dataclass(frozen=True)
class DescribeNoise(Query):
    """The model's own schedule and those of the papers, as curves to draw."""

    def answer(self, model: Model) -> Iterator["NoiseCurves"]:
        own = own_schedule(model)
        found = {name: schedule(name).alpha_bars.numpy() for name in SCHEDULE_NAMES}
        yield NoiseCurves(own.alpha_bars.numpy(), found)


@dataclass(frozen=True, eq=False)
class NoiseCurves:
    """ᾱ at 0…T, (T + 1,): the model's own, and by name those that there are."""

    own: np.ndarray
    named: dict[ScheduleName, np.ndarray]

    @staticmethod
    def beta(alpha_bars: np.ndarray) -> np.ndarray:
        """β_t of t = 1…T, (T,)."""
        return np.asarray(np.clip(1 - alpha_bars[1:] / np.maximum(alpha_bars[:-1], 1e-20), 0, 1))

    @staticmethod
    def log_snr(alpha_bars: np.ndarray) -> np.ndarray:
        """log₁₀(ᾱ / (1 - ᾱ)) of t = 1…T, (T,)."""
        bars = np.clip(alpha_bars[1:], 1e-9, 1 - 1e-9)
        return np.asarray(np.log10(bars / (1 - bars)))


def visible(xt: Tensor, alpha_bar: float) -> np.ndarray:
    """x_t as a picture, uint8: the image as it is, and noise such that twice its spread is still shown."""
    return to_uint8(xt / (alpha_bar + (1 - alpha_bar) * _NOISE**2) ** 0.5).numpy()


def own_schedule(model: Model) -> Schedule:
    if not isinstance(model, Denoises):
        raise UserError("This model does not denoise; open a diffusion model.")
    return model.schedule


def likely(model: Model, num: int, rng: torch.Generator) -> Tensor | None:
    """Values of its conditions as training images have them, (num, K); None of a model without."""
    return model.likely(num, rng) if isinstance(model, Steers) else None


def steer(model: Model, way: Way, values: Tensor | None = None) -> Denoises:
    """The model as the way's conditions and guidance have it; `values` (N, K) are told where the way gives none."""
    if not isinstance(model, Denoises):
        raise UserError("This model does not denoise; open a diffusion model.")
    if way.given:
        values = torch.tensor(way.given)[None]
    if values is None or not isinstance(model, Steers):
        return model
    return model.told(values, way.cfg_scale, torch.tensor(way.against) if way.against else None)


def _noise(shape: tuple[int, ...], seed: int) -> Tensor:
    """x_T (1, C, H, W) of one image: the same wherever it stands in a batch."""
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(seed))
