"""The numbers behind one curve, smoothed as they arrive."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Series:
    """One metric of one run. Appending costs what is appended, however much is there already."""

    def __init__(self, smoothing: float) -> None:
        self._table = np.empty((3, 256))  # step, value, smoothed value
        self._count = 0
        self._average = self._weight = 0.0
        self._smoothing = smoothing

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> Floats:
        return self._table[0, : self._count]

    @property
    def y(self) -> Floats:
        return self._table[1, : self._count]

    @property
    def smooth(self) -> Floats:
        return self._table[2, : self._count]

    def extend(self, x: Sequence[float], y: Sequence[float]) -> None:
        before, after = self._count, self._count + len(x)
        if after > self._table.shape[1]:
            grown = np.empty((3, max(after, 2 * self._table.shape[1])))
            grown[:, :before] = self._table[:, :before]
            self._table = grown
        self._table[0, before:after], self._table[1, before:after] = x, y
        self._count = after
        self._average_from(before)

    def resmooth(self, smoothing: float) -> None:
        self._smoothing, self._average, self._weight = smoothing, 0.0, 0.0
        self._average_from(0)

    def _average_from(self, start: int) -> None:
        """An exponential mean without the pull towards zero at its start, as TensorBoard draws it.

        What is not finite is shown as it is and left out of the mean.
        """
        average, weight, keep = self._average, self._weight, self._smoothing
        made = []
        for value in self.y[start:].tolist():
            if math.isfinite(value):
                average = keep * average + (1 - keep) * value
                weight = keep * weight + (1 - keep)
                made.append(average / weight)
            else:
                made.append(value)
        self._table[2, start : self._count] = made
        self._average, self._weight = average, weight
