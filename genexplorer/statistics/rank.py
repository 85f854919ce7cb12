"""Where a number stands among others."""

import torch
from torch import Tensor

from .estimate import Estimate, bootstrap


def percentile(value: float, among: Tensor) -> float:
    """Share of `among` (N,) below the value, ties counted half; 0 to 100 %."""
    return 100 * float((among < value).double().mean() + 0.5 * (among == value).double().mean())


def auroc(inside: Tensor, outside: Tensor) -> Estimate:
    """P(a score of `inside` (N,) is above one of `outside` (M,)), ties half: the area under the ROC curve.

    The interval is a bootstrap of its projections, which are DeLong's placements (DeLong et al. 1988, eq. 4-6).
    """
    of_inside, of_outside = _above(inside, outside), 1 - _above(outside, inside)
    found = bootstrap(float(of_inside.mean()), of_inside, of_outside)
    return Estimate(found.value, max(0.0, found.low), min(1.0, found.high))


def _above(a: Tensor, b: Tensor) -> Tensor:
    """Share of b below each of a, ties half, (N,)."""
    ordered = b.sort().values
    below = torch.searchsorted(ordered, a) + torch.searchsorted(ordered, a, right=True)
    return below.double() / (2 * len(b))
