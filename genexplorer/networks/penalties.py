"""What keeps a discriminator from being too steep, by the slope of its score."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

PenaltyName = Literal["none", "gradient", "r1", "r1r2"]


def squared_slope(score: Tensor, x: Tensor) -> Tensor:
    """‖∇ₓ D(x)‖², (B,), from scores (B,) of x, which requires its gradient; it can be differentiated again."""
    (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
    return slope.float().flatten(1).square().sum(1)


def gradient_penalty(discriminate: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """E (‖∇ D(x̂)‖ - 1)² at x̂ = mix · real + (1 - mix) · fake, mix (B, 1, …) ~ U(0, 1): Gulrajani et al. 2017."""
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_()
    slope = (squared_slope(discriminate(between), between) + 1e-12).sqrt()
    return (slope - 1).square().mean()


def zero_centred(score: Tensor, x: Tensor) -> Tensor:
    """½ E ‖∇ₓ D(x)‖²: R1 at real images, R2 at made ones (Mescheder et al. 2018, eq. 9 and 10)."""
    return 0.5 * squared_slope(score, x).mean()
