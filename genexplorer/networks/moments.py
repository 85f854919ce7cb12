"""What samplers of all kinds are given, and what they tell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from genexplorer.core.schedule import Schedule

Denoise = Callable[[Tensor, float], Tensor]
"""The image x̂0 (B, …) in x_t (B, …) at time t."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What is known at time t: x_t, the image and the noise that the network sees in it, and its calls so far."""

    t: float
    xt: Tensor
    x0: Tensor
    eps: Tensor
    calls: int


class Sampler(Protocol):
    def __call__(
        self, denoise: Denoise, xt: Tensor, times: Sequence[float], schedule: Schedule, rng: torch.Generator
    ) -> Iterator[Moment]: ...


def noise_in(xt: Tensor, x0: Tensor, bar: float) -> Tensor:
    """eps of x_t = √ᾱ x0 + √(1 - ᾱ) eps."""
    spread = float(max(1 - bar, 1e-20) ** 0.5)
    eps: Tensor = (xt - bar**0.5 * x0) / spread
    return eps


def fresh(like: Tensor, rng: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=rng, device=rng.device)


def ended(x: Tensor, calls: int) -> Moment:
    return Moment(0.0, x, x, torch.zeros_like(x), calls)
