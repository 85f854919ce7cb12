"""log p(x) of a latent variable model, by importance weights."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeGuard, runtime_checkable

import torch
from torch import Tensor, nn

from genexplorer.core.abilities import Conditional
from genexplorer.core.events import Progress
from genexplorer.networks.likelihoods import Likelihood

_AT_ONCE = 256
_NUMBERS = 1 << 21  # in the images of one chunk of draws: they stay near the processor
_PER_IMAGE = 64  # draws of a chunk for one image; others fill the chunk, and whoever watches sees it sharpen


@runtime_checkable
class Explains(Protocol):
    """A model with p(z) = N(0, I), an approximate posterior, and a likelihood over what its decoder gives."""

    likelihood: Likelihood
    decoder: nn.Module

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), each (B, D)."""


def explains(model: object) -> TypeGuard[Explains]:
    """Whether all of its code is a draw from N(0, I): labels in a code are not, and have a prior of their own."""
    return isinstance(model, Explains) and not isinstance(model, Conditional)


@dataclass(frozen=True, eq=False)
class LogDensity:
    """Per image (B,): log p(x) in nats, its standard error, and how many of the draws count (Kong 1992)."""

    value: Tensor
    error: Tensor
    effective: Tensor


@dataclass(frozen=True, eq=False)
class Weighing(Progress):
    """Also the draws weighed last, (B', k), for the images from `start` on: log p(x | z_k), and the log weights."""

    start: int
    log_px: Tensor
    log_w: Tensor


def log_density(model: Explains, x: Tensor, draws: int, rng: torch.Generator) -> Generator[Weighing, None, LogDensity]:
    """log 1/K Σ p(x | z_k) p(z_k) / q(z_k | x), z_k ~ q(z | x): Burda et al. 2016, eq. 8; on average ≤ log p(x).

    x is (B, C, H, W) in [-1, 1], taken as the likelihood observes it. Weights are summed as they come: memory does not
    grow with K. The error is that of the mean weight, carried through the logarithm.
    """
    x = model.likelihood.observe(x, lambda: torch.rand(x.shape, generator=rng))
    found = [model.posterior(part) for part in torch.split(x, _AT_ONCE)]
    mu, logvar = (torch.cat(parts) for parts in zip(*found, strict=True))
    num, sigma = len(x), torch.exp(0.5 * logvar)
    top = torch.full((num,), -torch.inf, dtype=torch.float64)
    total, squares = torch.zeros_like(top), torch.zeros_like(top)
    rows = max(1, _NUMBERS // x[0].numel())
    per = min(draws, rows, _PER_IMAGE)
    group = max(1, rows // per)
    for start in range(0, num, group):
        part = slice(start, min(start + group, num))
        count = part.stop - part.start
        for done in range(0, draws, per):
            k = min(per, draws - done)
            eps = torch.randn(count, k, mu.shape[1], generator=rng)
            z = mu[part, None] + sigma[part, None] * eps
            seen = x[part, None].expand(count, k, *x.shape[1:]).flatten(0, 1)
            log_pz = -0.5 * z.square().sum(2)
            log_qz = -0.5 * (eps.square().sum(2) + logvar[part, None].sum(2))  # both without D/2 log 2π
            log_px = model.likelihood.log_prob(seen, model.decoder(z.flatten(0, 1)).float()).view(count, k)
            log_w = log_px.double() + log_pz - log_qz

            highest = torch.maximum(top[part], log_w.max(1).values)
            shrink, weights = torch.exp(top[part] - highest), torch.exp(log_w - highest[:, None])
            total[part] = total[part] * shrink + weights.sum(1)
            squares[part] = squares[part] * shrink.square() + weights.square().sum(1)
            top[part] = highest
            seen_so_far = start * draws + (done + k) * count
            yield Weighing("Weighing draws", seen_so_far, num * draws, start, log_px.double(), log_w)
    variance = (squares / draws - (total / draws).square()).clamp(min=0) * draws / max(draws - 1, 1)
    return LogDensity(
        top + torch.log(total) - math.log(draws),
        variance.sqrt() / (total / draws) / math.sqrt(draws),
        total.square() / squares,
    )
