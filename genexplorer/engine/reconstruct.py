"""How well a model redraws test images: each of them, by class, and against PCA with as many numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.data import Label, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.statistics.pca import fit_pca

from .at_hand import TestImages, fetch, test_images
from .query import Query

_ROOM = 96 << 20  # bytes that the test images may take in memory, and as much again for each way to redraw them
_PIXELS = 1 << 19  # numbers that are redrawn at a time


@dataclass(frozen=True)
class Reconstruct(Query):
    """Redraw the test images: those at hand, or all of the data set, fetched first where `load` asks for it.

    Answers Progress, Redrawn and ByPCA, as they come.
    """

    cache: Path
    load: bool = False

    def answer(self, model: Model) -> Iterator["Progress | Redrawn | ByPCA"]:
        if not (isinstance(model, Encodes) and isinstance(model, Decodes)):
            raise UserError("This model cannot redraw images; open one that encodes and decodes.")
        if self.load:
            yield from fetch(self.checkpoint, self.cache)
        shown = test_images(self.checkpoint, self.cache)
        if shown is None or not len(shown):
            raise UserError("No test images lie beside this checkpoint; press “Load the data” to fetch them.")
        yield from _redraw(model, shown)
        if shown.train is not None and len(shown.train) > 1:
            yield from _redraw_by_pca(shown, model.latent_dim)


@dataclass(frozen=True)
class Enough(Query):
    """Nothing more: what was asked before is dropped."""

    def answer(self, model: Model) -> Iterator[None]:
        return iter(())


@dataclass(frozen=True, eq=False)
class Redrawn:
    """Images start … start + B of the `total` shown, from a set of `of`, in which their places are `index`, (B,).

    Originals x and reconstructions y are uint8 (B, C, H, W), codes z float32 (B, D). mse is (B,), on a scale where
    black is 0 and white 1. labels is float32 (B, L), or None where they are not known. `whole`: the data set is at
    hand; otherwise these are examples that travel with the checkpoint.
    """

    start: int
    total: int
    of: int
    index: np.ndarray
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    mse: np.ndarray
    labels: np.ndarray | None
    whole: bool


@dataclass(frozen=True, eq=False)
class ByPCA:
    """The same images by `components` principal components of `fitted` training images."""

    start: int
    y: np.ndarray
    mse: np.ndarray
    components: int
    fitted: int


class Gallery:
    """What has come of an answer so far, in arrays that are made once: as in Redrawn and ByPCA, with N images."""

    def __init__(self, first: Redrawn) -> None:
        self.total, self.of, self.whole = first.total, first.of, first.whole
        self._names = [name for name in ("x", "y", "z", "mse", "index", "labels") if getattr(first, name) is not None]
        self._arrays = {name: self._room(getattr(first, name)) for name in self._names}
        self._done = self._done_by_pca = 0
        self.pca: ByPCA | None = None

    def add(self, part: Redrawn | ByPCA) -> None:
        if isinstance(part, ByPCA):
            self.pca = part
            for name, values in (("pca_y", part.y), ("pca_mse", part.mse)):
                self._arrays.setdefault(name, self._room(values))[part.start : part.start + len(values)] = values
            self._done_by_pca = part.start + len(part.y)
        else:
            for name in self._names:
                self._arrays[name][part.start : part.start + len(part.x)] = getattr(part, name)
            self._done = part.start + len(part.x)

    def __len__(self) -> int:
        return self._done

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name][: self._done]

    @property
    def labelled(self) -> bool:
        return "labels" in self._arrays

    @property
    def by_pca(self) -> bool:
        """Whether PCA has redrawn them all."""
        return self._done_by_pca == self.total

    def _room(self, part: np.ndarray) -> np.ndarray:
        return np.empty((self.total, *part.shape[1:]), part.dtype)


def mean_square(difference: Tensor) -> Tensor:
    """Per image, (B,): of numbers in [-1, 1], on a scale of 0 to 1."""
    return difference.div(2).square().flatten(1).mean(1)


def psnr(mse: float) -> float:
    """10 log₁₀(1 / mse) in dB: the peak is 1."""
    return float(-10 * np.log10(max(mse, 1e-12)))


@dataclass(frozen=True, eq=False)
class ClassError:
    """Mean of the errors of one class and its standard error; `pca` is None where PCA is not known."""

    index: int
    name: str
    count: int
    mse: float
    error: float
    pca: float | None


def by_class(label: Label, column: np.ndarray, mse: np.ndarray, pca: np.ndarray | None) -> list[ClassError]:
    """For a class or binary label whose column is (N,): the classes that occur, worst first."""
    names = label.classes if label.kind == "class" else (f"not {label.name}", label.name)
    values = column.round().astype(int)
    found = []
    for index in np.unique(values):
        mine = mse[values == index]
        name = names[index] if 0 <= index < len(names) else str(index)
        spread = float(mine.std(ddof=1) / np.sqrt(len(mine))) if len(mine) > 1 else 0.0
        linear = None if pca is None else float(pca[values == index].mean())
        found.append(ClassError(int(index), name.replace("_", " "), len(mine), float(mine.mean()), spread, linear))
    return sorted(found, key=lambda each: -each.mse)


def in_order(gallery: Gallery, key: str, column: np.ndarray | None, only: int | None = None) -> np.ndarray:
    """Indices of the images: "worst", "best", "class", "pca" (where the model loses most to it) or "set" first.

    `column` are classes, (N,); `only` leaves one of them. What cannot be had comes worst first.
    """
    mse = gallery["mse"]
    match key:
        case "best":
            order = np.argsort(mse, kind="stable")
        case "class" if column is not None:
            order = np.lexsort((-mse, column))
        case "pca" if gallery.by_pca:
            order = np.argsort(gallery["pca_mse"] - mse, kind="stable")
        case "set":
            order = np.arange(len(mse))
        case _:
            order = np.argsort(-mse, kind="stable")
    return order if column is None or only is None else order[column[order].round() == only]


def amplified(x: np.ndarray, y: np.ndarray, gain: float) -> np.ndarray:
    """y − x around middle grey, uint8: 127.5 + gain (y − x) / 2. At gain 1 nothing is clipped."""
    shifted = 127.5 + 0.5 * gain * (y.astype(np.float32) - x.astype(np.float32))
    clipped: np.ndarray = np.rint(shifted).clip(0, 255).astype(np.uint8)
    return clipped


def _redraw(model: Model, shown: TestImages) -> Iterator[Redrawn]:
    assert isinstance(model, Encodes) and isinstance(model, Decodes)
    start = 0
    for places in _chunks(shown):
        images = shown.images.take(places)
        x = to_float(images)
        z = model.encode(x)
        y = model.decode(z)
        labels = None if shown.labels is None else shown.labels[places].numpy()
        yield Redrawn(
            *(start, _count(shown), len(shown), places.numpy(), images.numpy(), to_uint8(y).numpy(), z.float().numpy()),
            *(mean_square(y - x).numpy(), labels, shown.train is not None),
        )
        start += len(places)


def _redraw_by_pca(shown: TestImages, components: int) -> Iterator[Progress | ByPCA]:
    assert shown.train is not None
    pca, start = (yield from fit_pca(shown.train, components)), 0
    for places in _chunks(shown):
        x = to_float(shown.images.take(places))
        y = pca.redraw(x)
        mse = mean_square(y - x).numpy()
        yield ByPCA(start, to_uint8(y).numpy(), mse, len(pca.components), pca.fitted)
        start += len(places)


def _count(shown: TestImages) -> int:
    return min(len(shown), max(1, _ROOM // int(np.prod(shown.images.shape[1:]))))


def _chunks(shown: TestImages) -> list[Tensor]:
    """Places of the images, a few at a time; of a large set as many as fit in memory, from all over it."""
    count = _count(shown)
    places = torch.arange(count) * len(shown) // count
    at_a_time = max(8, min(256, _PIXELS // int(np.prod(shown.images.shape[1:]))))
    return list(torch.split(places, at_a_time))
