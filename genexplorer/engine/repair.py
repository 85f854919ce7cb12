"""Images of which something was taken, made whole by a diffusion model that never learnt to: completion, sharpening."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.data import Images, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.core.precision import quick
from genexplorer.networks.completion import Consistent, repaint, travelled
from genexplorer.networks.degradations import Blurred, Coarse, Degradation, Grey, Hidden
from genexplorer.networks.guidance import Remembered
from genexplorer.networks.samplers import SAMPLERS, evenly, strides
from genexplorer.statistics.likeness import psnr, ssim

from .at_hand import at_hand
from .denoise import Frame, Way, frames, steer
from .features import feature_net, features_of, shipped_net
from .query import Query

Task = Literal["paint", "coarse", "grey", "blur"]
TASKS: tuple[Task, ...] = get_args(Task)
_JUMP = 2  # strides that RePaint goes back


@dataclass(frozen=True)
class Damage:
    """What is taken: what a mask hides, detail below `factor` pixels, colour, or all but a blur of `sigma` px."""

    task: Task = "paint"
    factor: int = 4
    sigma: float = 1.5


@dataclass(frozen=True, eq=False)
class Repair(Query):
    """Take something from x, uint8 (C, H, W), and have it made whole `num` times: Damaged, frames, and Repaired.

    `hidden`, bool (H, W), is where a painted-over image is not known. `turns` is how often RePaint goes over each part
    of the way again; 1 for the quicker way, in which what is known is put into every x̂0.
    """

    x: np.ndarray
    damage: Damage
    way: Way
    hidden: np.ndarray | None = None
    num: int = 4
    seed: int = 0
    turns: int = 1

    def answer(self, model: Model) -> Iterator["Damaged | Frame | Repaired"]:
        true = to_float(torch.from_numpy(self.x))[None]
        taken = self.degradation(true)
        y = taken.take(true)
        left = y if y.shape == true.shape else taken.put_back(y)  # a blur is seen as it is, not undone as far as can be
        yield Damaged(to_uint8(left)[0].numpy(), *_likeness(left, true))
        steered = steer(model, self.way)
        rng = torch.Generator().manual_seed(self.seed)
        xt = torch.cat([_noise(true, self.seed + n) for n in range(self.num)])
        denoise, noise, last = Remembered(steered), steered.schedule, None
        if isinstance(taken, Hidden) and self.turns > 1:
            times = travelled(evenly(self.way.steps, noise), _JUMP, self.turns)
            known = true.expand(self.num, -1, -1, -1)
            moments = repaint(denoise, known, taken.kept.bool(), xt, times, noise, rng)
        else:
            way = SAMPLERS[self.way.sampler]
            times = way.times(self.way.steps, noise)
            moments = way.run(Consistent(denoise, taken, y), xt, times, noise, rng)
        with quick():
            for last in frames(moments, noise, sum(s < t for t, s in strides(times))):
                yield last
        assert last is not None
        made = to_float(torch.from_numpy(last.x0))
        yield Repaired(last.x0, *(part.numpy() for part in (psnr(made, true), ssim(made, true))))

    def degradation(self, x: Tensor) -> Degradation:
        """What takes, for such an image; UserError where it cannot be taken."""
        size, channels = x.shape[-1], x.shape[1]
        match self.damage.task:
            case "paint":
                hidden = np.zeros((size, size), bool) if self.hidden is None else self.hidden
                return Hidden(torch.from_numpy(~hidden))
            case "coarse":
                if size % self.damage.factor:
                    raise UserError(f"An image of {size} px cannot be cut into squares of {self.damage.factor} px.")
                return Coarse(self.damage.factor)
            case "grey":
                if channels == 1:
                    raise UserError("These images have no colour to take away; choose another damage.")
                return Grey(channels)
            case "blur":
                return Blurred(size, self.damage.sigma)


@dataclass(frozen=True, eq=False)
class Damaged:
    """What is left of the image, uint8 (C, H, W), and how like the true one that is: PSNR in decibels, and SSIM."""

    x: np.ndarray
    psnr: float
    ssim: float


@dataclass(frozen=True, eq=False)
class Repaired:
    """Images, uint8 (N, C, H, W), and how like the true one each is, (N,): PSNR in decibels, and SSIM."""

    x: np.ndarray
    psnr: np.ndarray
    ssim: np.ndarray


@dataclass(frozen=True, eq=False)
class Compare(Query):
    """The perceptual distance of images x, uint8 (N, C, H, W), to the true one, (C, H, W): (N,).

    ‖φ(x) - φ(true)‖ with the features φ by which samples are judged too: those that ship for the data set, or are
    learnt from it. No answer where they do not ship, and the data set is not at hand.
    """

    cache: Path
    x: np.ndarray
    true: np.ndarray

    def answer(self, model: Model) -> Iterator[Progress | np.ndarray]:
        recipe = self.checkpoint.dataset
        net = shipped_net(recipe, self.checkpoint.spec.shape)
        if net is None:
            data = at_hand(self.checkpoint, self.cache)
            if data is None:
                return
            net = yield from feature_net(recipe, data, self.cache)
        images = Images(torch.from_numpy(np.concatenate([self.true[None], self.x])))
        features = yield from features_of(net, images, "Features")
        yield (features[1:] - features[:1]).norm(dim=1).numpy()


def _likeness(x: Tensor, true: Tensor) -> tuple[float, float]:
    return float(psnr(x, true)), float(ssim(x, true))


def _noise(like: Tensor, seed: int) -> Tensor:
    return torch.randn(like.shape, generator=torch.Generator().manual_seed(seed))
