"""Directions with a name: how codes change with one attribute while all others stay as they are."""

from typing import Literal

import numpy as np

Method = Literal["mean difference", "logistic", "svm"]


def standardised(y: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and spread 1, (N, J); a column that never changes becomes zeros."""
    spread = y.std(0)
    return np.asarray((y - y.mean(0)) / np.where(spread > 1e-6, spread, np.inf), np.float32)


def mean_differences(z: np.ndarray, y: np.ndarray, hold_fixed: bool = True) -> np.ndarray:
    """Change of the mean code per standard deviation of each attribute, (J, D).

    z is (N, D), y standardised (N, J). With the others held fixed it is the coefficient of the regression of z on all
    attributes at once; without, cov(z, y_j), which for a yes/no points along mean(z | 1) - mean(z | 0).
    """
    centred = z - z.mean(0)
    if not hold_fixed:
        return np.asarray(y.T @ centred / len(z), np.float32)
    # one-hot columns add up to a constant: a little of a ridge shares what they say between them
    gram = y.T @ y / len(y) + 1e-3 * np.eye(y.shape[1])
    return np.asarray(np.linalg.solve(gram, y.T @ centred / len(z)), np.float32)


def normals(z: np.ndarray, y: np.ndarray, binary: np.ndarray, method: Method) -> np.ndarray:
    """Of the plane in the space of codes that tells an attribute apart, (J, D): w in w·z + b.

    Yes/no attributes by logistic regression or a linear SVM (Shen et al. 2020, "InterFaceGAN"), numbers by least
    squares or a linear support vector regression. y is standardised.
    """
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.svm import LinearSVC, LinearSVR

    found = np.zeros((y.shape[1], z.shape[1]), np.float32)
    scale = z.std(0) + 1e-6
    scaled = (z - z.mean(0)) / scale
    for j, column in enumerate(y.T):
        if not column.any():
            continue
        if binary[j]:
            model = LogisticRegression(max_iter=300) if method == "logistic" else LinearSVC(C=0.1, max_iter=2000)
            model.fit(scaled, column > 0)
        else:
            model = LinearRegression() if method == "logistic" else LinearSVR(C=0.1, epsilon=0.1, max_iter=2000)
            model.fit(scaled, column)
        found[j] = model.coef_.reshape(-1) / scale
    return found


def along_normals(z: np.ndarray, planes: np.ndarray, hold_fixed: bool = True, strictness: float = 3.0) -> np.ndarray:
    """The likeliest change of a code that moves it one unit across one plane, (J, D).

    argmin_v vᵀ Σ⁻¹ v + strictness Σ_{k≠j} (w_k·v / s_k)² subject to w_j·v = s_j, where Σ is the codes' covariance and
    s_k² = w_kᵀ Σ w_k; strictness 0 gives Σ w_j, so to speak the mean difference that the plane implies.
    """
    cov = np.cov(z.T) + 1e-6 * np.eye(z.shape[1])
    spread = np.sqrt(np.einsum("jd,de,je->j", planes, cov, planes))
    live = spread > 1e-9
    units = planes / np.where(live, spread, 1.0)[:, None]
    precision = np.linalg.inv(cov)
    found = np.zeros_like(planes)
    for j in np.flatnonzero(live):
        others = units[live & (np.arange(len(units)) != j)] if hold_fixed else units[:0]
        v = np.linalg.solve(precision + strictness * others.T @ others, units[j])
        found[j] = v / float(units[j] @ v)
    return np.asarray(found, np.float32)


def fit(z: np.ndarray, y: np.ndarray, binary: np.ndarray, method: Method, hold_fixed: bool = True) -> np.ndarray:
    """Directions (J, D) in codes' own units, one unit of each being one standard deviation of its attribute."""
    if method == "mean difference":
        return mean_differences(z, y, hold_fixed)
    return along_normals(z, normals(z, y, binary, method), hold_fixed)


def separated(directions: np.ndarray, effect: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Directions mixed such that, to first order, each changes its own attribute alone, (J, D).

    effect (J, J) is the measured change of attribute k along direction j; `own` (J,) tells which belong to the same
    label, whose changes cannot be parted. Solves C effect ≈ diag(effect) by a ridge.
    """
    mixed = np.zeros_like(directions)
    for j in range(len(directions)):
        free = (own != own[j]) | (np.arange(len(own)) == j)
        seen = effect[:, free]  # (J, F)
        goal = np.where(np.flatnonzero(free) == j, effect[j, j], 0.0)
        ridge = 0.02 * np.trace(seen @ seen.T) / len(seen)
        start = np.eye(len(directions))[j]
        # stay near the direction itself: the correction, not the direction, is what is kept small
        change = np.linalg.solve(seen @ seen.T + ridge * np.eye(len(seen)), seen @ (goal - start @ seen))
        mixed[j] = (start + change) @ directions
    return mixed
