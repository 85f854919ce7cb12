"""What each slider would do, before it is touched: a few pictures along its axis."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genexplorer.core.model import Model

from .explore import decode
from .query import Query


@dataclass(frozen=True, eq=False)
class Strips(Query):
    """Pictures along K axes from one code, a part per axis, so that whoever waits for a slider waits for one strip."""

    z: np.ndarray  # (D,)
    vectors: np.ndarray  # (K, D)
    steps: np.ndarray  # (K, F), how far each picture is from z, in vectors
    axes: np.ndarray  # (K,), whose they are, for whoever asked

    def answer(self, model: Model) -> Iterator[tuple[int, np.ndarray]]:
        """The axis, and its pictures as uint8 (F, C, H, W)."""
        for k, (vector, steps) in enumerate(zip(self.vectors, self.steps, strict=True)):
            yield k, decode(model, self.z + steps[:, None] * vector)
