"""The variational bound of a diffusion model whose steps are infinitely small: Kingma et al. 2021, eq. 11 and 17.

-log p(x0) ≤ KL(q(x_T | x0) ‖ p(x_T)) + ½ ∫ SNR ‖x0 - x̂0(x_t)‖² dλ - log p(x0 | x_1), with λ = log SNR, in nats. With
the true E[x0 | x_t] it is an equality; with T steps instead of an integral some tenths of a nat per dimension are lost.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.schedule import Schedule, T

_LEVELS, _PIXELS = 256, 256  # pixels at once
_SIGMA_MAX = 300.0  # beyond it nothing is left of an image that a float could hold


def ends(schedule: Schedule) -> tuple[float, float]:
    """σ where the integral begins, at time 1, and where it ends."""
    return float(schedule.sigma(1.0)), min(float(schedule.sigma(float(T))), _SIGMA_MAX)


def time_at(u: Tensor, schedule: Schedule) -> Tensor:
    """Times (B,) at shares u (B,) of the way from the first λ to the last, at which `between` is to be taken."""
    low, high = (math.log(sigma) for sigma in ends(schedule))
    return schedule.time(torch.exp(low + (high - low) * u.double()))


def between(x0: Tensor, seen: Tensor, t: Tensor, schedule: Schedule) -> Tensor:
    """½ SNR ‖x0 - x̂0‖² by the length of the way in λ: its mean over `time_at` is the integral. (B,)."""
    low, high = (math.log(sigma) for sigma in ends(schedule))
    snr = schedule.sigma(t) ** -2
    apart: Tensor = (x0 - seen).square().flatten(1).sum(1)
    kl: Tensor = (high - low) * snr.float() * apart  # λ = -2 log σ: ½ · 2
    return kl


def last_kl(x0: Tensor, schedule: Schedule) -> Tensor:
    """KL(q(x_T | x0) ‖ N(0, I)) of images (B, …), where the integral ends: (B,)."""
    bar = 1 / (1 + ends(schedule)[1] ** 2)
    return 0.5 * (bar * x0.square() - bar - math.log1p(-bar)).flatten(1).sum(1)


def first_nll(x0: Tensor, x1: Tensor, seen: Tensor, schedule: Schedule, levels: bool) -> Tensor:
    """-log p(x0 | x_1), (B,), of images by their `levels`, 0…255: p ∝ q(x_1 | x0) over these (Kingma et al. 2021,
    appendix E); of points N(x0; x̂0, σ(1)²)."""
    bar = float(schedule.alpha_bar(1.0))
    sigma = math.sqrt((1 - bar) / bar)
    if not levels:
        each = 0.5 * ((x0 - seen) / sigma).square() + math.log(sigma) + 0.5 * math.log(2 * math.pi)
        return each.flatten(1).sum(1)
    grid = torch.linspace(-1, 1, _LEVELS, device=x0.device)
    true = ((x0 + 1) * (_LEVELS - 1) / 2).round().long()
    total = torch.zeros(len(x0), device=x0.device)
    rows, places = (torch.split(each.flatten(1), _PIXELS, 1) for each in (x1 / math.sqrt(bar), true))
    for row, place in zip(rows, places, strict=True):
        log_p = -0.5 * ((row[:, None] - grid[:, None]) / sigma).square()  # (B, levels, pixels)
        total += F.cross_entropy(log_p, place, reduction="none").sum(1)
    return total
