"""How far points on the plane are from a density that is known."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

_SIDE = 1.5  # the square that is looked at is [-_SIDE, _SIDE]²
_CELLS, _FINE = 60, 2  # cells along a side, and places within one, along a side, that a density is taken at
_FLOOR = 1e-3  # the share of a distribution that is spread evenly, so that no cell is empty


class Plane:
    """Both distributions as the shares of 60 × 60 cells of 0.05, smoothed alike by a Gaussian of one cell.

    By the data processing inequality the divergences of what was smoothed are never above those of the distributions
    themselves. Points beyond the square count in the cell at its edge.
    """

    def __init__(self) -> None:
        edge = torch.arange(_CELLS * _FINE, dtype=torch.double)
        line = (edge + 0.5) * (2 * _SIDE / len(edge)) - _SIDE
        self.places = torch.cartesian_prod(line, line)  # (N, 2), x first
        cells = torch.arange(_CELLS, dtype=torch.double)
        blur = torch.exp(-0.5 * (cells[:, None] - cells).square())
        self._blur = blur / blur.sum(0)

    def of_density(self, density: Callable[[Tensor], Tensor]) -> Tensor:
        """Shares (cells, cells) of p(x)."""
        p = torch.cat([density(part) for part in torch.split(self.places, 2048)])
        side = _CELLS * _FINE
        return self._smooth(p.view(side, side).view(_CELLS, _FINE, _CELLS, _FINE).sum((1, 3)))

    def of_points(self, points: Tensor) -> Tensor:
        """Shares (cells, cells) of points (N, 2)."""
        cell = ((points.double() + _SIDE) * (_CELLS / (2 * _SIDE))).floor().long().clamp(0, _CELLS - 1)
        counts = torch.bincount(cell[:, 0] * _CELLS + cell[:, 1], minlength=_CELLS**2)
        return self._smooth(counts.double().view(_CELLS, _CELLS))

    def shown(self, shares: Tensor, reach: float) -> Tensor:
        """Shares within [-reach, reach]², rows from low y to high y, from ½ for none to 0 for the most; their roots, or
        the highest peak alone would be seen."""
        beyond = round((_SIDE - reach) * _CELLS / (2 * _SIDE))
        inside = shares[beyond : _CELLS - beyond, beyond : _CELLS - beyond].T
        return 0.5 - 0.5 * (inside / inside.max()).sqrt()

    def _smooth(self, mass: Tensor) -> Tensor:
        smooth = self._blur @ mass @ self._blur.T
        return (1 - _FLOOR) * smooth / smooth.sum() + _FLOOR / _CELLS**2


def kl(p: Tensor, q: Tensor) -> float:
    """KL(p ‖ q) = Σ p log(p / q) of two tables of shares above 0, in nats."""
    return float((p * (p / q).log()).sum())


def js(p: Tensor, q: Tensor) -> float:
    """½ KL(p ‖ m) + ½ KL(q ‖ m), m = ½ (p + q): at most log 2 nats (Lin 1991)."""
    middle = (p + q) / 2
    return min(max(0.0, (kl(p, middle) + kl(q, middle)) / 2), math.log(2))
