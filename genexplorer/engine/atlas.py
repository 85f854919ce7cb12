"""A map of the space of codes: where many images lie, what each costs, and which code stands at a place."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from genexplorer.core.abilities import Decodes, Encodes, Scores
from genexplorer.core.data import Images, Label, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model

from .at_hand import at_hand, fetch, test_images
from .explore import decode
from .query import Query

_CHUNK = 128
_CELLS = 16  # images of the ground that are decoded before it is looked whether something newer is wanted


@dataclass(frozen=True, eq=False)
class Pictures:
    """The images of a map, by their place in it: image n is row rows[n] of the data set."""

    images: Images
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: np.ndarray) -> np.ndarray:
        """uint8 (B, C, H, W)."""
        return self.images.take(torch.from_numpy(self.rows[places])).numpy()


@dataclass(frozen=True, eq=False)
class Opened:
    """The first part of an atlas: its images, their labels (N, L) as `columns` tell, before one code is known.

    `whole` is False where these are but the examples that travel with the checkpoint.
    """

    pictures: Pictures
    labels: np.ndarray
    columns: tuple[Label, ...]
    whole: bool
    loss: str  # what `Losses` will hold, with its unit


@dataclass(frozen=True, eq=False)
class Codes:
    """mu (n, D) of the images from `start` on."""

    start: int
    mu: np.ndarray


@dataclass(frozen=True, eq=False)
class Losses:
    """The loss (n,) of the images from `start` on."""

    start: int
    loss: np.ndarray


@dataclass(frozen=True)
class Atlas(Query):
    """`Opened`, then the codes of up to `num` images of the training set in random order, then their losses.

    The loss is -ELBO in nats, one draw per image (Kingma & Welling 2014, eq. 3), where the model scores; else the mean
    squared error of its reconstruction, greys from 0 to 1. Images that are not at hand are loaded only with `load`,
    told by `Progress`; the examples beside the checkpoint stand for them otherwise.
    """

    cache: Path
    num: int = 60_000
    load: bool = False

    def answer(self, model: Model) -> Iterator[Progress | Opened | Codes | Losses]:
        if not isinstance(model, Encodes):
            raise UserError("This model cannot find the code of an image, so there is no map of it.")
        if self.load:
            yield from fetch(self.checkpoint, self.cache)
        opened = self._open(model)
        yield opened
        pictures = opened.pictures
        for start, x in _batches(pictures):
            yield Codes(start, model.encode(x).numpy())
        rng = torch.Generator().manual_seed(0)
        for start, x in _batches(pictures):
            if isinstance(model, Scores):
                loss = -model.elbo(x, rng)["elbo"]
            elif isinstance(model, Decodes):
                loss = (model.decode(model.encode(x)) - x).div(2).square().flatten(1).mean(1)
            else:
                return
            yield Losses(start, loss.float().numpy())

    def _open(self, model: Model) -> Opened:
        said = "−ELBO, nats" if isinstance(model, Scores) else "Reconstruction error"
        data = at_hand(self.checkpoint, self.cache)
        if data is not None:
            rows = np.random.default_rng(0).permutation(len(data.train))[: self.num]
            labels = data.train.labels.numpy()[rows]
            return Opened(Pictures(data.train.images, rows), labels, data.spec.labels, True, said)
        examples = test_images(self.checkpoint, self.cache)
        if examples is None or not len(examples):
            raise UserError("No images are beside this checkpoint; load its data set to see its map.")
        columns = self.checkpoint.spec.labels if examples.labels is not None else ()
        labels = examples.labels.numpy() if examples.labels is not None else np.zeros((len(examples), 0), np.float32)
        return Opened(Pictures(examples.images, np.arange(len(examples))), labels, columns, False, said)


@dataclass(frozen=True, eq=False)
class Plane:
    """An affine plane in the space of codes: y = (z - origin) axesᵀ, (2,), and back z = origin + y axes.

    The rows of `axes`, (2, D), are orthonormal; the second is 0 where D is 1.
    """

    origin: np.ndarray
    axes: np.ndarray
    names: tuple[str, str]

    def places(self, z: np.ndarray) -> np.ndarray:
        """Codes (N, D) to (N, 2)."""
        return np.asarray((z - self.origin) @ self.axes.T, np.float32)

    def codes(self, y: np.ndarray) -> np.ndarray:
        """Places (N, 2) to (N, D)."""
        return np.asarray(self.origin + y @ self.axes, np.float32)


def principal_plane(codes: np.ndarray) -> Plane:
    """The plane through the mean of codes (N, D) that keeps most of their variance (Pearson 1901)."""
    from sklearn.decomposition import PCA  # slow to import

    num = min(2, *codes.shape)
    pca = PCA(num, svd_solver="covariance_eigh").fit(codes)
    axes = np.zeros((2, codes.shape[1]), np.float32)
    axes[:num] = pca.components_
    shares = [*pca.explained_variance_ratio_, 0.0]
    return Plane(pca.mean_, axes, (f"PC 1 ({shares[0]:.0%} of the variance)", f"PC 2 ({shares[1]:.0%})"))


def coordinate_plane(codes: np.ndarray, first: int, second: int) -> Plane:
    """Two dimensions as they are, all others at their mean over codes (N, D)."""
    origin = codes.mean(0)
    axes = np.zeros((2, len(origin)), np.float32)
    for row, dim in enumerate((first, second)):
        if row == 0 or dim != first:
            origin[dim], axes[row, dim] = 0, 1
    return Plane(origin, axes, (f"z{first}", f"z{second}"))


def widest(codes: np.ndarray) -> tuple[int, int]:
    """The two dimensions whose mu differs most between images: Burda et al. 2016 call Var(mu) their activity."""
    order = np.argsort(-codes.var(0), kind="stable")
    return int(order[0]), int(order[min(1, len(order) - 1)])


@dataclass(frozen=True)
class Lay(Query):
    """A plane through codes (N, D), and where on it they lie: the answer is a `Layout`."""

    codes: np.ndarray
    kind: Literal["pca", "dims"]
    dims: tuple[int, int] | None = None  # None: the widest two

    def answer(self, model: Model) -> Iterator["Layout"]:
        if self.kind == "pca":
            plane, dims = principal_plane(self.codes), None
        else:
            dims = self.dims or widest(self.codes)
            plane = coordinate_plane(self.codes, *dims)
        yield Layout(plane, plane.places(self.codes), dims)


@dataclass(frozen=True, eq=False)
class Layout:
    """Where codes lie: xy is float32 (N, 2)."""

    plane: Plane
    xy: np.ndarray
    dims: tuple[int, int] | None


@dataclass(frozen=True)
class Ground(Query):
    """Draw codes (N, D) in parts: each is (start, uint8 (n, C, H, W)). `cells` (N, 2) are their places in a lattice."""

    codes: np.ndarray
    cells: np.ndarray

    def answer(self, model: Model) -> Iterator[tuple[int, np.ndarray]]:
        for start in range(0, len(self.codes), _CELLS):
            yield start, decode(model, self.codes[start : start + _CELLS])


@dataclass(frozen=True)
class Frames(Query):
    """Draw the codes (N, D) of a path: uint8 (N, C, H, W)."""

    codes: np.ndarray

    def answer(self, model: Model) -> Iterator[np.ndarray]:
        yield decode(model, self.codes)


@dataclass(frozen=True)
class Thumbnail(Query):
    """One image of the map, uint8 (1, C, H, W)."""

    pictures: Pictures
    place: int

    def answer(self, model: Model) -> Iterator[np.ndarray]:
        yield self.pictures.take(np.array([self.place]))


@dataclass(frozen=True)
class Chosen(Query):
    """Some images of the map, uint8 (N, C, H, W)."""

    pictures: Pictures
    places: np.ndarray

    def answer(self, model: Model) -> Iterator[np.ndarray]:
        yield self.pictures.take(self.places)


def along(corners: np.ndarray, num: int) -> np.ndarray:
    """`num` points on the line through corners (K, D), evenly spaced by its length, both ends among them."""
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(lengths)])
    wanted = np.linspace(0, at[-1], num)
    return np.stack([np.interp(wanted, at, column) for column in corners.T], 1).astype(np.float32)


def _batches(pictures: Pictures) -> Iterator[tuple[int, torch.Tensor]]:
    for start in range(0, len(pictures), _CHUNK):
        yield start, to_float(torch.from_numpy(pictures.take(np.arange(start, min(start + _CHUNK, len(pictures))))))
