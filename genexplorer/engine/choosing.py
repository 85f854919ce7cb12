"""Which of several directions for an attribute is the best, by what each was measured to do."""

import numpy as np

from .measuring import Measured, leakage

_PIXELS = 1.0  # standard deviations of leakage that a change of all pixels by theirs is as bad as
_FAR, _ROOM = 0.2, 2.0  # and each standard deviation of the codes that one unit goes beyond so many: pictures tear


class Best:
    """Of each attribute the direction of the highest score among those that were offered."""

    def __init__(self, family: np.ndarray, cov: np.ndarray) -> None:
        self._family, self._cov = family, cov
        self._score = np.full(len(family), -1.0)
        self._measured: Measured | None = None
        self.vectors = np.zeros((len(family), 0), np.float32)
        self.methods: tuple[str, ...] = ("",) * len(family)

    def offer(self, vectors: np.ndarray, measured: Measured, method: str) -> None:
        """First made so long that one unit moves an attribute by its standard deviation, where it moves it at all."""
        longer = 1 / np.clip(np.diag(measured.effect), 0.2, None)
        vectors, measured = vectors * longer[:, None], measured.scaled(longer)
        score = scores(measured, self._family, lengths(vectors, self._cov))
        taken = score > self._score
        if self._measured is None:
            self.vectors, self._measured = vectors, measured
        self.vectors = np.where(taken[:, None], vectors, self.vectors)
        self.methods = tuple(method if new else old for new, old in zip(taken, self.methods, strict=True))
        self._measured, self._score = self._measured.where(taken, measured), np.where(taken, score, self._score)


def lengths(vectors: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """sqrt(vᵀ Σ⁻¹ v) of directions (J, D): how many standard deviations of the codes one unit goes (Mahalanobis)."""
    precision = np.linalg.inv(cov + 1e-4 * np.eye(len(cov)))
    return np.asarray(np.sqrt(np.maximum(np.einsum("jd,de,je->j", vectors, precision, vectors), 0.0)))


def scores(measured: Measured, family: np.ndarray, far: np.ndarray) -> np.ndarray:
    """Own effect by the largest leakage, by what is changed of the pixels and by how far the code goes, (J,).

    Of two directions that a judge sees do the same, the one is better that leaves more of the picture alone and stays
    where codes of real images lie. 0 for one that does not move its own attribute, or moves it the wrong way.
    """
    own = np.diag(measured.effect)
    cost = leakage(measured, family).max(1) + _PIXELS * measured.pixels + _FAR * np.maximum(far - _ROOM, 0.0)
    return np.asarray(np.where(own > 0.5, own / np.maximum(cost, 1e-6), 0.0))
