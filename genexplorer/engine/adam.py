"""Adam for small searches: by hand, for the first torch.optim.Adam costs seconds in which it loads a compiler."""

from collections.abc import Sequence

import torch
from torch import Tensor


class Adam:
    """Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1. Moves `weights` in place."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self._weights = list(weights)
        self._mean = [torch.zeros_like(each) for each in self._weights]
        self._square = [torch.zeros_like(each) for each in self._weights]
        self._steps = 0

    @torch.no_grad()
    def step(self, loss: Tensor, rate: float) -> None:
        slopes = torch.autograd.grad(loss, self._weights)
        self._steps += 1
        for weight, slope, mean, square in zip(self._weights, slopes, self._mean, self._square, strict=True):
            mean.lerp_(slope, 0.1)
            square.lerp_(slope.square(), 0.001)
            unbiased = mean / (1 - 0.9**self._steps), square / (1 - 0.999**self._steps)
            weight -= rate * unbiased[0] / (unbiased[1].sqrt() + 1e-8)
