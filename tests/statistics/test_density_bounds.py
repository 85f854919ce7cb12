"""Bounds told from draws, beside plain sums and a distribution whose mean is known."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from genexplorer.statistics.bounds import apart, bounds, effective, mean

SPREAD = 1.0  # log w ~ N(0, 1): log E w = 1/2


def log_weights(num: int, seed: int = 0) -> Tensor:
    return SPREAD * torch.randn(num, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_every_bound_is_the_mean_over_groups_of_draws() -> None:
    log_w = log_weights(100)
    told = bounds(log_w)
    assert [each.draws for each in told] == [1, 2, 4, 8, 16, 32, 64, 100]
    for each in told:
        groups = [log_w[n * each.draws : (n + 1) * each.draws] for n in range(100 // each.draws)]
        by_hand = [math.log(sum(math.exp(w) for w in group) / each.draws) for group in groups]
        assert each.value == pytest.approx(sum(by_hand) / len(by_hand), abs=1e-12)
    assert told[0] == mean(log_w)


def test_bounds_rise_to_the_logarithm_of_the_mean_and_know_their_error() -> None:
    found = [bounds(log_weights(4096, seed)) for seed in range(100)]
    means = [sum(each[n].value for each in found) / 100 for n in range(len(found[0]))]
    assert all(a < b for a, b in pairwise(means))
    assert means[0] == pytest.approx(0, abs=0.01) and means[-1] == pytest.approx(0.5, abs=0.01)
    for n in range(len(means)):
        spread = torch.tensor([each[n].value for each in found]).std()
        told = sum(each[n].error for each in found) / 100
        assert float(spread) == pytest.approx(told, rel=0.3)


def test_two_images_are_apart_by_what_they_are_and_shared_noise_cancels() -> None:
    shared = log_weights(5000)
    same = apart(shared + 3, shared)
    assert same.value == pytest.approx(3) and same.error == pytest.approx(0, abs=1e-9)
    off = [
        (each.value - 0.0, each.error)
        for each in (apart(log_weights(500, n), log_weights(500, -n)) for n in range(1, 150))
    ]
    ratio = torch.tensor([value / error for value, error in off])
    assert float(ratio.std()) == pytest.approx(1, abs=0.2) and abs(float(ratio.mean())) < 0.3


def test_draws_that_weigh_alike_all_count_and_one_that_outweighs_all_counts_alone() -> None:
    assert effective(torch.full((50,), -900.0, dtype=torch.float64)) == pytest.approx(50)
    log_w = torch.zeros(50, dtype=torch.float64)
    log_w[7] = 60
    assert effective(log_w) == pytest.approx(1)


def test_of_one_draw_there_is_a_value_and_no_error() -> None:
    (only,) = bounds(torch.tensor([-3.5], dtype=torch.float64))
    assert only.value == -3.5 and math.isnan(only.error)
    assert math.isnan(apart(torch.zeros(1), torch.ones(1)).error)
