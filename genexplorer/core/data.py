"""Examples and their labels, as they lie in memory and as a model sees them."""

import mmap
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from .events import Progress
from .recipe import Recipe
from .registry import Registry


@dataclass(frozen=True)
class Label:
    """One column of labels: a class index, a yes/no (0 or 1), or a number in [low, high].

    `sign_of` names another label that this one goes with by its nature, as grey hair with age: no leakage between them.
    A number with a `period` goes around a circle, as a hue does: after so much of it all is as before. Its `classes`,
    if any, are what it is called a quarter of the circle apart.
    """

    name: str
    kind: Literal["class", "binary", "number"]
    classes: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    sign_of: str = ""
    period: float = 0.0


@dataclass(frozen=True)
class DataSpec:
    """The form of one example, (C, H, W) for images, and what its label columns mean."""

    shape: tuple[int, ...]
    labels: tuple[Label, ...] = ()

    @property
    def is_image(self) -> bool:
        """Else an example is a point, (D,)."""
        return len(self.shape) == 3

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def size(self) -> int:
        return self.shape[-1]


class Images:
    """N examples, images as uint8 (N, C, H, W) and points as float32 (N, D): a tensor in memory, or, of images, a file
    mapped into it.

    Of a mapped file only what was read lately stands in memory: a set of any size fits.
    """

    _KEEP = 64 << 20  # bytes read from a mapped file before its pages are let go

    def __init__(self, x: Tensor) -> None:
        self.shape = tuple(x.shape)
        self._x = x
        self._map: mmap.mmap | None = None
        self._read = 0

    @classmethod
    def mapped(cls, path: Path, shape: tuple[int, ...]) -> "Images":
        """Map a raw file of uint8 with this shape."""
        array = np.memmap(path, np.uint8, "c", shape=shape)  # "c": torch wants it writable; nothing is written
        images = cls(torch.from_numpy(array))
        images._map = array._mmap  # type: ignore[attr-defined]
        if hasattr(mmap, "MADV_RANDOM"):
            array._mmap.madvise(mmap.MADV_RANDOM)  # type: ignore[attr-defined]
        return images

    def __len__(self) -> int:
        return int(self.shape[0])

    def take(self, indices: Tensor) -> Tensor:
        """A copy of these examples, (B, C, H, W) or (B, D)."""
        batch = self._x[indices]
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._read += batch.nbytes
            if self._read > self._KEEP:
                self._map.madvise(mmap.MADV_DONTNEED)
                self._read = 0
        return batch


@dataclass(frozen=True)
class Split:
    """Examples with one row of labels each: labels is float32 (N, L)."""

    images: Images
    labels: Tensor

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Data:
    """What a data set gives: its form, a part to learn from, a part to judge by, and what was left out."""

    spec: DataSpec
    train: Split
    test: Split
    notes: tuple[str, ...] = field(default=())


@dataclass  # not frozen: Fabric converts the tensors inside to its precision
class Batch:
    """What a training step sees. x is float in [-1, 1], (B, C, H, W), or about that, (B, D); labels (B, L).

    `total` is how many examples the batch was drawn from. All randomness of the step comes from `rng`. On several
    processes each holds rows rank::world of one global batch, and draws noise for the whole of it, so that the number
    of processes changes nothing.
    """

    x: Tensor
    labels: Tensor
    rng: torch.Generator
    step: int
    rank: int = 0
    world: int = 1
    total: int = 0

    def randn(self, *shape: int) -> Tensor:
        """Standard normal noise for this batch, (B, *shape)."""
        noise = torch.randn(len(self.x) * self.world, *shape, generator=self.rng, device=self.rng.device)
        return noise[self.rank :: self.world]

    def rand(self, *shape: int) -> Tensor:
        """Uniform noise in [0, 1) for this batch, (B, *shape)."""
        noise = torch.rand(len(self.x) * self.world, *shape, generator=self.rng, device=self.rng.device)
        return noise[self.rank :: self.world]

    def whole(self, rows: Tensor) -> Tensor:
        """Of all processes, (B * world, …), what each has for its own rows, (B, …): for losses that are no mean over
        images. Gradients pass."""
        if self.world == 1:
            return rows
        gathered: Tensor = _Whole.apply(rows, self.rank, self.world)
        return gathered


class _Whole(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, rank: int, world: int) -> Tensor:
        ctx.rank, ctx.world = rank, world
        parts = [torch.empty_like(rows, memory_format=torch.contiguous_format) for _ in range(world)]
        torch.distributed.all_gather(parts, rows.contiguous())
        return torch.stack(parts, 1).flatten(0, 1)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> tuple[Tensor, None, None]:
        """Each process has the same loss of the whole and passes on its rows' part of the gradient; the mean over the
        processes, which training takes, would divide the sum of these parts."""
        return grad[0][ctx.rank :: ctx.world] * ctx.world, None, None


def to_float(x: Tensor) -> Tensor:
    """uint8 0…255 to float in [-1, 1]; points, which are floats already, stay what they are."""
    return x if x.is_floating_point() else x.float().div_(127.5).sub_(1.0)


def to_uint8(x: Tensor) -> Tensor:
    """Float in [-1, 1] to uint8 0…255, rounded, clipped."""
    return x.detach().float().add(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


class DatasetRecipe(Recipe):
    """Settings of a data set, and the way to load it. One that knows its `density` is `KnowsDensity` too."""

    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    pictured: ClassVar[str] = ""  # what a preview is a picture of, where it does not show the examples themselves

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        """Make the data ready, telling how far it is, and return it. Files that are kept go below `cache`."""
        raise NotImplementedError

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        """A few examples at once, uint8 (≤ num, C, H, W), without loading all; UserError: there are none to be had.

        None where they have to be fetched or made first. What was fetched before lies below `cache`.
        """
        return torch.zeros(0, 3, 8, 8, dtype=torch.uint8)

    def for_judging(self) -> "DatasetRecipe":
        """The same kind of pictures to train a judge of their labels on: where it can be had, with labels none of which
        tells of another, or it would see the one where it is shown the other."""
        return self


@runtime_checkable
class KnowsDensity(Protocol):
    def density(self, points: Tensor) -> Tensor:
        """p(x) that examples are drawn from, at points (N, D): (N,)."""


DATASETS: Registry[DatasetRecipe] = Registry("data set")
