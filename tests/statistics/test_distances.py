"""Distances between sets of features, beside torchmetrics, scikit-learn, and what repeated sampling shows."""

import importlib

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from genexplorer.statistics.estimate import share
from genexplorer.statistics.frechet import frechet_distance
from genexplorer.statistics.kernel import kernel_distance
from genexplorer.statistics.neighbours import precision_recall


def features(num: int, seed: int, shift: float = 0.0, dim: int = 12) -> Tensor:
    """Gaussian ones; with a shift they differ in mean and covariance."""
    rng = torch.Generator().manual_seed(seed)
    mixing = torch.eye(dim) + shift * torch.randn(dim, dim, generator=torch.Generator().manual_seed(99))
    return torch.randn(num, dim, generator=rng) @ mixing + shift


class _AsGiven(torch.nn.Module):
    num_features = 12

    def forward(self, x: Tensor) -> Tensor:
        return x


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
def test_equal_to_torchmetrics(shift: float) -> None:
    images = pytest.importorskip("torchmetrics.image.fid"), importlib.import_module("torchmetrics.image.kid")
    a, b = features(1500, 0), features(1200, 1, shift)
    frechet = images[0].FrechetInceptionDistance(feature=_AsGiven(), normalize=True)
    frechet.update(a, real=True)
    frechet.update(b, real=False)
    assert frechet_distance(a, b).value == pytest.approx(float(frechet.compute()), abs=1e-3)
    kernel = images[1].KernelInceptionDistance(feature=_AsGiven(), subsets=1, subset_size=1200, normalize=True)
    kernel.update(a[:1200], real=True)
    kernel.update(b, real=False)
    assert kernel_distance(a[:1200], b).value == pytest.approx(float(kernel.compute()[0]), abs=1e-4)


def test_frechet_distance_of_known_gaussians() -> None:
    """Means 2 apart, standard deviations 1 and 3 in each of four directions: 2² + 4 (3 − 1)²."""
    a = torch.randn(200_000, 4, generator=torch.Generator().manual_seed(0))
    found = frechet_distance(a, 3 * a.flip(0) + torch.tensor([2.0, 0, 0, 0]))
    assert found.value == pytest.approx(20, rel=0.01) and found.low < found.value < found.high


def test_fewer_images_than_features() -> None:
    a, b = features(20, 0, dim=40), features(25, 1, 0.3, dim=40)
    found = frechet_distance(a, b)
    assert 0 < found.low < found.value < found.high < 2 * found.value
    assert frechet_distance(a, a).value == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_intervals_are_those_of_repeated_sampling(distance) -> None:
    """As wide as the middle 95 % of 200 fresh pairs of samples, within a third."""
    values = np.array([distance(features(400, 2 * i, 0.3), features(300, 2 * i + 1)).value for i in range(200)])
    told = [distance(features(400, 2 * i, 0.3), features(300, 2 * i + 1)) for i in range(10)]
    wide = np.mean([found.high - found.low for found in told])
    assert wide == pytest.approx(3.92 * values.std(), rel=0.33)


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_near_nothing_between_two_samples_of_one_thing(distance) -> None:
    same, other = (distance(features(2000, 0), features(2000, 1, shift)).value for shift in (0.0, 0.1))
    assert abs(same) < 0.1 * other


def test_kernel_distance_is_blind_to_the_size_of_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = features(150, 0), features(130, 1, 0.2)
    whole = kernel_distance(a, b)
    monkeypatch.setattr("genexplorer.statistics.kernel._TILE", 32)
    parts = kernel_distance(a, b)
    assert parts.value == pytest.approx(whole.value, abs=1e-6) and parts.low == pytest.approx(whole.low, abs=1e-6)


def test_precision_and_recall_are_scikit_learns_neighbours() -> None:
    a, b = features(500, 0, 0.4), features(400, 1)

    def by_hand(judged: Tensor, among: Tensor) -> float:
        radii = NearestNeighbors(n_neighbors=4).fit(among).kneighbors(among)[0][:, -1]
        distances = torch.cdist(judged.double(), among.double()).numpy()
        return float((distances <= radii).any(1).mean())

    precision, recall = precision_recall(a, b)
    assert precision.value == pytest.approx(by_hand(b, a), abs=0.003)
    assert recall.value == pytest.approx(by_hand(a, b), abs=0.003)
    assert precision.low < precision.value < precision.high


def test_precision_falls_with_noise_and_recall_with_lost_modes() -> None:
    rng = torch.Generator().manual_seed(0)
    centres = 6 * torch.eye(4)

    def modes(num: int, of: int) -> Tensor:
        return centres[torch.randint(of, (num,), generator=rng)] + 0.3 * torch.randn(num, 4, generator=rng)

    precision, recall = precision_recall(modes(600, 4), modes(600, 2))
    assert precision.value > 0.9 and recall.value == pytest.approx(0.5, abs=0.1)
    far, _ = precision_recall(modes(600, 4), modes(600, 4) + 3 * torch.randn(600, 4, generator=rng))
    assert far.value < 0.3


def test_a_share_of_all_has_an_interval_all_the_same() -> None:
    whole = share(torch.ones(100, dtype=torch.bool))
    assert whole.value == whole.high == 1 and whole.low == pytest.approx(0.963, abs=1e-3)  # Wilson, 1 - z²/(n + z²)
