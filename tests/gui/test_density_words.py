"""What is said of densities, and the bins and ticks that they are drawn by."""

import math

import numpy as np
import pytest

from genexplorer.engine.survey import Apart
from genexplorer.gui.binned import binned
from genexplorer.gui.density_words import likelier, signed, times, told_apart, with_error
from genexplorer.gui.ticks import ticks
from genexplorer.statistics.bounds import Bound
from genexplorer.statistics.estimate import Estimate


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (-23.6239, 0.1021, "−23.62 ± 0.10"),
        (3172.3114, 12.4, "3,172 ± 12"),
        (0.12345, 0.0021, "0.123 ± 0.002"),
        (-0.001, 0.5, "0.00 ± 0.50"),
        (1.5, math.nan, "1.50"),
    ],
)
def test_numbers_have_as_many_digits_as_their_error_leaves_sense_in(value: float, error: float, text: str) -> None:
    assert with_error(Bound(1, value, error)) == text


def test_factors_are_told_as_people_say_them() -> None:
    assert times(math.log(1.84)) == "1.8 times"
    assert times(math.log(22_345)) == "22,000 times"
    assert times(140 * math.log(10)) == "10<sup>140</sup> times"
    assert "<b>x₂ is likelier</b> than x₁, about 7.4 times" in likelier(Bound(9, -2.0, 0.1), "log p")
    assert likelier(Bound(9, 0.1, 0.2), "log p").startswith("Too close to call")


def test_an_area_below_half_is_called_what_it_is() -> None:
    assert "the likelier ones" in told_apart(Apart(Estimate(0.2, 0.1, 0.3), 5.0), "Flat colours")
    assert "does not tell them apart" in told_apart(Apart(Estimate(0.5, 0.4, 0.6), 0.0), "Shapes")
    assert "99.0 % of pairs" in told_apart(Apart(Estimate(0.99, 0.98, 1.0), -5.0), "Noise")


def test_every_score_is_in_the_bin_whose_edges_hold_it() -> None:
    rng = np.random.default_rng(0)
    own, other = rng.normal(-50, 5, 800), np.concatenate([rng.normal(-60, 10, 300), [-9000.0, 400.0]])
    bins = binned(own, other)
    assert 12 <= bins.count <= 50
    for scores, places, which in ((own, bins.own, False), (other, bins.other, True)):
        reach = np.concatenate([[-np.inf], bins.edges, [np.inf]])
        assert (scores >= reach[places]).all() and (scores <= reach[places + 1]).all()
        assert bins.shares(which).sum() == pytest.approx(1)
    assert len(bins.members(0, True)) >= 1 and 301 in bins.members(bins.count - 1, True)
    assert bins.shares(False)[[0, -1]].sum() < 0.02
    assert binned(np.array([3.0]), np.zeros(0)).own.tolist() == [1]


def test_ticks_are_round_and_within() -> None:
    assert ticks(-24.95, -23.6, 3) == [(-24.5, "−24.5"), (-24.0, "−24.0")]
    assert [text for _, text in ticks(-1380, 200, 4)] == ["−1,000", "−500", "0"]
    assert signed(-0.04, 1) == "0.0"
