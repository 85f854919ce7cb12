"""How far each latent dimension stands for one factor of the data: mutual information, MIG, DCI and SAP."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genexplorer.core.data import Label
from genexplorer.core.events import Progress

from .circle import unrolled

BINS = 20
_TREES, _DEPTH, _LEAF = 10, 12, 5

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Factors:
    """One column of values (N,) for each factor; `number` tells those that are measured from those that are kinds, and
    `periods` after how much a number is as before, 0 where it does not go around a circle."""

    names: tuple[str, ...]
    columns: Matrix
    number: tuple[bool, ...]
    periods: tuple[float, ...]

    @property
    def binned(self) -> NDArray[np.int64]:
        """(N, F): kinds as they are, numbers in 20 bins of equal width, or in 20 arcs of their circle."""
        told = zip(self.columns.T, self.number, self.periods, strict=True)
        return np.stack([_arcs(c, period) if period else _bins(c) if n else _kinds(c) for c, n, period in told], 1)

    def column(self, f: int) -> Matrix:
        """Of one factor: its values (N, 1), or their cosine and sine (N, 2)."""
        return unrolled(self.columns[:, f : f + 1], self.periods[f : f + 1])[0]


def factors_of(labels: tuple[Label, ...], rows: NDArray[np.float32]) -> Factors:
    """A data set's labels (N, L) as factors."""
    numbers = tuple(label.kind == "number" for label in labels)
    periods = tuple(label.period if label.kind == "number" else 0.0 for label in labels)
    return Factors(tuple(label.name for label in labels), rows.astype(np.float64), numbers, periods)


def mutual_information(codes: Matrix, factors: Factors) -> tuple[Matrix, Matrix]:
    """I(v_f; z_d) in nats, (F, D), and the entropies H(v_f), (F,): of codes (N, D) in 20 bins of equal width each, as
    the reference implementation counts them (Locatello et al. 2019, disentanglement_lib)."""
    binned = np.stack([_bins(column) for column in codes.T], 1)
    values = factors.binned
    information = np.empty((values.shape[1], binned.shape[1]))
    entropy = np.empty(values.shape[1])
    for f, value in enumerate(values.T):
        entropy[f] = _entropy(np.bincount(value))
        for d, code in enumerate(binned.T):
            joint = _counts(value, code)
            information[f, d] = entropy[f] + _entropy(joint.sum(0)) - _entropy(joint.ravel())
    return np.maximum(information, 0), entropy


def mig(information: Matrix, entropy: Matrix) -> Matrix:
    """(I of the most informative dimension − I of the second) / H(v_f), (F,): Chen et al. 2018, eq. 6; 0 to 1."""
    ordered = np.sort(information, 1)[:, ::-1]
    second = ordered[:, 1] if ordered.shape[1] > 1 else np.zeros(len(ordered))
    return np.asarray((ordered[:, 0] - second) / np.maximum(entropy, 1e-12))


@dataclass(frozen=True)
class DCI:
    """0 to 1 each: does a dimension serve one factor, does a factor need one dimension, is it told at all."""

    disentanglement: float
    completeness: float
    informativeness: float
    importance: Matrix  # (F, D), rows sum to 1


def dci(
    codes: Matrix, factors: Factors, held_codes: Matrix, held: Factors, seed: int
) -> Generator[Progress, None, DCI]:
    """Eastwood & Williams 2018, section 2, with a random forest for each factor as there; R is its importance.

    D_d = 1 − H_F(R_·d / Σ_f R_fd), weighted by the dimension's share of all importance; C_f = 1 − H_D(R_f·).
    Informativeness is the share of held-out kinds told right beyond guessing the commonest, and R² of numbers: of
    cosine and sine together where they go around a circle.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    importance, told = np.zeros((len(factors.names), codes.shape[1])), []
    single, held_single = codes.astype(np.float32), held_codes.astype(np.float32)
    for f, number in enumerate(factors.number):
        yield Progress("Fitting forests", f, len(factors.names))
        kind = RandomForestRegressor if number else RandomForestClassifier
        forest = kind(_TREES, max_depth=_DEPTH, min_samples_leaf=_LEAF, max_features=1.0, random_state=seed)
        wanted, truth = factors.column(f), held.column(f)
        forest.fit(single, wanted if wanted.shape[1] > 1 else wanted[:, 0])
        importance[f] = forest.feature_importances_
        guess = forest.predict(held_single).reshape(truth.shape)
        if number:
            score = 1 - float(np.square(guess - truth).sum() / max(np.square(truth - truth.mean(0)).sum(), 1e-12))
        else:
            common = float(np.unique(truth, return_counts=True)[1].max() / len(truth))
            score = (float((guess == truth).mean()) - common) / max(1 - common, 1e-12)
        told.append(max(0.0, score))
    yield Progress("Fitting forests", len(factors.names), len(factors.names))
    return DCI(*dci_of(importance), float(np.mean(told)), importance)


def dci_of(importance: Matrix) -> tuple[float, float]:
    """Disentanglement and completeness of importances (F, D)."""
    by_dimension, by_factor = importance.sum(0), importance.sum(1, keepdims=True)
    weights = by_dimension / max(by_dimension.sum(), 1e-12)
    disentangled = 1 - _relative_entropy(importance / np.maximum(by_dimension, 1e-12), axis=0)
    complete = 1 - _relative_entropy(importance / np.maximum(by_factor, 1e-12), axis=1)
    return float((weights * disentangled).sum()), float((complete * (by_factor[:, 0] / by_factor.sum())).sum())


def sap(codes: Matrix, factors: Factors) -> tuple[Matrix, Matrix]:
    """How well each factor is told from each dimension alone, (F, D), and the gap between the best two, (F,).

    Kumar et al. 2018, section 3: for numbers the squared correlation, on a circle that with cosine and sine together;
    for kinds the balanced accuracy, mean over kinds, of thresholds on the dimension: here of the best rule on 20 bins.
    """
    scores = np.empty((len(factors.names), codes.shape[1]))
    binned = [_bins(column) for column in codes.T]
    deviations = codes - codes.mean(0)
    spread = np.maximum(np.square(deviations).sum(0), 1e-12)
    for f, number in enumerate(factors.number):
        if number:
            # the share of z_d's variance along what v spans; of one column that is the squared correlation, of cosine
            # and sine the circular one (Mardia & Jupp 2000, Directional Statistics, eq. 11.2.1)
            v = factors.column(f)
            span, length, _ = np.linalg.svd(v - v.mean(0), full_matrices=False)
            scores[f] = np.square(span.T[length > 1e-9 * len(v)] @ deviations).sum(0) / spread
        else:
            value = _kinds(factors.columns[:, f])
            for d, code in enumerate(binned):
                joint = _counts(value, code)
                scores[f, d] = (joint / joint.sum(1, keepdims=True)).max(0).sum() / len(joint)
    ordered = np.sort(scores, 1)[:, ::-1]
    second = ordered[:, 1] if ordered.shape[1] > 1 else np.zeros(len(ordered))
    return scores, np.asarray(ordered[:, 0] - second)


def _bins(column: Matrix) -> NDArray[np.int64]:
    low, high = column.min(), column.max()
    bins: NDArray[np.int64] = ((column - low) * (BINS / max(high - low, 1e-12))).astype(np.int64)
    return np.minimum(bins, BINS - 1)


def _arcs(column: Matrix, period: float) -> NDArray[np.int64]:
    """So that 0 and the whole period are one place."""
    return np.minimum((np.mod(column, period) * (BINS / period)).astype(np.int64), BINS - 1)


def _counts(value: NDArray[np.int64], code: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each kind meets each bin, (K, 20)."""
    kinds = int(value.max()) + 1
    return np.bincount(value * BINS + code, minlength=kinds * BINS).reshape(kinds, BINS)


def _kinds(column: Matrix) -> NDArray[np.int64]:
    return np.unique(column, return_inverse=True)[1].astype(np.int64)


def _entropy(counts: NDArray[np.int64]) -> float:
    """In nats, of counts."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log(p)).sum())


def _relative_entropy(p: Matrix, axis: int) -> Matrix:
    """Entropy over one axis by the largest that it can be; 0 to 1."""
    n = p.shape[axis]
    return np.asarray(
        -(p * np.log(np.maximum(p, 1e-12))).sum(axis) / np.log(n) if n > 1 else np.zeros(p.shape[1 - axis])
    )
