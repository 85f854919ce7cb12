"""The autoencoder: PCA where it is linear, weights shared where they are tied, layers trained one by one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.models.autoencoder import Autoencoder, AutoencoderRecipe

SPEC = DataSpec((1, 8, 8))


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small(**settings: Any) -> Autoencoder:
    torch.manual_seed(0)
    return AutoencoderRecipe.parse({"network": "deep", "layers": (24, 12), "latent_dim": 4} | settings).build(SPEC)


def batch(x: torch.Tensor, step: int = 1) -> Batch:
    return Batch(x, torch.zeros(len(x), 0), rng(), step)


def digits() -> torch.Tensor:
    return torch.from_numpy(load_digits().images.astype(np.float32))[:, None] / 8 - 1


def train(model: Autoencoder, x: torch.Tensor, steps: int, lr: float = 3e-3) -> list[float]:
    optimizer = torch.optim.Adam(model.parameters(), lr)
    losses = []
    for step in range(1, steps + 1):
        optimizer.zero_grad(set_to_none=True)
        loss = model.loss(batch(x, step))["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("tied", [False, True])
def test_a_linear_one_is_pca(tied: bool) -> None:
    """Same subspace, same error as scikit-learn's (Baldi & Hornik 1989)."""
    x = digits()
    model = small(layers=(), latent_dim=5, tied=tied)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=2000, line_search_fn="strong_wolfe", tolerance_change=0)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = model.loss(batch(x))["loss"]
        loss.backward()
        return loss

    optimizer.step(closure)
    flat = x.flatten(1).numpy().astype(np.float64)
    pca = PCA(5).fit(flat)
    error = np.square(pca.inverse_transform(pca.transform(flat)) - flat).mean()
    assert model.loss(batch(x))["loss"].item() == pytest.approx(error, rel=1e-4)
    with torch.no_grad():
        drawn = (model.redraw(torch.eye(5)) - model.redraw(torch.zeros(1, 5))).flatten(1).numpy()
    assert np.degrees(subspace_angles(drawn.T, pca.components_.T)).max() < 1


def test_tied_weights_are_one_memory() -> None:
    tied, loose = small(tied=True), small()
    weights = sum(layer.weight.numel() for layer in tied.stack.layers)
    count: Callable[[Autoencoder], int] = lambda model: sum(p.numel() for p in model.parameters())  # noqa: E731
    assert count(loose) - count(tied) == weights
    held = {value.untyped_storage().data_ptr() for value in tied.state_dict().values()}
    assert len(held) == len(tied.state_dict()), "what is saved must not hold one weight twice"
    h = torch.randn(3, 4, generator=rng())
    before = tied.stack.down(2, h)
    with torch.no_grad():
        tied.stack.layers[2].weight.mul_(2)
    assert torch.allclose(tied.stack.down(2, h) - tied.stack.biases[2], 2 * (before - tied.stack.biases[2]))


def test_each_layer_trains_alone_then_all() -> None:
    model = small(pretrain=10)
    assert [model.pretrained(step) for step in (1, 10, 11, 20, 21, 30, 31)] == [0, 0, 1, 1, 2, 2, None]
    for step, moving in ((1, {0}), (11, {1}), (30, {2}), (31, {0, 1, 2})):
        model.zero_grad(set_to_none=True)
        model.loss(batch(digits()[:16], step))["loss"].backward()
        moved = {name for name, p in model.stack.named_parameters() if p.grad is not None}
        assert {int(name.split(".")[1]) for name in moved} == moving


def test_pretrained_layers_begin_better() -> None:
    """Where training of all begins, they redraw better than fresh ones (Hinton & Salakhutdinov 2006)."""
    x = digits()[:256]
    fresh = small().loss(batch(x, 1000))["loss"].item()
    model = small(pretrain=60)
    losses = train(model, x, 180)
    for begin in (0, 60, 120):
        assert losses[begin + 59] < 0.8 * losses[begin]
    assert model.loss(batch(x, 1000))["loss"].item() < 0.5 * fresh


@pytest.mark.parametrize("network", ["conv", "deep", "recurrent"])
def test_it_learns(network: str) -> None:
    x = digits()[:128]
    losses = train(small(network=network, width=8, hidden=32, latent_dim=16), x, 200)
    assert losses[-1] < 0.35 * losses[0]


def test_a_row_is_read_after_the_rows_above() -> None:
    """The last row changes the code, and what is drawn of a code has that many rows, each its own."""
    model = small(network="recurrent", hidden=16)
    x = digits()[:2].clone()
    code = model.encode(x)
    x[:, :, -1] += 0.5
    assert not torch.allclose(model.encode(x), code)
    assert (model.redraw(code).diff(dim=2).abs().sum((1, 3)) > 0).all()


@pytest.mark.parametrize("layers", [(0,), (9000,), (8,) * 17])
def test_widths_out_of_range(layers: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="layers should be up to 16 widths of 1 to 8192"):
        small(layers=layers)
