"""The Fréchet distance between two sets of features, each taken for a Gaussian."""

import torch
from torch import Tensor

from .estimate import Estimate, bootstrap


def frechet_distance(a: Tensor, b: Tensor) -> Estimate:
    """‖m − m'‖² + tr(C + C' − 2 (C C')^½) of features (N, D) and (M, D): Heusel et al. 2017, eq. 6; in their unit².

    (C C')^½ has the eigenvalues of (C^½ C' C^½)^½, which is symmetric: no complex root is ever taken. The interval is
    a bootstrap of the distance's expansion in the images' shares. With x = image − m, an image of the first set moves
    it by 2 (m − m')ᵀx + xᵀ(I − T)x and a constant, where T = C^-½ (C^½ C' C^½)^½ C^-½ carries one Gaussian to the other
    (Dowson & Landau 1982; for its derivative see Bhatia, Jain & Lim 2019, section 4).
    """
    a, b = a.double(), b.double()
    (mean_a, cov_a), (mean_b, cov_b) = moments(a), moments(b)
    root, inverse = _roots(cov_a)
    values, vectors = torch.linalg.eigh(root @ cov_b @ root)
    middle = values.clamp(min=0).sqrt()
    apart = mean_a - mean_b
    distance = float(apart.square().sum() + cov_a.trace() + cov_b.trace() - 2 * middle.sum())
    shape = (vectors * middle) @ vectors.T
    there = inverse @ shape @ inverse
    kept = torch.where(middle > 1e-6 * middle.max(), 1 / middle.clamp(min=1e-300), 0)
    back = root @ ((vectors * kept) @ vectors.T) @ root
    found = bootstrap(distance, _influence(a - mean_a, apart, there), _influence(b - mean_b, -apart, back))
    return Estimate(*(max(number, 0.0) for number in (found.value, found.low, found.high)))


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (D,) and covariance (D, D) of features (N, D)."""
    mean = x.mean(0)
    centred = x - mean
    return mean, centred.T @ centred / max(len(x) - 1, 1)


def _roots(cov: Tensor) -> tuple[Tensor, Tensor]:
    """cov^½ and cov^-½, the latter on the directions that the sample has."""
    values, vectors = torch.linalg.eigh(cov)
    root = values.clamp(min=0).sqrt()
    inverse = torch.where(root > 1e-6 * root.max(), 1 / root.clamp(min=1e-300), 0)
    return (vectors * root) @ vectors.T, (vectors * inverse) @ vectors.T


def _influence(x: Tensor, apart: Tensor, carries: Tensor) -> Tensor:
    """Of each centred image (N, D) but for a constant, (N,)."""
    return 2 * x @ apart + (x * (x - x @ carries)).sum(1)
