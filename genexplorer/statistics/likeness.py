"""How like two images are: as numbers that papers tell."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

_WINDOW, _SIGMA = 11, 1.5  # Wang et al. 2004, section III-B


def psnr(x: Tensor, y: Tensor) -> Tensor:
    """10 log₁₀(1 / MSE) in decibels, black 0 and white 1, of images (B, C, H, W) in [-1, 1]: (B,)."""
    mse = ((x - y) / 2).square().flatten(1).mean(1)
    return -10 / math.log(10) * mse.clamp(min=1e-10).log()


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Structural similarity of images (B, C, H, W) in [-1, 1], 1 where they are the same: (B,).

    Wang et al. 2004, eq. 13, with a Gaussian window of 11 px, or as much of it as the image has, and L = 1.
    """
    x, y = (x + 1) / 2, (y + 1) / 2
    window = min(_WINDOW, x.shape[-1] - (x.shape[-1] + 1) % 2)
    places = torch.arange(window, dtype=x.dtype) - window // 2
    bell = torch.exp(-0.5 * (places / _SIGMA).square())
    kernel = (bell[:, None] * bell[None, :]) / bell.sum().square()
    kernel = kernel.expand(x.shape[1], 1, -1, -1)

    def local(image: Tensor) -> Tensor:
        return F.conv2d(image, kernel, groups=image.shape[1])

    mu_x, mu_y = local(x), local(y)
    var_x, var_y = local(x * x) - mu_x.square(), local(y * y) - mu_y.square()
    cov = local(x * y) - mu_x * mu_y
    c1, c2 = 0.01**2, 0.03**2
    likeness = (2 * mu_x * mu_y + c1) * (2 * cov + c2)
    likeness = likeness / ((mu_x.square() + mu_y.square() + c1) * (var_x + var_y + c2))
    return likeness.flatten(1).mean(1)
