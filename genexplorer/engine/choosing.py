"""Which of several directions for an attribute is the best, by what each was measured to do."""

import numpy as np

from .measuring import Measured

_PIXELS = 1.0  # of leakage, in standard deviations, that a change of all pixels by theirs is as bad as


class Best:
    """Of each attribute the direction of the highest score among those that were offered."""

    def __init__(self, family: np.ndarray) -> None:
        self._family = family
        self._score = np.full(len(family), -1.0)
        self._measured: Measured | None = None
        self.vectors = np.zeros((len(family), 0), np.float32)
        self.methods: tuple[str, ...] = ("",) * len(family)

    def offer(self, vectors: np.ndarray, measured: Measured, method: str) -> Measured:
        """Made of such a length that one unit moves an attribute by one standard deviation, where it moves it at all;
        so measured."""
        longer = 1 / np.clip(np.diag(measured.effect), 0.2, None)
        vectors, measured = vectors * longer[:, None], measured.scaled(longer)
        score = scores(measured, self._family)
        taken = score > self._score
        if self._measured is None:
            self.vectors, self._measured = vectors, measured
        self.vectors = np.where(taken[:, None], vectors, self.vectors)
        self.methods = tuple(method if new else old for new, old in zip(taken, self.methods, strict=True))
        self._measured, self._score = self._measured.where(taken, measured), np.where(taken, score, self._score)
        return measured


def scores(measured: Measured, family: np.ndarray) -> np.ndarray:
    """Own effect by the largest leakage and by what is changed of the pixels, (J,): of two that a judge sees do the
    same, the one is better that leaves more of the picture alone.

    0 for a direction that does not move its own attribute, or moves it the wrong way.
    """
    own = np.diag(measured.effect)
    other = np.where(family[:, None] != family[None], measured.size, 0.0).max(1)
    return np.asarray(np.where(own > 0.5, own / np.maximum(other + _PIXELS * measured.pixels, 1e-6), 0.0))


def reweighted(measured: Measured, family: np.ndarray) -> np.ndarray:
    """By how much more each leakage is to weigh, (J, J), that the largest of each direction falls at the cost of the
    small: (size / typical)², as in iteratively reweighted least squares for a small maximum."""
    size = np.where(family[:, None] != family[None], measured.size, 0.0)
    typical = np.sqrt(np.square(size).mean(1, keepdims=True)) + 1e-6
    return np.asarray(np.clip(size / typical, 0.7, 2.0))
