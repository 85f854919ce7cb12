"""What each slider would do, before it is touched: a few pictures along its axis."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genexplorer.core.model import Model

from .explore import decode
from .query import Query


@dataclass(frozen=True, eq=False)
class Strips(Query):
    """Pictures along K axes from one code, in parts so short that whoever moves a slider meanwhile waits for one."""

    z: np.ndarray  # (D,)
    vectors: np.ndarray  # (K, D)
    steps: np.ndarray  # (K, F), how far each picture is from z, in vectors
    axes: np.ndarray  # (K,), whose they are, for whoever asked

    PART_S = 0.016

    def answer(self, model: Model) -> Iterator[list[tuple[int, np.ndarray]]]:
        """Some of the axes, each with its pictures as uint8 (F, C, H, W)."""
        codes = self.z + self.steps[..., None] * self.vectors[:, None]  # (K, F, D)
        done, many = 0, 1
        while done < len(codes):
            part = codes[done : done + many]
            start = time.perf_counter()
            pictures = decode(model, part.reshape(-1, len(self.z))).reshape(
                *part.shape[:2], *self.checkpoint.spec.shape
            )
            each = (time.perf_counter() - start) / len(part)
            yield list(zip(self.axes[done : done + many].tolist(), pictures, strict=True))
            done, many = done + len(part), max(1, round(self.PART_S / each))
