"""Corruption as pure functions, and an autoencoder that takes it back."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeCV

from genexplorer.core.abilities import Restores
from genexplorer.core.data import Batch, DataSpec
from genexplorer.models.denoising import DenoisingAutoencoder, DenoisingRecipe
from genexplorer.networks.corruption import NOISES, NoiseName, corrupt, corrupt_each


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uniform(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=rng(seed))


def digits() -> torch.Tensor:
    return torch.from_numpy(load_digits().images.astype(np.float32))[:, None] / 8 - 1


@pytest.mark.parametrize("strength", [0.1, 0.3, 0.7])
def test_gaussian_has_its_spread(strength: float) -> None:
    x = uniform(50, 3, 32, 32, seed=1) * 2 - 1
    eps = corrupt(x, "gaussian", strength, uniform(*x.shape)) - x
    assert eps.mean().abs() < 0.01 and eps.std().item() == pytest.approx(2 * strength, rel=0.01)
    assert (eps / eps.std()).pow(4).mean().item() == pytest.approx(3, rel=0.03)


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("channels", [1, 3])
def test_parts_that_are_lost(strength: float, channels: int) -> None:
    x = torch.full((64, channels, 20, 20), 0.3)
    u = uniform(*x.shape)
    for noise, values in (("salt_and_pepper", {-1.0, 1.0}), ("masking", {-1.0}), ("block", {0.0})):
        spoilt = corrupt(x, noise, strength, u)  # type: ignore[arg-type]
        lost = spoilt != x
        assert (lost == lost[:, :1]).all(), "a pixel falls in all its channels"
        assert set(spoilt[lost].tolist()) == values
        assert lost.float().mean().item() == pytest.approx(strength, abs=0.05)
        if noise == "salt_and_pepper":
            assert spoilt[lost].mean().abs() < 0.05


def test_a_block_is_one_square() -> None:
    x = torch.ones(100, 1, 16, 16)
    places = set()
    for image in corrupt(x, "block", 0.25, uniform(*x.shape)) != 1:
        rows, columns = image[0].any(1).nonzero().flatten(), image[0].any(0).nonzero().flatten()
        assert len(rows) == len(columns) == 8 and image[0].sum() == 64
        places.add((rows[0].item(), columns[0].item()))
    assert len(places) > 30


@pytest.mark.parametrize("noise", NOISES)
def test_a_dial_is_steady(noise: NoiseName) -> None:
    """Nothing at 0; what is lost at one strength stays lost at a higher one; x and u stay as they are."""
    x, u = uniform(8, 3, 12, 12, seed=1) * 2 - 1, uniform(8, 3, 12, 12)
    before = x.clone(), u.clone()
    assert torch.equal(corrupt(x, noise, 0.0, u), x)
    errors = [(corrupt(x, noise, s, u) - x).abs() for s in (0.1, 0.4, 0.8)]
    if noise != "block":
        assert all((b >= a - 1e-6).all() for a, b in pairwise(errors))
    assert errors[0].sum() < errors[1].sum() < errors[2].sum()
    assert torch.equal(x, before[0]) and torch.equal(u, before[1])
    each = corrupt(x, noise, torch.linspace(0, 1, 8), u)
    assert torch.equal(each[3:4], corrupt(x[3:4], noise, 3 / 7, u[3:4])) or torch.allclose(
        each[3:4], corrupt(x[3:4], noise, 3 / 7, u[3:4]), atol=1e-5
    )


def test_a_kind_for_each_image() -> None:
    x, u = uniform(8, 1, 12, 12, seed=1) * 2 - 1, uniform(8, 1, 12, 12)
    kinds = torch.arange(8) % 4
    each = corrupt_each(x, kinds, 0.4, u)
    for index in range(8):
        one = slice(index, index + 1)
        assert torch.equal(each[one], corrupt(x[one], NOISES[index % 4], 0.4, u[one]))


def trained(**settings: Any) -> tuple[DenoisingAutoencoder, torch.Tensor]:
    torch.manual_seed(0)
    values = {"width": 16, "latent_dim": 48, "vary": False, "strength": 0.3}
    model = DenoisingRecipe.parse(values | settings).build(DataSpec((1, 8, 8)))
    x = digits()
    order, held_out = torch.randperm(1500, generator=rng()), x[1500:]
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(1, 401):
        rows = order[torch.arange(step * 64, step * 64 + 64) % 1500]
        optimizer.zero_grad()
        model.loss(Batch(x[rows], torch.zeros(64, 0), rng(step), step))["loss"].backward()
        optimizer.step()
    return model.eval(), held_out


def linear(kind: NoiseName, spoilt: torch.Tensor) -> torch.Tensor:
    """What the best linear rule for one kind of noise makes of it (Wiener's filter, as ridge regression finds it)."""
    x = digits()[:1500]
    seen = torch.cat([corrupt(x, kind, 0.3, uniform(*x.shape, seed=seed)) for seed in range(4)]).flatten(1)
    rule = RidgeCV(np.logspace(-1, 4, 6)).fit(seen.numpy(), x.flatten(1).repeat(4, 1).numpy())
    return torch.from_numpy(rule.predict(spoilt.flatten(1).numpy())).view_as(spoilt)


@pytest.mark.parametrize("noise", [*NOISES, "mixed"])
def test_on_images_never_seen_it_beats_the_best_linear_rule(noise: str) -> None:
    """Of one kind of noise; a network that knows all kinds, and met each in a quarter of as many steps, comes near."""
    model, x = trained(noise=noise)
    assert isinstance(model, Restores)
    for kind in NOISES if noise == "mixed" else (noise,):
        spoilt = corrupt(x, kind, 0.3, uniform(*x.shape, seed=99))  # type: ignore[arg-type]
        with torch.inference_mode():
            restored = model.restore(spoilt)
        missed, left = ((each - x).square().mean() for each in (restored, linear(kind, spoilt)))  # type: ignore[arg-type]
        assert missed < (1.2 if noise == "mixed" else 1.0) * left, kind
        assert restored.abs().max() <= 1


def test_the_loss_tells_the_noise() -> None:
    model = DenoisingRecipe.parse({"noise": "masking", "strength": 1.0, "vary": False}).build(DataSpec((1, 8, 8)))
    x = torch.ones(4, 1, 8, 8)
    metrics = model.loss(Batch(x, torch.zeros(4, 0), rng(), 1))
    assert metrics["noise"].item() == 4
