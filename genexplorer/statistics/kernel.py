"""The kernel distance between two sets of features: squared maximum mean discrepancy under a cubic kernel."""

import torch
from torch import Tensor

from .estimate import Estimate, bootstrap

_TILE = 1024  # rows and columns of the kernel matrix that are computed at once: they stay in the processor's cache


def kernel_distance(a: Tensor, b: Tensor) -> Estimate:
    """Unbiased MMD² of features (N, D) and (M, D) with k(x, y) = (xᵀy / D + 1)³: Bińkowski et al. 2018, eq. 2 and 4.

    Over all pairs, where others average over random subsets: the same expectation with less noise. It may come out
    below 0 for sets that are alike. The interval is a bootstrap of Hájek's projection 2 (E k(x, x') − E k(x, y)).
    """
    within_a, within_b = _within(a), _within(b)
    across_a, across_b = _sums(a, b)
    towards_b, towards_a = across_a / len(b), across_b / len(a)
    value = float(within_a.mean() + within_b.mean() - 2 * towards_b.mean())
    return bootstrap(value, 2 * (within_a - towards_b), 2 * (within_b - towards_a))


def _within(x: Tensor) -> Tensor:
    """Mean of k between each of (N, D) and the others, (N,)."""
    rows = _sums(x, x)[0]
    own = (x.double().square().sum(1) / x.shape[1] + 1) ** 3
    return (rows - own) / (len(x) - 1)


def _sums(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of k(x, y) over y and over x, (N,) and (M,)."""
    same = x is y
    over_y, over_x = torch.zeros(len(x), dtype=torch.float64), torch.zeros(len(y), dtype=torch.float64)
    x, y = x.float(), y.float() / y.shape[1]
    for i in range(0, len(x), _TILE):
        for j in range(i if same else 0, len(y), _TILE):
            k = (x[i : i + _TILE] @ y[j : j + _TILE].T).add_(1)
            k = (k * k).mul_(k)
            over_y[i : i + _TILE] += k.sum(1)
            if not same or i != j:
                (over_y if same else over_x)[j : j + _TILE] += k.sum(0)
    return over_y, over_x
