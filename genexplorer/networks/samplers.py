"""From noise to an image, step by step: pure functions of what denoises, where one is, and the times to stop at.

Each tells a `Moment` after every call of the network, and what is made as the last one, at time 0. Whoever pulls may
stop, look, or go on from any moment with other noise.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from genexplorer.core.schedule import Schedule, T

from .moments import Denoise, Moment, Sampler, ended, fresh, noise_in
from .scheduled import Scheduled

SamplerName = Literal["ddim", "ddpm", "heun", "dpmpp", "unipc", "euler", "euler_a"]
SIGMA_MAX = 80.0
"""Beyond it an image cannot be told from none: Karras et al. 2022, table 1."""


def noised(x0: Tensor, eps: Tensor, t: Tensor | float, schedule: Schedule) -> Tensor:
    """x_t = √ᾱ x0 + √(1 - ᾱ) eps, the forward process in closed form: Ho et al. 2020, eq. 4."""
    bar = schedule.alpha_bar(t).to(x0.device)
    bar = bar.reshape(-1, *(1,) * (x0.ndim - 1))
    return bar.sqrt().to(x0.dtype) * x0 + (1 - bar).sqrt().to(x0.dtype) * eps


def evenly(steps: int, schedule: Schedule) -> list[float]:
    """Times T … of `steps` equal strides, the last ending at 0: "trailing" in Lin et al. 2024, table 2."""
    return [float(t) for t in torch.linspace(T, 0, steps + 1, dtype=torch.float64)[:-1].round()]


def karras(steps: int, schedule: Schedule) -> list[float]:
    """Times by σ_i = (σ_max^1/ρ + i/(N-1) (σ_min^1/ρ - σ_max^1/ρ))^ρ, ρ = 7: Karras et al. 2022, eq. 5."""
    low, high = float(schedule.sigma(1.0)), min(float(schedule.sigma(T)), SIGMA_MAX)
    low = max(low, 0.002)
    along = torch.linspace(0, 1, steps, dtype=torch.float64)
    sigmas = (high ** (1 / 7) + along * (low ** (1 / 7) - high ** (1 / 7))) ** 7
    return [float(t) for t in schedule.time(sigmas)]


def ddpm(
    denoise: Denoise, xt: Tensor, times: Sequence[float], schedule: Schedule, rng: torch.Generator
) -> Iterator[Moment]:
    """Ancestral: x_s ~ q(x_s | x_t, x̂0), Ho et al. 2020, eq. 6 and 7, from each time t to the next, s."""
    for number, (t, s) in enumerate(strides(times), 1):
        x0 = denoise(xt, t)
        at, before = float(schedule.alpha_bar(t)), float(schedule.alpha_bar(s))
        yield Moment(t, xt, x0, noise_in(xt, x0, at), number)
        alpha = at / before
        mean = before**0.5 * (1 - alpha) / (1 - at) * x0 + alpha**0.5 * (1 - before) / (1 - at) * xt
        xt = mean
        if s > 0:
            xt = mean + ((1 - before) / (1 - at) * (1 - alpha)) ** 0.5 * fresh(xt, rng)
    yield ended(xt, len(times))


def ddim(
    denoise: Denoise,
    xt: Tensor,
    times: Sequence[float],
    schedule: Schedule,
    rng: torch.Generator,
    eta: float = 0.0,
) -> Iterator[Moment]:
    """Song et al. 2021, eq. 12 and 16: with η = 0 no noise comes in on the way, with η = 1 as much as in `ddpm`."""
    for number, (t, s) in enumerate(strides(times), 1):
        x0 = denoise(xt, t)
        at, before = float(schedule.alpha_bar(t)), float(schedule.alpha_bar(s))
        eps = noise_in(xt, x0, at)
        yield Moment(t, xt, x0, eps, number)
        spread = eta * ((1 - before) / (1 - at) * (1 - at / before)) ** 0.5
        xt = before**0.5 * x0 + max(1 - before - spread**2, 0.0) ** 0.5 * eps
        if eta and s > 0:
            xt = xt + spread * fresh(xt, rng)
    yield ended(xt, len(times))


def heun(
    denoise: Denoise, xt: Tensor, times: Sequence[float], schedule: Schedule, rng: torch.Generator
) -> Iterator[Moment]:
    """Karras et al. 2022, algorithm 1: dx/dσ = (x - x̂0) / σ by Heun's rule, x = x_t / √ᾱ; two calls for a step."""
    calls = 0
    for t, s in strides(times):
        sigma, next_sigma = float(schedule.sigma(t)), float(schedule.sigma(s))
        at, before = float(schedule.alpha_bar(t)), float(schedule.alpha_bar(s))
        x = xt / at**0.5
        x0 = denoise(xt, t)
        calls += 1
        yield Moment(t, xt, x0, noise_in(xt, x0, at), calls)
        slope = (x - x0) / sigma
        ahead = x + (next_sigma - sigma) * slope
        if s > 0:
            there = denoise(ahead * before**0.5, s)
            calls += 1
            slope = (slope + (ahead - there) / next_sigma) / 2
            ahead = x + (next_sigma - sigma) * slope
        xt = ahead * before**0.5
    yield ended(xt, calls)


def strides(times: Sequence[float]) -> list[tuple[float, float]]:
    """Each time with the one that follows; the last goes to 0."""
    return list(zip(times, [*times[1:], 0.0], strict=True))


def dpmpp(
    denoise: Denoise, xt: Tensor, times: Sequence[float], schedule: Schedule, rng: torch.Generator
) -> Iterator[Moment]:
    """DPM-Solver++ (2M): `ddim` with x̂0 carried on from the last two. Lu et al. 2022, algorithm 2, with λ = -log σ.

    One call for a step. The first step and the last have nothing to carry on from, or nowhere to.
    """
    last: tuple[Tensor, float] | None = None
    for number, (t, s) in enumerate(strides(times), 1):
        x0 = denoise(xt, t)
        at, before = float(schedule.alpha_bar(t)), float(schedule.alpha_bar(s))
        yield Moment(t, xt, x0, noise_in(xt, x0, at), number)
        if s == 0:
            xt = x0
            break
        h = math.log(float(schedule.sigma(t)) / float(schedule.sigma(s)))
        ahead = x0 if last is None else x0 + h / (2 * last[1]) * (x0 - last[0])
        xt = ((1 - before) / (1 - at)) ** 0.5 * xt + before**0.5 * -math.expm1(-h) * ahead
        last = x0, h
    yield ended(xt, len(times))


@dataclass(frozen=True)
class Way:
    """A sampler with the times that it stops at; `random` where noise comes in on the way."""

    title: str
    times: Callable[[int, Schedule], list[float]]
    run: Sampler
    random: bool = False


def _scheduled(title: str, scheduler: str, random: bool = False, **settings: Any) -> Way:
    """One of diffusers' schedulers."""
    way = Scheduled(scheduler, settings)
    return Way(title, way.times, way, random)


SAMPLERS: dict[SamplerName, Way] = {
    "ddim": Way("DDIM", evenly, ddim),
    "ddpm": Way("DDPM", evenly, ddpm, random=True),
    "heun": Way("Heun (EDM)", karras, heun),
    "dpmpp": Way("DPM-Solver++ (2M)", evenly, dpmpp),
    "unipc": _scheduled("UniPC", "UniPCMultistepScheduler"),
    "euler": _scheduled("Euler", "EulerDiscreteScheduler"),
    "euler_a": _scheduled("Euler ancestral", "EulerAncestralDiscreteScheduler", random=True),
}


def denoised(
    way: SamplerName, denoise: Denoise, xt: Tensor, steps: int, schedule: Schedule, rng: torch.Generator
) -> Tensor:
    """The end of a whole way from noise x_T."""
    found = SAMPLERS[way]
    *_, last = found.run(denoise, xt, found.times(steps, schedule), schedule, rng)
    return last.xt
