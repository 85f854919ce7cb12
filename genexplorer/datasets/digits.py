"""Handwritten digits of 8×8 pixels: nothing to download, trained on within a minute."""

from collections.abc import Generator
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split
from ..core.events import Progress

_TRAIN = 1500


def _digits() -> tuple[Tensor, Tensor]:
    """Images, uint8 (1797, 1, 8, 8), and digits, float32 (1797, 1)."""
    from sklearn.datasets import load_digits  # half a second that only this data set should cost

    bunch = load_digits()
    ink = torch.from_numpy(bunch.images)  # 0…16
    images = ink.mul(255 / 16).round_().to(torch.uint8).unsqueeze(1)
    return images, torch.from_numpy(bunch.target).float().unsqueeze(1)


@DATASETS.register("digits")
class Digits(DatasetRecipe):
    """1,797 digits written by 43 people: the first 1,500 to learn from, the last 297 to judge by."""

    title: ClassVar[str] = "Handwritten digits"
    about: ClassVar[str] = "1,797 digits of 8×8 pixels from scikit-learn. Trains in a minute on any laptop."

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        yield Progress("Reading digits", 0, 1)
        images, labels = _digits()
        spec = DataSpec((1, 8, 8), (Label("digit", "class", tuple("0123456789")),))
        yield Progress("Reading digits", 1, 1)
        return Data(
            spec,
            Split(Images(images[:_TRAIN].clone()), labels[:_TRAIN].clone()),
            Split(Images(images[_TRAIN:].clone()), labels[_TRAIN:].clone()),
        )

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        return _digits()[0][: min(num, _TRAIN)].clone()
