"""What leads a denoising network on its way."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from genexplorer.core.abilities import Denoises


@runtime_checkable
class Guides(Protocol):
    """What `given` gives back of a model that denoises: how much its conditions are stressed can be said."""

    def guided(self, cfg_scale: float, against: Tensor | None) -> Denoises:
        """x̂0 = x̂0(against) + w (x̂0(given) - x̂0(against)); `against` (K,) are values of conditions, None for none."""


class Remembered:
    """A model's `denoise` for one way from noise to image: with self-conditioning, it is shown what it saw before."""

    def __init__(self, model: Denoises) -> None:
        self.model = model
        self.before: Tensor | None = None

    def __call__(self, xt: Tensor, t: float) -> Tensor:
        self.before = self.model.denoise(xt, t, self.before)
        return self.before
