"""What takes from an image, y = A x, and the least that could be put back, A⁺ y: linear, each with its pseudo-inverse.

A A⁺ A = A, so that x + A⁺ (y - A x) shows exactly what is known, and is x in all that is not.
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F


class Degradation(Protocol):
    def take(self, x: Tensor) -> Tensor:
        """y = A x of images (B, C, H, W)."""

    def put_back(self, y: Tensor) -> Tensor:
        """A⁺ y, images (B, C, H, W) again."""


class Hidden:
    """Only what `kept`, bool (H, W), says is known."""

    def __init__(self, kept: Tensor) -> None:
        self.kept = kept.float()

    def take(self, x: Tensor) -> Tensor:
        return x * self.kept

    def put_back(self, y: Tensor) -> Tensor:
        return y


class Coarse:
    """Means of squares of `factor` pixels; H and W are multiples of it."""

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def take(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, self.factor)

    def put_back(self, y: Tensor) -> Tensor:
        return F.interpolate(y, scale_factor=float(self.factor), mode="nearest")


class Grey:
    """The mean of the colours."""

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def take(self, x: Tensor) -> Tensor:
        return x.mean(1, keepdim=True)

    def put_back(self, y: Tensor) -> Tensor:
        return y.expand(-1, self.channels, -1, -1)


class Blurred:
    """A Gaussian of spread `sigma` pixels over an image of `size` px that is mirrored at its edges.

    What is blurred beyond `_FAINT` of its strength is taken for lost: to put it back would be to put back noise.
    """

    _FAINT = 0.05

    def __init__(self, size: int, sigma: float) -> None:
        self.matrix = _blur(size, sigma)
        u, s, vh = torch.linalg.svd(self.matrix)
        kept = s > self._FAINT
        self.matrix = (u[:, kept] * s[kept]) @ vh[kept]
        self.inverse = ((vh[kept].T / s[kept]) @ u[:, kept].T).float()
        self.matrix = self.matrix.float()

    def take(self, x: Tensor) -> Tensor:
        taken: Tensor = self.matrix @ x @ self.matrix.T
        return taken

    def put_back(self, y: Tensor) -> Tensor:
        found: Tensor = self.inverse @ y @ self.inverse.T
        return found


def _blur(size: int, sigma: float) -> Tensor:
    """(size, size), rows of which sum to 1."""
    places = torch.arange(size, dtype=torch.float64)
    total = torch.zeros(size, size, dtype=torch.float64)
    for turn in range(-2, 3):  # the image and its mirror images beside it
        there = places + 2 * size * turn
        for other in (there, 2 * size * turn - 1 - places):
            total += torch.exp(-0.5 * ((places[:, None] - other[None, :]) / sigma) ** 2)
    rows: Tensor = total / total.sum(1, keepdim=True)
    return rows
