"""Samples by their seeds: a sheet of them, what the discriminator says of each, and the training images nearest."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Conditional, Decodes, Discriminates, Draws
from genexplorer.core.data import Label, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model

from .explore import told_of
from .nearest import Neighbours, nearest
from .paths import slerp
from .query import Query
from .raw import raw_model
from .sampling import whole_codes

MOST = 16
"""Rows and columns of a sheet."""
_AT_ONCE = 64


@dataclass(frozen=True)
class Sheet:
    """Which codes: cell n, row by row, is drawn by the seed `first` + n; between two whole seeds lies their arc.

    The noise of a code is ψ z + a u + b v, with ψ `psi`, (a, b) `pull`, and u, v two random orthonormal directions of
    which `directions` is the seed; conditions stay as they are. `given` are values of the model's conditions, or none.
    Where `by` is the place of one of them, each of its classes has a column, and each row one seed.
    """

    first: float = 0.0
    rows: int = 8
    columns: int = 8
    psi: float = 1.0
    given: tuple[float, ...] = ()
    by: int = -1
    pull: tuple[float, float] = (0.0, 0.0)
    directions: int = 0

    @property
    def seeds(self) -> np.ndarray:
        """Of each cell, (rows · columns,)."""
        if self.by < 0:
            return self.first + np.arange(self.rows * self.columns)
        return np.repeat(self.first + np.arange(self.rows), self.columns)


@dataclass(frozen=True)
class DrawSeeds(Query):
    """Sown, and where `judged` asks for it Judged and at the end None. `raw`: draw with the raw weights too."""

    sheet: Sheet
    judged: bool = True
    raw: bool = False

    def answer(self, model: Model) -> Iterator["Sown | Judged | None"]:
        if not isinstance(model, Decodes):
            raise UserError("This model draws no images from codes; open one that does.")
        z = codes(model, self.sheet)
        beside, trouble = None, ""
        x = paint(model, z)
        if self.raw:
            try:
                raw = raw_model(self.checkpoint)
                assert isinstance(raw, Decodes)
                beside = paint(raw, z)
            except UserError as error:
                trouble = str(error)
        yield Sown(self.sheet, z.numpy(), x, beside, trouble)
        if self.judged:
            if isinstance(model, Discriminates):
                yield Judged(scores(model, self.sheet, x))
            yield None


@dataclass(frozen=True, eq=False)
class Sown:
    """Codes z, (N, D), with their conditions, and images x, uint8 (N, C, H, W); `raw` are those of the raw weights."""

    sheet: Sheet
    z: np.ndarray
    x: np.ndarray
    raw: np.ndarray | None = None
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Judged:
    """D's logit of each image, (N,)."""

    scores: np.ndarray


@dataclass(frozen=True, eq=False)
class NearestOf(Query):
    """The training images nearest to x, uint8 (N, C, H, W)."""

    cache: Path
    x: np.ndarray

    def answer(self, model: Model) -> Iterator[Progress | Neighbours]:
        found = yield from nearest(self.checkpoint, self.cache, self.x)
        yield found


def codes(model: Model, sheet: Sheet) -> Tensor:
    """(N, D), with conditions as the sliders hold them."""
    if sheet.by < 0:
        return _noised(_given(model, sheet.given), sheet, sheet.seeds)
    seeds = sheet.first + np.arange(sheet.rows)
    columns = [_noised(_given(model, values), sheet, seeds) for values in _values(model, sheet)]
    return torch.stack(columns, 1).flatten(0, 1)


def paint(model: Decodes, z: Tensor) -> np.ndarray:
    """uint8 (N, C, H, W)."""
    return torch.cat([to_uint8(model.decode(part)) for part in torch.split(z, _AT_ONCE)]).numpy()


def scores(model: Discriminates, sheet: Sheet, x: np.ndarray) -> np.ndarray:
    """D's logit of each of the sheet's images as they are shown, given what they were drawn for, (N,)."""
    images = torch.from_numpy(x)
    if sheet.by < 0:
        return _logits(_given(model, sheet.given), images)
    assert isinstance(model, Model)
    found = np.empty(len(x), np.float32)
    for column, values in enumerate(_values(model, sheet)):
        found[column :: sheet.columns] = _logits(_given(model, values), images[column :: sheet.columns])
    return found


def classes_of(label: Label) -> tuple[str, ...]:
    """What a column can be for; none of a number."""
    if label.kind == "binary":
        return f"not {label.name}", label.name
    return label.classes if label.kind == "class" else ()


def directions(dim: int, seed: int) -> Tensor:
    """Two random orthonormal directions, (2, dim); the second is 0 where there is but one number."""
    found = torch.zeros(2, dim)
    basis = torch.linalg.qr(torch.randn(dim, min(dim, 2), generator=torch.Generator().manual_seed(seed)))[0]
    found[: basis.shape[1]] = basis.T
    return found


def _values(model: Model, sheet: Sheet) -> list[tuple[float, ...]]:
    """What is given, in each column."""
    assert isinstance(model, Conditional)
    classes = range(len(classes_of(model.conditions[sheet.by])))
    return [(*sheet.given[: sheet.by], float(each), *sheet.given[sheet.by + 1 :]) for each in classes]


def _given(model: object, values: tuple[float, ...]) -> object:
    return model.given(torch.tensor(values)) if values and isinstance(model, Conditional) else model


def _noised(model: object, sheet: Sheet, seeds: np.ndarray) -> Tensor:
    """The codes of these seeds, (N, D)."""
    if not (isinstance(model, Draws) and isinstance(model, Model)):
        raise UserError("This model does not say where its codes lie; open one that draws them.")
    low = np.floor(seeds).astype(int)
    t = seeds - low
    drawn = {int(seed): _drawn(model, int(seed)) for seed in {*low, *(low + 1)[t > 0]}}
    a = torch.cat([drawn[int(seed)] for seed in low])
    b = torch.cat([drawn[int(seed) + int(along > 0)] for seed, along in zip(low, t, strict=True)])
    noise = model.latent_dim - told_of(model)
    z = torch.from_numpy(slerp(a[:, :noise].numpy(), b[:, :noise].numpy(), t)) if t.any() else a[:, :noise]
    z = sheet.psi * z + torch.tensor(sheet.pull) @ directions(noise, sheet.directions)
    told = torch.where(torch.from_numpy(t < 0.5)[:, None], a[:, noise:], b[:, noise:])
    return whole_codes(model, torch.cat([z, told], 1))


def _drawn(model: Draws, seed: int) -> Tensor:
    return model.draw(1, torch.Generator().manual_seed(seed))


def _logits(model: object, x: Tensor) -> np.ndarray:
    assert isinstance(model, Discriminates)
    return torch.cat([model.discriminate(to_float(part)) for part in torch.split(x, _AT_ONCE)]).numpy()
