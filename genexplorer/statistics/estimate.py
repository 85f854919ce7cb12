"""A number from a sample, with the interval in which other samples of the same size would put it."""

import math
from dataclasses import dataclass

from torch import Tensor

_SIGMAS = 1.959964  # 95 % of a normal distribution


@dataclass(frozen=True)
class Estimate:
    """`low` to `high` is a 95 % confidence interval."""

    value: float
    low: float
    high: float


def bootstrap(value: float, *influences: Tensor) -> Estimate:
    """With the interval ± 1.96 bootstrap standard errors.

    Each of `influences` (N,) belongs to one independent sample, and says how the statistic moves with the share of each
    of its images: the first-order (von Mises) expansion. Resampled with replacement, the mean of n influences has the
    variance Σ (f − mean f)² / n², so that infinitely many draws need not be made (Efron & Tibshirani 1993, eq. 5.12).
    """
    half = _SIGMAS * math.sqrt(sum(float(f.double().var(correction=0)) / len(f) for f in influences))
    return Estimate(value, value - half, value + half)


def share(inside: Tensor) -> Estimate:
    """The share of True in (N,), with Wilson's interval (1927): a bootstrap of none, or of all, would have no width."""
    n, p = len(inside), float(inside.double().mean())
    middle = (p + _SIGMAS**2 / (2 * n)) / (1 + _SIGMAS**2 / n)
    half = _SIGMAS * math.sqrt(p * (1 - p) / n + _SIGMAS**2 / (4 * n**2)) / (1 + _SIGMAS**2 / n)
    return Estimate(p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))
