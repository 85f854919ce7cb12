"""How much noise there is at each time: ᾱ(t), of which x_t = √ᾱ x0 + √(1 - ᾱ) eps (Ho et al. 2020, eq. 4).

Every Gaussian diffusion is one of these, whatever scale its paper gives x: with σ the noise beside an image that is
not scaled (Karras et al. 2022), ᾱ = 1 / (1 + σ²); with x_t = (1 - s) x0 + s eps (Liu et al. 2023), σ = s / (1 - s).
"""

import torch
from torch import Tensor

T = 1000
"""Time runs from 0, the image, to T, where nothing but noise is left."""


class Schedule:
    """ᾱ at each time in 0…T, also between whole ones: there the angle arctan σ is interpolated, which has no poles."""

    def __init__(self, alpha_bar: Tensor) -> None:
        """`alpha_bar` is (T + 1,), falling from 1."""
        self._angle = torch.arccos(alpha_bar.double().clamp(0, 1).sqrt())
        self.alpha_bars = alpha_bar.double()

    @property
    def betas(self) -> Tensor:
        """β_t = 1 - ᾱ_t / ᾱ_{t-1} of t = 1…T, (T,)."""
        return (1 - self.alpha_bars[1:] / self.alpha_bars[:-1]).clamp(0, 1)

    def alpha_bar(self, t: Tensor | float) -> Tensor:
        """ᾱ at times t of any shape, as doubles."""
        t = torch.as_tensor(t, dtype=torch.float64)
        angle = self._angle.to(t.device)
        low = t.floor().clamp(0, T - 1)
        before, after = angle[low.long()], angle[low.long() + 1]
        return torch.cos(before + (t - low) * (after - before)).square()

    def parts(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """√ᾱ and √(1 - ᾱ) at times t (B,), as float32 (B,)."""
        signal = self.alpha_bar(t)
        return signal.sqrt().float(), (1 - signal).sqrt().float()

    def sigma(self, t: Tensor | float) -> Tensor:
        """√((1 - ᾱ) / ᾱ), the noise beside an image that is not scaled."""
        signal = self.alpha_bar(t)
        return ((1 - signal) / signal.clamp(min=1e-20)).sqrt()

    def time(self, sigma: Tensor | float) -> Tensor:
        """When the noise is σ: the inverse of `sigma`, within 0…T."""
        angle = torch.arctan(torch.as_tensor(sigma, dtype=torch.float64))
        after = torch.searchsorted(self._angle, angle.contiguous()).clamp(1, T)
        low, high = self._angle[after - 1], self._angle[after]
        return (after - 1 + (angle - low) / (high - low).clamp(min=1e-12)).clamp(0, T)
