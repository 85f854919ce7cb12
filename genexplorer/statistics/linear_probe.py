"""What can be read off codes by a linear rule."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .circle import unrolled
from .estimate import Estimate, bootstrap, share

Matrix = NDArray[np.float64]
_C = (0.01, 0.1, 1.0, 10.0)
_WIDE = 512


@dataclass(frozen=True, eq=False)
class Rows:
    """Codes (N, D) to learn from and to judge by, scaled as one so that no direction is favoured."""

    train: Matrix
    test: Matrix

    @classmethod
    def of(cls, train: Matrix | NDArray[np.float32], test: Matrix | NDArray[np.float32]) -> "Rows":
        """Centred, and turned into the 512 directions that vary most where there are more: a rule that shrinks its
        weights alike in all directions does not see the turn."""
        mean = train.mean(0, dtype=np.float64)
        train, test = train - mean, test - mean
        if train.shape[1] > _WIDE:
            values, vectors = np.linalg.eigh(train @ train.T)
            kept = values[-_WIDE:] > 1e-9 * values[-1]
            basis = train.T @ (vectors[:, -_WIDE:][:, kept] / np.sqrt(values[-_WIDE:][kept]))
            train, test = train @ basis, test @ basis
        scale = max(np.sqrt(np.square(train).mean()), 1e-12)
        return cls(train / scale, test / scale)

    def few(self, rows: NDArray[np.int64]) -> "Rows":
        return Rows(self.train[rows], self.test)


def accuracy(rows: Rows, kinds: Matrix, truth: Matrix) -> Estimate:
    """Share of test rows whose kind logistic regression tells right; its strength is chosen on a fifth held out."""
    import torch

    if len(np.unique(kinds)) < 2:
        return share(torch.from_numpy(truth == kinds[0]))
    held = np.arange(len(kinds)) % 5 == 0
    strength = 1.0
    if len(kinds) >= 50 and len(np.unique(kinds[~held])) > 1:
        strength = max(
            _C,
            key=lambda c: _logistic(c, 200, rows.train[~held], kinds[~held]).score(rows.train[held], kinds[held]),
        )
    rule = _logistic(strength, 500, rows.train, kinds)
    return share(torch.from_numpy(rule.predict(rows.test) == truth))


def _logistic(strength: float, steps: int, x: Matrix, kinds: Matrix) -> Any:
    """Where it is still on its way after so many steps, it tells about as much as at its end: no warning is due."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=strength, max_iter=steps, tol=1e-3).fit(x, kinds)


def explained(rows: Rows, numbers: Matrix, truth: Matrix, periods: Sequence[float]) -> list[Estimate]:
    """R² = 1 − mean e² / var v on test rows of ridge regression, its strength by leave-one-out; numbers are (N, J).

    Of a number with a period, e² and var are those of its place on the unit circle: cosine and sine together.
    """
    import torch
    from sklearn.linear_model import RidgeCV

    (numbers, _), (truth, whose) = unrolled(numbers, periods), unrolled(truth, periods)
    rule = RidgeCV(np.logspace(-3, 5, 9), alpha_per_target=True).fit(rows.train, numbers)
    missed = np.square(rule.predict(rows.test).reshape(truth.shape) - truth) @ whose
    around = np.square(truth - truth.mean(0)) @ whose
    variance = np.maximum(around.mean(0), 1e-12)
    rest = missed.mean(0) / variance
    influences = torch.from_numpy((rest * around - missed) / variance)
    return [bootstrap(1 - each, influences[:, j]) for j, each in enumerate(rest.tolist())]


def alone(train: Matrix, test: Matrix, values: Matrix, truth: Matrix, number: bool, period: float = 0) -> Matrix:
    """What each of D dimensions tells by itself, on test rows, (D,): R² of the straight line of a number, or of the two
    of a number's cosine and sine where it has a period; and the share of kinds told right by the linear discriminant
    (Fisher 1936; one variance for all kinds, as often as they are)."""
    if number:
        (v, _), (told, _) = unrolled(values[:, None], (period,)), unrolled(truth[:, None], (period,))
        z, mean = train - train.mean(0), v.mean(0)
        slope = (v - mean).T @ z / np.maximum(np.square(z).sum(0), 1e-12)  # (K, D)
        guess = mean[:, None] + slope * (test - train.mean(0))[:, None]
        missed = np.square(told[:, :, None] - guess).mean(0).sum(0)
        return np.asarray(1 - missed / max(float(told.var(0).sum()), 1e-12))
    kinds, place, count = np.unique(values, return_inverse=True, return_counts=True)
    means = np.stack([train[place == k].mean(0) for k in range(len(kinds))])  # (K, D)
    variance = np.maximum(np.square(train - means[place]).mean(0), 1e-12)
    right = np.empty(train.shape[1])
    for d, (mean, var) in enumerate(zip(means.T, variance, strict=True)):
        score = test[:, d, None] * (mean / var) - mean**2 / (2 * var) + np.log(count / len(values))
        right[d] = (kinds[score.argmax(1)] == truth).mean()
    return right


def chance(values: Matrix, truth: Matrix) -> float:
    """The share of test rows that always saying the commonest kind tells right."""
    kinds, count = np.unique(values, return_counts=True)
    return float((truth == kinds[count.argmax()]).mean())
