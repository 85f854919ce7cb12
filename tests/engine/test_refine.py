"""The search for a code, against the closed form that there is for a linear decoder."""

import numpy as np
import pytest
import torch
from torch import Tensor

from genexplorer.core.model import Model
from genexplorer.engine.refine import descend, ridge


class Linear(Model):
    """Draws A z, with columns of about one length."""

    latent_dim = 3

    def __init__(self) -> None:
        super().__init__()
        self.a = torch.randn(12, 3, generator=torch.Generator().manual_seed(0)) / 2

    def decode(self, z: Tensor) -> Tensor:
        return (z @ self.a.T).reshape(-1, 3, 2, 2)


def found(held: np.ndarray, prior: float = 0.0) -> tuple[np.ndarray, np.ndarray, Linear]:
    model = Linear()
    x = torch.rand(1, 3, 2, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        *_, best = descend(model, x, torch.tensor([[0.5, -1, 2], [3, 1, 2]]), held, 400, ridge(prior))
    assert best.error.numpy() == pytest.approx((best.drawn - x).square().flatten(1).mean(1).numpy(), rel=1e-4)
    assert best.z[0].numpy() == pytest.approx(best.z[1].numpy(), abs=2e-3)  # from wherever it begins
    return best.told(1, 1).z, x.reshape(-1).numpy(), model


def test_a_linear_decoder_gives_least_squares() -> None:
    z, x, model = found(np.zeros((0, 3)))
    assert z == pytest.approx(np.linalg.lstsq(model.a.numpy(), x, rcond=None)[0], abs=2e-3)


def test_the_prior_is_a_ridge() -> None:
    z, x, model = found(np.zeros((0, 3)), prior=0.5)
    a = model.a.numpy()
    assert z == pytest.approx(np.linalg.solve(a.T @ a / 12 + 0.5 / 3 * np.eye(3), a.T @ x / 12), abs=2e-3)


def test_what_is_held_is_not_touched() -> None:
    z, x, model = found(np.array([[0, 0, 1.0]]))
    a = model.a.numpy()
    assert z[2] == 2
    assert z[:2] == pytest.approx(np.linalg.lstsq(a[:, :2], x - 2 * a[:, 2], rcond=None)[0], abs=2e-3)
