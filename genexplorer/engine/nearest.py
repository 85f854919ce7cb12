"""The training images that drawn ones are nearest to: is a sample new, or learnt by heart."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Images, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress

from .at_hand import TestImages, test_images
from .plausibility import closest

_YARDSTICK = 32  # real images that tell how near is near


@dataclass(frozen=True, eq=False)
class Neighbours:
    """x, uint8 (N, C, H, W), of `compared` images; `distance` (N,) is the root mean square over pixels of 0 to 1.

    `real` is the mean distance of images that the model never saw. `training`: they are the training images; otherwise
    the examples that travel with the checkpoint.
    """

    x: np.ndarray
    distance: np.ndarray
    real: float
    compared: int
    training: bool


def nearest(checkpoint: Checkpoint, cache: Path, x: np.ndarray) -> Generator[Progress, None, Neighbours]:
    """Of each of x, uint8 (N, C, H, W)."""
    shown = test_images(checkpoint, cache)
    if shown is None or len(shown) < 2:
        raise UserError("Neither training images nor examples of this model are at hand to find the nearest among.")
    images = shown.train or shown.images
    index, distance = yield from _closest(images, x, None)
    real = yield from _real_distance(checkpoint, shown)
    pictures = images.take(torch.from_numpy(index)).numpy()
    return Neighbours(pictures, distance, real, len(images), shown.train is not None)


_yardsticks: dict[object, float] = {}


def _real_distance(checkpoint: Checkpoint, shown: TestImages) -> Generator[Progress, None, float]:
    """Of unseen images to training images; of examples to other examples, where there is no more."""
    images = shown.train or shown.images
    key = (checkpoint.dataset, checkpoint.spec.shape, len(images))
    if key not in _yardsticks:
        num = min(_YARDSTICK, len(shown))
        own = None if shown.train is not None else torch.arange(num)
        _, distance = yield from _closest(images, shown.images.take(torch.arange(num)).numpy(), own)
        _yardsticks[key] = float(distance.mean())
    return _yardsticks[key]


def _closest(
    images: Images, x: np.ndarray, own: torch.Tensor | None
) -> Generator[Progress, None, tuple[np.ndarray, np.ndarray]]:
    work, done = closest(images, to_float(torch.from_numpy(x)), own), 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            index, distance = end.value
            return index.numpy(), distance.numpy()
        done += 1
        yield Progress("Looking for the nearest training images", done, 0)
