"""Images of which a part is known, completed by a model that learnt whole ones."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from genexplorer.core.schedule import Schedule

from .degradations import Degradation
from .moments import Denoise, Moment, ended, fresh, noise_in
from .samplers import noised, strides


class Consistent:
    """A denoiser that never sees anything but what is known: x̂0 + A⁺ (y - A x̂0).

    Wang et al. 2023, "Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model", eq. 13: any sampler then
    leads to an image of which y = A x holds.
    """

    def __init__(self, denoise: Denoise, degradation: Degradation, y: Tensor) -> None:
        self.denoise, self.degradation, self.y = denoise, degradation, y

    def __call__(self, xt: Tensor, t: float) -> Tensor:
        x0 = self.denoise(xt, t)
        return x0 + self.degradation.put_back(self.y - self.degradation.take(x0))


def travelled(times: Sequence[float], jump: int, turns: int) -> list[float]:
    """Times that after every `jump` strides go up and down again, `turns` times in all: Lugmayr et al. 2022, fig. 9.

    The last strides, to the image itself, are gone once.
    """
    found: list[float] = []
    for first in range(0, len(times), jump):
        if first + jump < len(times):
            found += [*times[first : first + jump + 1]] * (turns - 1)
        found += times[first : first + jump]
    return found


def repaint(
    denoise: Denoise,
    known: Tensor,
    kept: Tensor,
    xt: Tensor,
    times: Sequence[float],
    schedule: Schedule,
    rng: torch.Generator,
) -> Iterator[Moment]:
    """Lugmayr et al. 2022, "RePaint", algorithm 1: what is `kept`, bool (H, W), comes from `known` with the noise of
    time, the rest from the model; where the next time is later, noise is put over both again.
    """
    calls = 0
    for t, s in strides(times):
        at, before = float(schedule.alpha_bar(t)), float(schedule.alpha_bar(s))
        if s > t:  # back up: q(x_s | x_t)
            ratio = before / at
            xt = ratio**0.5 * xt + (1 - ratio) ** 0.5 * fresh(xt, rng)
            continue
        x0 = denoise(xt, t)
        calls += 1
        yield Moment(t, xt, torch.where(kept, known, x0), noise_in(xt, x0, at), calls)
        alpha = at / before
        mean = before**0.5 * (1 - alpha) / (1 - at) * x0 + alpha**0.5 * (1 - before) / (1 - at) * xt
        spread = ((1 - before) / (1 - at) * (1 - alpha)) ** 0.5
        unknown = mean + spread * fresh(xt, rng) if s else mean
        xt = torch.where(kept, noised(known, fresh(xt, rng), s, schedule), unknown)
    yield ended(xt, calls)
