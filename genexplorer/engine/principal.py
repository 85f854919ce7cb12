"""The directions along which the codes of real images spread most."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from genexplorer.core.abilities import Encodes
from genexplorer.core.model import Model

from .axes import Axes
from .query import Query, examples_of


@dataclass(frozen=True)
class Principal(Query):
    """Principal directions of the codes of the images that travel with the checkpoint; None where there are none."""

    def answer(self, model: Model) -> Iterator[Axes | None]:
        x = examples_of(self.checkpoint)
        if x is not None and len(x) > 2 and isinstance(model, Encodes):
            codes: Tensor = model.encode(x)
            yield principal_axes(codes.numpy())
        else:
            yield None


def principal_axes(codes: np.ndarray) -> Axes:
    """Of codes (N, D): eigenvectors of their covariance by falling variance, in units of standard deviations.

    Pearson 1901, by the singular values of the centred codes. Active are the first ones, that explain 99 % together.
    """
    mean = codes.mean(0)
    _, s, directions = np.linalg.svd(codes - mean, full_matrices=False)
    real = s > 1e-5 * s[0]
    s, directions = s[real], directions[real]
    signs = np.sign(directions[np.arange(len(s)), np.abs(directions).argmax(1)])  # the largest part is positive
    directions = directions * signs[:, None]
    std, share = s / np.sqrt(len(codes) - 1), s**2 / (s**2).sum()
    reach = np.full(len(s), 3.0, np.float32)
    return Axes(
        names=tuple(f"PC {k + 1}" for k in range(len(s))),
        vectors=np.asarray(directions * std[:, None], np.float32),
        duals=np.asarray(directions / std[:, None], np.float32),
        origin=np.asarray(mean, np.float32),
        low=-reach,
        high=reach,
        details=tuple(f"{part:.1%}".replace("%", " %") for part in share),
        weights=share,
        active=np.cumsum(share) - share < 0.99,
    )
