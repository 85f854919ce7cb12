"""Directions in the space of codes that a slider can go along: single dimensions, principal directions, named ones."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Axes:
    """K directions in a space of D dimensions.

    A code z stands at `duals @ (z - origin)`, (K,); to go by t along axis k is to add t * vectors[k]. An axis and its
    dual satisfy duals[k] @ vectors[k] = 1; different axes need not be orthogonal.
    """

    names: tuple[str, ...]
    vectors: np.ndarray  # (K, D)
    duals: np.ndarray  # (K, D)
    origin: np.ndarray  # (D,)
    low: np.ndarray  # (K,), the reach of real images
    high: np.ndarray  # (K,)
    details: tuple[str, ...]  # one short figure each, such as "1.32 nats"

    def __len__(self) -> int:
        return len(self.names)

    def places(self, z: np.ndarray) -> np.ndarray:
        """Where a code stands on each axis, (K,)."""
        return np.asarray(self.duals @ (z - self.origin), np.float32)

    def moved(self, z: np.ndarray, axis: int, place: float) -> np.ndarray:
        """The code that stands at `place` on this axis, reached along it."""
        now = float(self.duals[axis] @ (z - self.origin))
        return np.asarray(z + (place - now) * self.vectors[axis], np.float32)
