"""Directions with a name: how codes change with one attribute while all others stay as they are."""

from typing import Literal

import numpy as np

from .measuring import Response

Method = Literal["mean difference", "logistic", "svm"]


def mean_differences(z: np.ndarray, y: np.ndarray, family: np.ndarray, hold_fixed: bool = True) -> np.ndarray:
    """Change of the mean code per standard deviation of each attribute, (J, D).

    z is (N, D), y standardised (N, J), `family` (J,) as of Attribute. With other families held fixed it is the
    coefficient of the regression of z on y_j and all of them; without, cov(z, y_j), which for a yes/no points along
    mean(z | 1) - mean(z | 0).
    """
    shared = y.T @ (z - z.mean(0)) / len(z)
    if not hold_fixed:
        return np.asarray(shared, np.float32)
    # one-hot columns add up to a constant: a little of a ridge shares what they say between them
    gram, itself = y.T @ y / len(y) + 1e-3 * np.eye(y.shape[1]), np.arange(y.shape[1])
    found = np.zeros_like(shared, np.float32)
    for j in itself:
        taken = np.flatnonzero((family != family[j]) | (itself == j))
        found[j] = np.linalg.solve(gram[np.ix_(taken, taken)], shared[taken])[np.flatnonzero(taken == j)[0]]
    return found


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
            model = LogisticRegression(max_iter=300) if method == "logistic" else LinearSVC(C=0.1, dual=False)
            model.fit(scaled, column > 0)
        else:
            machine = LinearSVR(C=0.1, epsilon=0.1, loss="squared_epsilon_insensitive", dual=False)
            model = LinearRegression() if method == "logistic" else machine
            model.fit(scaled, column)
        found[j] = model.coef_.reshape(-1) / scale
    return found


def along_normals(
    z: np.ndarray, planes: np.ndarray, family: np.ndarray, hold_fixed: bool = True, strictness: float = 3.0
) -> np.ndarray:
    """The likeliest change of a code that moves it one unit across one plane, (J, D).

    argmin_v vᵀ Σ⁻¹ v + strictness Σ_k (w_k·v / s_k)², k of other families, subject to w_j·v = s_j, where Σ is the
    codes' covariance and s_k² = w_kᵀ Σ w_k; strictness 0 gives Σ w_j, the mean difference that the plane implies.
    """
    cov = np.cov(z.T) + 1e-6 * np.eye(z.shape[1])
    spread = np.sqrt(np.einsum("jd,de,je->j", planes, cov, planes))
    live = spread > 1e-9
    units = planes / np.where(live, spread, 1.0)[:, None]
    precision = np.linalg.inv(cov)
    found = np.zeros_like(planes)
    for j in np.flatnonzero(live):
        others = units[live & (family != family[j])] if hold_fixed else units[:0]
        v = np.linalg.solve(precision + strictness * others.T @ others, units[j])
        found[j] = v / float(units[j] @ v)
    return np.asarray(found, np.float32)


def fit(
    z: np.ndarray, y: np.ndarray, binary: np.ndarray, family: np.ndarray, method: Method, hold_fixed: bool = True
) -> np.ndarray:
    """Directions (J, D) in codes' own units, one unit of each being one standard deviation of its attribute."""
    if method == "mean difference":
        return mean_differences(z, y, family, hold_fixed)
    return along_normals(z, normals(z, y, binary, method), family, hold_fixed)


def steered(
    response: Response, cov: np.ndarray, family: np.ndarray, seen: np.ndarray, strictness: float, near: float
) -> np.ndarray:
    """The change of a code that moves what is seen of one attribute by a standard deviation and least else, (J, D).

    argmin_v vᵀ G v + strictness Σ_k E[(a_k·v)²] + near vᵀ Σ⁻¹ v subject to a_j·v = 1, k of other families and `seen`
    (J,), where a_k is the measured response of attribute k (its mean, but on a circle that of each start), G the
    pull-back metric of the pixels and Σ the codes' covariance: what no label explains is held still as well.
    """
    s = response.scale
    precision = np.linalg.inv(cov / np.outer(s, s) + 1e-3 * np.eye(len(s)))
    squares = np.einsum("dk,ek->kde", response.mean, response.mean)
    squares[response.turning] = response.turns
    found = np.zeros((len(family), len(s)))
    for j, own in enumerate(response.mean.T):
        others = squares[seen & (family != family[j])].sum(0)
        v = np.linalg.solve(response.pixels + strictness * others + near * precision, own)
        reached = float(own @ v)
        found[j] = v / reached if reached > 1e-9 else 0.0
    return np.asarray(found * s, np.float32)
