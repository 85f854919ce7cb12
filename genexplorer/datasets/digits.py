"""Handwritten digits of 8×8 pixels: nothing to download, trained on within a minute."""

import importlib.util
from collections.abc import Generator
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split
from ..core.events import Progress

_TRAIN = 1500


def _digits() -> tuple[Tensor, Tensor]:
    """Images, uint8 (1797, 1, 8, 8), and digits, float32 (1797, 1)."""
    table = torch.from_numpy(_table())
    ink = table[:, :64].reshape(-1, 1, 8, 8)  # 0…16
    return ink.mul(255 / 16).round_().to(torch.uint8), table[:, 64:].float()


def _table() -> np.ndarray:
    """A row of 64 pixels and the digit each. To import scikit-learn takes a second and makes the window stutter, so
    its file is read without it, where it lies where it always did."""
    found = importlib.util.find_spec("sklearn")
    places = found.submodule_search_locations if found else None
    file = Path(next(iter(places or ["."]))) / "datasets" / "data" / "digits.csv.gz"
    if file.exists():
        return np.loadtxt(file, delimiter=",")
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return np.concatenate([bunch.data, bunch.target[:, None]], 1)


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
