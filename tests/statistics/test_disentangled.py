"""Codes whose disentanglement is known, and the published definitions written out the long way."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.metrics import mutual_info_score

from genexplorer.core.data import Label
from genexplorer.core.events import drain
from genexplorer.statistics.disentangled import Factors, dci, dci_of, factors_of, mig, mutual_information, sap

NAMES = ("kind", "place", "size")


def factors(num: int, seed: int) -> Factors:
    rng = np.random.default_rng(seed)
    columns = np.stack([rng.integers(0, 4, num), rng.uniform(-1, 1, num), rng.uniform(0, 5, num)], 1).astype(float)
    return Factors(NAMES, columns, (False, True, True), (0.0, 0.0, 0.0))


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


def hues(num: int, seed: int, turned: float = 0.0) -> tuple[np.ndarray, Factors]:
    """A hue in degrees in its two dimensions and a size in a third; `turned` sets where the circle is cut."""
    rng = np.random.default_rng(seed)
    hue, size = rng.uniform(0, 360, num), rng.uniform(0, 1, num)
    codes = np.stack([np.cos(np.radians(hue)), np.sin(np.radians(hue)), size], 1) + rng.normal(0, 0.05, (num, 3))
    labels = (Label("hue", "number", high=360, period=360), Label("size", "number"))
    return codes, factors_of(labels, np.stack([(hue + turned) % 360, size], 1).astype(np.float32))


def test_a_circle_has_no_place_where_it_is_cut() -> None:
    """A hue that is counted from elsewhere is the same hue; as a number on a line SAP and DCI would tell of the cut."""
    (codes, known), (_, turned) = hues(3000, 0), hues(3000, 0, 162)
    np.testing.assert_allclose(sap(codes, known)[0], sap(codes, turned)[0], atol=1e-4)
    for one, other in zip(mutual_information(codes, known), mutual_information(codes, turned), strict=True):
        np.testing.assert_allclose(one, other, atol=0.02)  # 9 bins further: the same arcs by other numbers
    held, truth = hues(1000, 1)
    found, again = drain(dci(codes, known, held, truth, 0)), drain(dci(codes, turned, held, hues(1000, 1, 162)[1], 0))
    assert found.informativeness > 0.97 and found.disentanglement > 0.95
    np.testing.assert_allclose(found.importance, again.importance, atol=0.03)


def test_a_whole_turn_and_none_are_one_place() -> None:
    hue = Factors(("hue",), np.array([[0.0], [360.0], [-0.5], [719.0], [9.0], [182.0]]), (True,), (360.0,))
    assert hue.binned[:, 0].tolist() == [0, 0, 19, 19, 0, 10]


def test_sap_of_a_circle_is_the_circular_correlation() -> None:
    """Mardia & Jupp 2000, eq. 11.2.1: (r_xc² + r_xs² − 2 r_xc r_xs r_cs) / (1 − r_cs²), on hues that are not even."""
    rng = np.random.default_rng(0)
    hue = rng.vonmises(1.0, 0.7, 2000) % (2 * np.pi)
    z = np.stack([np.cos(hue - 0.6) + 0.3 * rng.normal(size=2000), rng.normal(size=2000), hue], 1)
    scores, _ = sap(z, Factors(("hue",), hue[:, None], (True,), (2 * np.pi,)))
    for d, x in enumerate(z.T):
        (xc, xs), cs = (np.corrcoef(x, f(hue))[0, 1] for f in (np.cos, np.sin)), np.corrcoef(np.cos(hue), np.sin(hue))
        r = cs[0, 1]
        assert scores[0, d] == pytest.approx((xc**2 + xs**2 - 2 * xc * xs * r) / (1 - r**2))
    assert scores[0, 0] > 0.7 and scores[0, 1] < 0.01


def test_one_hue_for_all_tells_nothing() -> None:
    codes = np.random.default_rng(0).normal(size=(50, 2))
    assert sap(codes, Factors(("hue",), np.full((50, 1), 0.3), (True,), (1.0,)))[0].max() < 0.01
