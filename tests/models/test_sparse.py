"""Sparse codes: penalties against closed forms, and how many units fire."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.distributions import Bernoulli, kl_divergence

from genexplorer.core.abilities import Fires
from genexplorer.core.data import Batch, DataSpec
from genexplorer.models.sparse import SparseAutoencoder, SparseRecipe
from genexplorer.networks.sparsity import kl_sparsity, top_k, weighted_l1


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small(**settings: Any) -> SparseAutoencoder:
    torch.manual_seed(0)
    values = {"latent_dim": 64, "k": 6, "k_warmup": 0, "width": 8, "hidden": 32}
    return SparseRecipe.parse(values | settings).build(DataSpec((1, 8, 8)))


def batch(step: int = 1, num: int = 256) -> Batch:
    x = torch.from_numpy(load_digits().images[:num].astype(np.float32))[:, None] / 8 - 1
    return Batch(x, torch.zeros(num, 0), rng(), step)


@pytest.mark.parametrize("k", [1, 5, 16, 99])
def test_top_k_keeps_exactly_the_k_largest(k: int) -> None:
    a = torch.randn(32, 16, generator=rng())
    kept = top_k(a, k)
    assert ((kept != 0).sum(1) == min(k, 16)).all()
    for row, was in zip(kept, a, strict=True):
        assert sorted(row[row != 0].tolist()) == sorted(was.tolist())[-k:]
        assert (row[row != 0] == was[row != 0]).all()


@pytest.mark.parametrize("target", [0.01, 0.05, 0.5])
def test_kl_sparsity_is_torchs(target: float) -> None:
    a = torch.rand(64, 10, generator=rng())
    oracle = kl_divergence(Bernoulli(torch.full((10,), target)), Bernoulli(a.mean(0))).sum()
    assert torch.allclose(kl_sparsity(a, target), oracle, rtol=1e-4)
    assert kl_sparsity(torch.full((8, 3), target), target).item() == pytest.approx(0, abs=1e-6)
    assert kl_sparsity(torch.zeros(8, 3), target).isfinite() and kl_sparsity(torch.ones(8, 3), target).isfinite()


def test_l1_cannot_be_escaped_by_scaling() -> None:
    a, atoms = torch.randn(4, 5, generator=rng()), torch.randn(7, 5, generator=rng(1))
    by_hand = [sum(abs(a[i, j]) * sum(w * w for w in atoms[:, j]) ** 0.5 for j in range(5)) for i in range(4)]
    assert torch.allclose(weighted_l1(a, atoms), torch.stack(by_hand), rtol=1e-5)
    assert torch.allclose(weighted_l1(a / 100, atoms * 100), weighted_l1(a, atoms), rtol=1e-5)


def test_k_falls_from_all_units() -> None:
    model = small(k_warmup=100)
    assert [model.kept(step) for step in (0, 50, 100, 5000)] == [64, 35, 6, 6]
    assert small(k=100).kept(1) == 100, "more than there are: all stay on"


@pytest.mark.parametrize("network", ["linear", "conv", "mlp"])
@pytest.mark.parametrize("penalty", ["top_k", "l1", "kl"])
def test_few_units_fire_and_still_draw(penalty: str, network: str) -> None:
    model = small(penalty=penalty, network=network, target=0.1, weight=0.3 if penalty == "l1" else 3.0)
    assert isinstance(model, Fires)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    first = None
    for step in range(1, 201):
        optimizer.zero_grad()
        metrics = model.loss(batch(step))
        first = first or metrics["recon"].item()
        metrics["loss"].backward()
        optimizer.step()
    z = model.encode(batch().x)
    firing = model.fires(z).float().sum(1).mean().item()
    assert metrics["recon"].item() < 0.5 * first
    assert firing == pytest.approx(metrics["firing"].item(), rel=0.1)
    assert firing == 6 if penalty == "top_k" else firing < 26
    if penalty == "kl":
        assert z.mean().item() == pytest.approx(0.1, abs=0.02)


def test_more_weight_means_fewer_units() -> None:
    firing = []
    for weight in (0.01, 0.5):
        model = small(penalty="l1", weight=weight)
        optimizer = torch.optim.Adam(model.parameters(), 3e-3)
        for step in range(1, 151):
            optimizer.zero_grad()
            metrics = model.loss(batch(step))
            metrics["loss"].backward()
            optimizer.step()
        firing.append(metrics["firing"].item())
    assert firing[1] < 0.5 * firing[0]
