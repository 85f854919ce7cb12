"""Codes whose disentanglement is known, and the published definitions written out the long way."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.metrics import mutual_info_score

from genexplorer.core.events import drain
from genexplorer.statistics.disentangled import Factors, dci, dci_of, mig, mutual_information, sap

NAMES = ("kind", "place", "size")


def factors(num: int, seed: int) -> Factors:
    rng = np.random.default_rng(seed)
    columns = np.stack([rng.integers(0, 4, num), rng.uniform(-1, 1, num), rng.uniform(0, 5, num)], 1).astype(float)
    return Factors(NAMES, columns, (False, True, True))


def apart(known: Factors, seed: int = 9) -> np.ndarray:
    """One dimension for each factor, and two of noise."""
    noise = np.random.default_rng(seed).normal(size=(len(known.columns), 2))
    return np.concatenate([known.columns[:, ::-1] * [1.0, -2.0, 0.5], noise], 1)


def mixed(known: Factors) -> np.ndarray:
    """Each factor in all dimensions."""
    scaled = (known.columns - known.columns.mean(0)) / known.columns.std(0)
    return scaled @ np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]


def test_mutual_information_is_scikit_learns() -> None:
    """As disentanglement_lib has it: codes in 20 bins by np.histogram, then mutual_info_score."""
    known = factors(2000, 0)
    codes = mixed(known)
    information, entropy = mutual_information(codes, known)
    for d, code in enumerate(codes.T):
        bins = np.digitize(code, np.histogram(code, 20)[1][:-1])
        for f, value in enumerate(known.binned.T):
            assert information[f, d] == pytest.approx(mutual_info_score(value, bins), abs=2e-3)
    assert entropy[0] == pytest.approx(np.log(4), abs=0.01)
    assert entropy[1] == pytest.approx(mutual_info_score(known.binned[:, 1], known.binned[:, 1]), abs=1e-9)


def test_codes_that_are_the_factors() -> None:
    known, held = factors(3000, 0), factors(1000, 1)
    codes = apart(known)
    information, entropy = mutual_information(codes, known)
    assert (information.argmax(1) == [2, 1, 0]).all()
    assert mig(information, entropy) == pytest.approx(1, abs=0.03)
    found = drain(dci(codes, known, apart(held), held, 0))
    assert found.disentanglement > 0.95 and found.completeness > 0.95 and found.informativeness > 0.97
    scores, gaps = sap(codes, known)
    assert scores[0, 2] == 1 and scores[1, 1] == pytest.approx(1) and scores[1, 0] < 0.01
    assert gaps[1:] == pytest.approx(1, abs=0.02) and gaps[0] == pytest.approx(1 - 1 / 4, abs=0.06)  # chance is 1/4


def test_codes_that_mix_the_factors() -> None:
    known, held = factors(3000, 0), factors(1000, 1)
    information, entropy = mutual_information(mixed(known), known)
    assert mig(information, entropy).mean() < 0.3
    found = drain(dci(mixed(known), known, mixed(held), held, 0))
    assert found.disentanglement < 0.5 and found.completeness < 0.5 and found.informativeness > 0.8


def test_a_factor_told_twice_and_a_dimension_that_tells_two() -> None:
    """Told by two dimensions: no gap, MIG and SAP 0. Importance in closed form: (1 − log 2 / log D) complete."""
    known = factors(2000, 0)
    twice = np.stack([known.columns[:, 1], known.columns[:, 1], known.columns[:, 0]], 1)
    information, entropy = mutual_information(twice, known)
    assert mig(information, entropy)[1] == 0 and sap(twice, known)[1][1] == pytest.approx(0, abs=1e-9)
    disentangled, complete = dci_of(np.array([[0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    assert disentangled == pytest.approx(1) and complete == pytest.approx((1 - np.log(2) / np.log(4) + 1 + 1) / 3)
    disentangled, complete = dci_of(np.array([[1.0, 0, 0], [1, 0, 0], [0, 0, 1]]))
    assert complete == pytest.approx(1)
    assert disentangled == pytest.approx(2 / 3 * (1 - np.log(2) / np.log(3)) + 1 / 3)  # weighted by importance


def test_dci_agrees_with_boosted_trees() -> None:
    """disentanglement_lib takes gradient boosting for the forest: importance agrees where the answer is clear."""
    known, held = factors(800, 0), factors(300, 1)
    codes, told = apart(known), drain(dci(apart(factors(800, 0)), factors(800, 0), apart(held), held, 0))
    boosted = GradientBoostingClassifier(n_estimators=30).fit(codes, known.columns[:, 0])
    assert boosted.feature_importances_.argmax() == told.importance[0].argmax() == 2
    assert told.importance[0] == pytest.approx(boosted.feature_importances_, abs=0.05)
    forest = RandomForestRegressor(50, random_state=1).fit(codes, known.columns[:, 1])
    assert told.importance[1] == pytest.approx(forest.feature_importances_, abs=0.05)
