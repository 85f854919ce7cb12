"""What leads a denoising network on its way."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from genexplorer.core.abilities import Denoises


@runtime_checkable
class Steers(Protocol):
    """A model that denoises, and can be told what to see."""

    def likely(self, num: int, rng: torch.Generator) -> Tensor:
        """Values of its conditions, (num, K), as images have them that it was trained on."""

    def written(self, values: Tensor) -> Tensor:
        """Values (N, K) as its network is told them, (N, D)."""

    def told(self, values: Tensor, cfg_scale: float, against: Tensor | None = None) -> Denoises:
        """x̂0 = x̂0(against) + w (x̂0(values) - x̂0(against)) of as many images as there are rows of values (N, K).

        `against` (K,) are values of conditions to lead away from; None for none.
        """


class Remembered:
    """A model's `denoise` for one way from noise to image: with self-conditioning, it is shown what it saw before."""

    def __init__(self, model: Denoises) -> None:
        self.model = model
        self.before: Tensor | None = None

    def __call__(self, xt: Tensor, t: float) -> Tensor:
        self.before = self.model.denoise(xt, t, self.before)
        return self.before
