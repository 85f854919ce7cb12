"""Changes of images that gradients pass through, so that a discriminator sees more than a small data set has.

Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", section 3.2, with its policies colour,
translation and cutout.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Rand = Callable[..., Tensor]
"""Uniform noise in [0, 1), (B, *shape): `Batch.rand`."""


def augment(x: Tensor, rand: Rand) -> Tensor:
    """Images (B, C, S, S) in other colours, moved by up to an eighth, with a square of half their side cut out."""
    return _cut_out(_move(_recolour(x, rand), rand), rand)


def _recolour(x: Tensor, rand: Rand) -> Tensor:
    """Brightness ± 0.5, saturation × 0 … 2, contrast × 0.5 … 1.5."""
    bright, saturation, contrast = rand(3, 1, 1, 1).unbind(1)
    x = x + (bright - 0.5)
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * (2 * saturation) + grey
    mean = x.mean((1, 2, 3), keepdim=True)
    return (x - mean) * (contrast + 0.5) + mean


def _move(x: Tensor, rand: Rand) -> Tensor:
    size, reach = x.shape[-1], max(1, x.shape[-1] // 8)
    shift = (rand(2) * (2 * reach + 1)).long()  # of a picture with a black rim
    rim = F.pad(x, (reach,) * 4, value=-1.0).permute(0, 2, 3, 1)
    along = torch.arange(size, device=x.device)
    rows, columns = along + shift[:, :1], along + shift[:, 1:]
    moved = rim[torch.arange(len(x), device=x.device)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def _cut_out(x: Tensor, rand: Rand) -> Tensor:
    size = x.shape[-1]
    half, middle = size // 4, (rand(2) * (size + 1)).long()
    along = torch.arange(size, device=x.device)
    inside = (along - middle[..., None]).abs() < half  # (B, 2, S)
    return x.masked_fill((inside[:, 0, :, None] & inside[:, 1, None, :])[:, None], 0.0)
