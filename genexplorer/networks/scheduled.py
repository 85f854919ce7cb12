"""diffusers' schedulers as samplers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from genexplorer.core.schedule import Schedule, T

from .moments import Denoise, Moment, ended, noise_in

_MOST = 0.9999  # of β: a scheduler divides by what is left of the image


@dataclass(frozen=True)
class Scheduled:
    """One of diffusers' classes by its name. It is imported when it is first used: that takes a second."""

    scheduler: str
    settings: dict[str, Any] = field(default_factory=dict)

    def times(self, steps: int, schedule: Schedule) -> list[float]:
        return [float(t) + 1 for t in self._made(schedule, steps).timesteps]

    def __call__(
        self, denoise: Denoise, xt: Tensor, times: Sequence[float], schedule: Schedule, rng: torch.Generator
    ) -> Iterator[Moment]:
        steps = round(T * len(times) / times[0])  # of the whole way, of which `times` are the last
        made = self._made(schedule, steps)
        stops = made.timesteps[steps - len(times) :]
        made.set_begin_index(steps - len(times))
        noise = {"generator": rng} if "generator" in signature(made.step).parameters else {}
        x = xt / made.scale_model_input(torch.ones(()), stops[0])
        for number, (t, stop) in enumerate(zip(times, stops, strict=True), 1):
            xt = made.scale_model_input(x, stop)
            x0 = denoise(xt, t)
            eps = noise_in(xt, x0, float(schedule.alpha_bar(t)))
            yield Moment(t, xt, x0, eps, number)
            x = made.step(eps, stop, x, **noise, return_dict=False)[0]
        yield ended(x, len(times))

    def _made(self, schedule: Schedule, steps: int) -> Any:
        import diffusers

        made = getattr(diffusers, self.scheduler)(
            num_train_timesteps=T,
            trained_betas=schedule.betas.clamp(max=_MOST).float().numpy(),
            prediction_type="epsilon",
            timestep_spacing="trailing",
            **self.settings,
        )
        made.set_timesteps(steps)
        return made
