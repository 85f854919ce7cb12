"""What can be read off codes by a linear rule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import Estimate, share

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
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(kinds)) < 2:
        return share(torch.from_numpy(truth == kinds[0]))
    held = np.arange(len(kinds)) % 5 == 0
    strength = 1.0
    if len(kinds) >= 50 and len(np.unique(kinds[~held])) > 1:
        strength = max(
            _C,
            key=lambda c: (
                LogisticRegression(C=c, max_iter=200, tol=1e-3)
                .fit(rows.train[~held], kinds[~held])
                .score(rows.train[held], kinds[held])
            ),
        )
    rule = LogisticRegression(C=strength, max_iter=500, tol=1e-3).fit(rows.train, kinds)
    return share(torch.from_numpy(rule.predict(rows.test) == truth))


def explained(rows: Rows, numbers: Matrix, truth: Matrix) -> Matrix:
    """R² on test rows of ridge regression, its strength by leave-one-out; numbers are (N, J), the answer is (J,)."""
    from sklearn.linear_model import RidgeCV

    rule = RidgeCV(np.logspace(-3, 5, 9), alpha_per_target=True).fit(rows.train, numbers)
    missed = np.square(rule.predict(rows.test).reshape(truth.shape) - truth).mean(0)
    return np.asarray(1 - missed / np.maximum(truth.var(0), 1e-12))
