"""What the draws for one image say: its bound on log p(x) at every number of them, and how far two images are apart."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_GROUPS = 8  # of so many independent estimates or more, their spread tells the error


@dataclass(frozen=True)
class Bound:
    """A number in nats with its standard error, NaN where it cannot be told; `draws` weigh in each estimate of it."""

    draws: int
    value: float
    error: float


def mean(values: Tensor) -> Bound:
    """Of (K,), each from one draw."""
    spread = float(values.std()) if len(values) > 1 else math.nan
    return Bound(1, float(values.mean()), spread / math.sqrt(len(values)))


def bounds(log_w: Tensor) -> tuple[Bound, ...]:
    """L_k = E log 1/k Σ w of Burda et al. 2016, eq. 8, for k = 1, 2, 4 … and K, from K log weights (K,) in float64.

    Each k is the mean over as many disjoint groups of k draws as there are: in expectation it rises with k (theorem 1).
    """
    num = len(log_w)
    powers = [1 << bit for bit in range(num.bit_length()) if 1 << bit < num]
    return tuple(_bound(log_w, k) for k in (*powers, num))


def _bound(log_w: Tensor, k: int) -> Bound:
    groups = len(log_w) // k
    part = log_w[: groups * k].view(groups, k)
    values = torch.logsumexp(part, 1) - math.log(k)
    if groups >= _GROUPS:
        return Bound(k, float(values.mean()), float(values.std()) / math.sqrt(groups))
    errors = _shares(part).std(1) / math.sqrt(k) if k > 1 else torch.full((1,), math.nan)
    return Bound(k, float(values.mean()), float(errors.square().mean().sqrt()) / math.sqrt(groups))


def effective(log_w: Tensor) -> float:
    """How many of the draws count: (Σ w)² / Σ w² (Kong 1992)."""
    return math.exp(2 * float(torch.logsumexp(log_w, 0)) - float(torch.logsumexp(2 * log_w, 0)))


def apart(log_w: Tensor, other: Tensor) -> Bound:
    """log p(x₁) - log p(x₂) from log weights (K,) of the same draws each, with the error of both mean weights carried
    through their logarithms together: what they share cancels."""
    k = len(log_w)
    value = float(torch.logsumexp(log_w, 0) - torch.logsumexp(other, 0))
    influence = _shares(log_w[None]) - _shares(other[None])
    return Bound(k, value, float(influence.std()) / math.sqrt(k) if k > 1 else math.nan)


def _shares(log_w: Tensor) -> Tensor:
    """Weights (G, K) over their mean in each row."""
    return torch.softmax(log_w, 1) * log_w.shape[1]
