"""A training's vital signs: numbers that cost next to nothing and from which its faults can be told."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from genexplorer.core.abilities import Decodes, Encodes, Infers, Samples
from genexplorer.core.data import Batch, Data, Split, to_float
from genexplorer.core.model import Model

_IMAGES = 128
_FEWEST = 16  # of which a share says something
_LEARNED = 1024  # training images that copies are looked for among
_SIDE = 16  # at which images are compared
_COPY = (
    1 / 2
)  # after Gu et al. 2023, "On Memorization in Diffusion Models": distance to the nearest over the next; theirs is 1/3
_ACTIVE = 0.01  # Burda et al. 2016, "Importance Weighted Autoencoders", section 5.1: variance of a dimension's mu
_EPS = 1e-8  # AdamW's: a gradient below it moves its weight by less than half a step
_SILENT = 1e-3  # what a SiLU lets through is never quite 0
_RECTIFIERS = {F.relu, torch.relu, torch.relu_, F.silu, F.gelu}


class Pulse:
    """How far the weights move in one step, and which of them hear nothing: taken around a step that is logged."""

    def __init__(self, weights: Iterable[Tensor]) -> None:
        self.weights = [weight for weight in weights if weight.requires_grad]
        self._before = [weight.detach().clone() for weight in self.weights]

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """update: ‖Δw‖ / ‖w‖ of all weights; starved: share of the layers whose gradient is below AdamW's eps."""
        heard = [(weight, weight.grad) for weight in self.weights if weight.grad is not None and weight.ndim > 1]
        moved, size = _norm(torch._foreach_sub(self.weights, self._before)), _norm(self._before)
        signs = {"update": float(moved / size.clamp(min=1e-12))}
        if heard:
            norms = torch.stack(torch._foreach_norm([grad for _, grad in heard])).tolist()
            deaf = sum(norm < _EPS * math.sqrt(weight.numel()) for norm, (weight, _) in zip(norms, heard, strict=True))
            signs["starved"] = deaf / len(heard)
        return signs


class Examination:
    """A fixed handful of training and of test images, shown to the averaged weights again and again."""

    def __init__(self, data: Data, seed: int, device: torch.device) -> None:
        self.seed, self.device = seed, device
        self.known, self.unseen = _handful(data.train), _handful(data.test)
        chosen = torch.randperm(len(data.train), generator=torch.Generator().manual_seed(seed))[:_LEARNED]
        self.learned = _small(to_float(data.train.images.take(chosen))).to(device)
        self.usual = 0.0  # share of copies among images never seen: a data set may hold some twice
        if self.unseen is not None:
            self.usual = self.copied(to_float(self.unseen.images.take(torch.arange(len(self.unseen))).to(device)))

    @torch.inference_mode()
    def measure(self, model: Model, step: int) -> dict[str, float]:
        """Signs by name, as far as the model and its data have them.

        held_in, held_out: the loss on training and on test images, each with the same noise every time.
        active: dimensions of the code whose mu differs from image to image, Var_x(mu) > 0.01 (Burda et al. 2016).
        spread: variance over images of what is redrawn, as a share of the images' own; 0 where all look alike.
        dead: the largest share of units in one rectified layer that no image and no place ever makes fire.
        signal: the largest root mean square of what a layer hands on; images themselves are within 1.
        variety: mean distance between two samples, as a share of that between two test images.
        unlike: energy distance of samples to test images, in shares of the latter's own mean distance (Székely & Rizzo
            2013, eq. 5); 0 where they are alike.
        copied: share of samples, or of redrawn test images, that are copies of a training image.
        """
        signs: dict[str, float] = {}
        with Firing() as firing:
            for name, split in (("held_in", self.known), ("held_out", self.unseen)):
                if split is not None and type(model).loss is not Model.loss:
                    signs[name] = float(model.loss(self._batch(split, step))["loss"])
        signs |= firing.signs()
        split = self.unseen or self.known
        if split is None:
            return signs
        x = to_float(split.images.take(torch.arange(len(split))).to(self.device))
        copies = []
        if isinstance(model, Encodes) and isinstance(model, Decodes):
            z = model.encode(x)
            if isinstance(model, Infers):
                signs["active"] = float((z.var(0) > _ACTIVE).sum())
            redrawn = model.decode(z)
            signs["spread"] = float(redrawn.var(0).sum() / x.var(0).sum().clamp(min=1e-12))
            copies += [redrawn] if len(x) >= _FEWEST else []
        if isinstance(model, Samples):
            made = model.sample(_IMAGES // 2, torch.Generator(self.device).manual_seed(self.seed))
            copies.append(made)
            signs |= beside(_small(made), _small(x)) if len(x) >= _FEWEST else {}
        if copies and self.unseen is not None and x.ndim == 4:
            signs["copied"] = max(0.0, max(map(self.copied, copies)) - self.usual)
        return signs

    def copied(self, x: Tensor) -> float:
        """Share of images (B, C, H, W) at least twice as near to one training image than to any other."""
        if len(self.learned) < 3:
            return 0.0
        nearest = torch.cdist(_small(x), self.learned).topk(2, largest=False).values
        return float((nearest[:, 0] < _COPY * nearest[:, 1]).float().mean())

    def _batch(self, split: Split, step: int) -> Batch:
        x = to_float(split.images.take(torch.arange(len(split))).to(self.device))
        rng = torch.Generator(self.device).manual_seed(self.seed)
        return Batch(x, split.labels[: len(split)].to(self.device), rng, step)


def beside(made: Tensor, real: Tensor) -> dict[str, float]:
    """variety and unlike of samples (N, D) beside test images (M, D)."""
    own, theirs, between = torch.pdist(real).mean(), torch.pdist(made).mean(), torch.cdist(made, real).mean()
    own = own.clamp(min=1e-12)
    return {"variety": float(theirs / own), "unlike": float((2 * between - own - theirs) / own)}


class Firing(TorchFunctionMode):
    """Listens to what rectifiers let through, whether a module calls them or a function."""

    def __init__(self) -> None:
        super().__init__()
        self._silent: list[Tensor] = []  # by layer and call: (units,) of bool
        self._sizes: list[Tensor] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **kwargs or {})
        if func in _RECTIFIERS and out.ndim > 1:
            over = [dim for dim in range(out.ndim) if dim != 1]
            self._silent.append(out.abs().amax(over) < (_SILENT if func in (F.silu, F.gelu) else 1e-30))
            self._sizes.append(out.float().square().mean().sqrt())
        return out

    def signs(self) -> dict[str, float]:
        """A layer is dead as far as it is dead for all that was shown to it."""
        if not self._silent:
            return {}
        return {
            "dead": max(float(units.float().mean()) for units in self._silent),
            "signal": float(torch.stack(self._sizes).max()),
        }


def _handful(split: Split) -> Split | None:
    count = min(_IMAGES, len(split))
    if not count:
        return None
    chosen = torch.arange(count)
    return Split(type(split.images)(split.images.take(chosen)), split.labels[:count].clone())


def _small(x: Tensor) -> Tensor:
    """Images (B, C, H, W) as rows of at most 16 × 16 pixels: nearness is then of forms, not of noise."""
    side = min(_SIDE, x.shape[-1])
    return F.adaptive_avg_pool2d(x.float(), side).flatten(1) if x.ndim == 4 else x.flatten(1)


def _norm(tensors: Iterable[Tensor]) -> Tensor:
    total: Tensor = torch.stack(torch._foreach_norm(list(tensors))).norm()
    return total
