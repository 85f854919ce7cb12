"""Ways to spoil an image, each a pure function of the image, a strength, and uniform noise."""

import math
from typing import Literal

import torch
from torch import Tensor

NoiseName = Literal["gaussian", "salt_and_pepper", "masking", "block"]
NOISES: tuple[NoiseName, ...] = ("gaussian", "salt_and_pepper", "masking", "block")


def corrupt(x: Tensor, noise: NoiseName, strength: Tensor | float, u: Tensor) -> Tensor:
    """Images x (B, C, H, W) in [-1, 1], spoilt; u is uniform in [0, 1) and of the shape of x; strength in [0, 1], or
    one for each image, (B,).

    The same u at another strength is the same noise, stronger: more pixels fall in the same order, the block grows.

    - gaussian: x + s ε with s = 2 · strength, a part of the whole range from black to white (Vincent et al. 2008)
    - salt_and_pepper: a part `strength` of all pixels turns black or white (Vincent et al. 2010, section 3.3)
    - masking: a part `strength` of all pixels turns black (Vincent et al. 2008)
    - block: a square of that part of the area turns grey, anywhere (Pathak et al. 2016)
    """
    part = torch.as_tensor(strength, dtype=x.dtype, device=x.device).reshape(-1, 1, 1, 1)
    match noise:
        case "gaussian":
            eps = torch.erfinv((2 * u - 1).clamp(-1 + 1e-6, 1 - 1e-6)) * math.sqrt(2)  # by the inverse of Φ
            return x + 2 * part * eps
        case "salt_and_pepper":
            pixel = u[:, :1]
            return torch.where(pixel < part / 2, -1.0, torch.where(pixel > 1 - part / 2, 1.0, x))
        case "masking":
            return torch.where(u[:, :1] < part, -1.0, x)
        case "block":
            return torch.where(_block(part, u, x.shape[-1]), 0.0, x)


def _block(part: Tensor, u: Tensor, size: int) -> Tensor:
    """Where the block lies, (B, 1, H, W): its side is √part of the image's, its middle as u says, wholly inside."""
    side = part.sqrt() * size  # (B, 1, 1, 1)
    corner_x, corner_y = (u[:, :1, :1, index : index + 1] * (size - side) for index in (0, 1))
    middle = torch.arange(size, device=u.device) + 0.5
    x, y = middle[None, None, None, :], middle[None, None, :, None]
    across = (x >= corner_x) & (x < corner_x + side)
    down = (y >= corner_y) & (y < corner_y + side)
    return across & down


def corrupt_each(x: Tensor, kinds: Tensor, strength: Tensor | float, u: Tensor) -> Tensor:
    """As `corrupt`, with a kind for each image: an index (B,) into NOISES."""
    spoilt = torch.stack([corrupt(x, noise, strength, u) for noise in NOISES])
    return spoilt[kinds, torch.arange(len(x), device=x.device)]
