"""The distance between two sets of codes that WAE-MMD makes small."""

import torch
from torch import Tensor

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Of the kernel's width: those of the authors' own code (github.com/tolstikhin/wae, wae.py)."""


def imq(x: Tensor, y: Tensor, variance: float = 1.0) -> Tensor:
    """Σ_s C/(C + ‖x - y‖²) of each pair, (N, M), with C = 2 d variance s: inverse multiquadratics.

    Tolstikhin et al. 2017, section 4; 2 d variance is the mean squared distance of two codes of the prior.
    """
    squared = torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist").square()
    widths = (2 * x.shape[1] * variance * scale for scale in SCALES)
    return torch.stack([width / (width + squared) for width in widths]).sum(0)


def mmd(x: Tensor, y: Tensor, variance: float = 1.0) -> Tensor:
    """Unbiased estimate of MMD² between the distributions of x and y, each (N, d), N > 1: WAE's algorithm 2.

    Its mean is 0 where they are the same, so that it can be negative.
    """
    num = len(x)
    if num < 2:
        return (x.sum() + y.sum()) * 0
    within = imq(x, x, variance) + imq(y, y, variance)
    apart = (within.sum() - within.diagonal().sum()) / (num * (num - 1))
    return apart - 2 * imq(x, y, variance).mean()
