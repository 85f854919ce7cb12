"""The Wasserstein autoencoder: its kernel distance by loops, and codes that come to lie as the prior says."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from genexplorer.core.data import Batch, DataSpec
from genexplorer.models.wae import WAE, WAERecipe
from genexplorer.networks.mmd import SCALES, imq, mmd


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=rng(seed))


@pytest.mark.parametrize("variance", [1.0, 2.0])
def test_mmd_by_loops(variance: float) -> None:
    """Algorithm 2 as it stands in the paper, pair by pair."""
    x, y = normal(9, 4).double(), normal(9, 4, seed=1).double() + 0.5

    def k(a: torch.Tensor, b: torch.Tensor) -> float:
        squared = sum((p - q) ** 2 for p, q in zip(a.tolist(), b.tolist(), strict=True))
        return sum(2 * 4 * variance * s / (2 * 4 * variance * s + squared) for s in SCALES)

    same = sum(k(x[i], x[j]) + k(y[i], y[j]) for i in range(9) for j in range(9) if i != j) / (9 * 8)
    cross = sum(k(x[i], y[j]) for i in range(9) for j in range(9)) / 81
    assert mmd(x, y, variance).item() == pytest.approx(same - 2 * cross, rel=1e-9)
    assert imq(x, x, variance).diagonal().tolist() == pytest.approx([len(SCALES)] * 9)


def test_mmd_is_unbiased_and_grows_with_the_distance() -> None:
    same = torch.stack([mmd(normal(32, 8, seed=s), normal(32, 8, seed=s + 10_000)) for s in range(500)])
    assert same.mean().abs() < 3 * same.std() / 500**0.5 and (same < 0).any()
    apart = [mmd(normal(256, 8) + shift, normal(256, 8, seed=1)).item() for shift in (0.0, 0.3, 1.0, 3.0)]
    assert sorted(apart) == apart


def test_gradients_are_finite_where_codes_are_equal() -> None:
    z = torch.zeros(8, 3, requires_grad=True)
    mmd(z, normal(8, 3)).backward()
    assert z.grad is not None and z.grad.isfinite().all() and z.grad.abs().sum() > 0


def test_one_image_alone_has_no_distance() -> None:
    assert mmd(normal(1, 3), normal(1, 3)).item() == 0


def small(**settings: Any) -> WAE:
    torch.manual_seed(0)
    values = {"network": "mlp", "hidden": 64, "latent_dim": 4, "adversary_width": 128}
    return WAERecipe.parse(values | settings).build(DataSpec((1, 8, 8)))


def fit(model: WAE, steps: int) -> tuple[torch.Tensor, dict[str, float]]:
    x = torch.from_numpy(load_digits().images.astype(np.float32))[:, None] / 8 - 1
    groups = {name: torch.optim.Adam(list(group.parameters), 2e-3) for name, group in model.groups().items()}

    class Plain:
        def step(self, loss: torch.Tensor, group: str = "all") -> None:
            groups[group].zero_grad(set_to_none=True)
            loss.backward()
            groups[group].step()

    for step in range(1, steps + 1):
        rows = torch.randint(len(x), (100,), generator=rng(step))
        metrics = model.train_step(Batch(x[rows], torch.zeros(100, 0), rng(step), step), Plain())
    with torch.no_grad():
        return model.encode(x), {name: value.item() for name, value in metrics.items()}


@pytest.mark.parametrize("penalty", ["mmd", "gan"])
def test_codes_come_to_lie_as_the_prior(penalty: str) -> None:
    """Far nearer than without the penalty, by a distance that neither variant is trained on."""
    loose, _ = fit(small(penalty=penalty, lam=0.0), 300)
    held, metrics = fit(small(penalty=penalty, lam=0.15), 500)
    away = [(z.mean(0).square().mean() + (z.T.cov() - torch.eye(4)).square().mean()).item() for z in (loose, held)]
    assert away[1] < 0.1 * away[0], away
    assert metrics["recon"] < 0.047  # of 0.092 for the mean image
    assert ("adversary" in metrics) == (penalty == "gan")


def test_each_optimizer_moves_its_own() -> None:
    model = small(penalty="gan")
    batch = Batch(normal(8, 1, 8, 8), torch.zeros(8, 0), rng(), 1)
    model.adversary_loss(batch).backward()
    assert all(p.grad is None for p in [*model.encoder.parameters(), *model.decoder.parameters()])
    assert all(p.grad is not None for p in model.adversary.parameters())
    assert not hasattr(small(), "adversary")


def test_the_prior_has_its_spread() -> None:
    model = small(prior_std=2.0)
    batch = Batch(normal(4000, 1, 8, 8), torch.zeros(4000, 0), rng(), 1)
    assert model.prior(batch).std().item() == pytest.approx(2, rel=0.02)
