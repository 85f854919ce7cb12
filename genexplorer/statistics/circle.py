"""Numbers that go around a circle, as hues do: their ends, far apart on a line, are neighbours there."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def on_plane(values: Matrix, period: float) -> Matrix:
    """Cosine and sine (N, 2) of values (N,) that go around once in a period."""
    angle = values * (2 * np.pi / period)
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def unrolled(values: Matrix, periods: Sequence[float]) -> tuple[Matrix, Matrix]:
    """Numbers (N, J) as columns (N, K) that no circle breaks: one each, or two where there is a period; and which are
    whose, (K, J) of 0 and 1, so that columns @ whose sums what belongs together."""
    columns = [on_plane(v, period) if period else v[:, None] for v, period in zip(values.T, periods, strict=True)]
    whose = np.repeat(np.eye(len(columns)), [part.shape[1] for part in columns], 0)
    return np.concatenate(columns, 1), whose
