"""What an image is spoilt into, and the errors that are told of it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.restore import BLACK, GREY, NOISE, ORIGINAL, WHITE, Restore


class Same(Model):
    """Leaves an image as it is."""

    def restore(self, x: Tensor) -> Tensor:
        return x.clamp(-1, 1)


def _ask(x: np.ndarray, model: Model, **changes: object) -> object:
    spec = DataSpec((3, 16, 16))
    at = Checkpoint(Path("none"), MODELS["denoising"].parse({}), DATASETS["digits"].parse({}), spec, 0)
    settings = {"noise": "gaussian", "strength": 0.0, "seed": 0, "paint": np.zeros((16, 16), np.uint8)}
    return next(Restore(at, x, **(settings | changes)).answer(model))


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 16, 16), dtype=np.uint8)


def test_paint_lies_over_the_noise(x: np.ndarray) -> None:
    paint = np.zeros((16, 16), np.uint8)
    paint[0], paint[1], paint[2], paint[3], paint[4] = BLACK, WHITE, GREY, NOISE, ORIGINAL
    seen = _ask(x, Same(), noise="gaussian", strength=0.4, paint=paint).spoilt
    assert (seen[:, 0] == 0).all() and (seen[:, 1] == 255).all()
    assert (np.abs(seen[:, 2].astype(int) - 127) <= 1).all()
    assert np.array_equal(seen[:, 4], x[:, 4])
    assert not np.array_equal(seen[:, 3], x[:, 3]) and not np.array_equal(seen[:, 5], x[:, 5])


def test_the_noise_is_of_the_spread_that_it_says(x: np.ndarray) -> None:
    grey = np.full((3, 16, 16), 128, np.uint8)
    seen = np.stack([_ask(grey, Same(), strength=0.1, seed=seed).spoilt for seed in range(20)])
    assert (seen / 255).std() == pytest.approx(0.1, rel=0.03)
    assert not np.array_equal(seen[0], seen[1])


def test_the_errors_are_those_of_what_is_shown(x: np.ndarray) -> None:
    told = _ask(x, Same(), noise="masking", strength=0.5)
    by_hand = float(np.square((told.spoilt.astype(float) - x) / 255).mean())
    assert told.spoilt_mse == pytest.approx(by_hand, rel=1e-3)
    assert told.mse == pytest.approx(by_hand, rel=1e-3)
    assert told.z is None


def test_a_model_that_cannot_restore_says_so(x: np.ndarray) -> None:
    with pytest.raises(UserError, match="denoising"):
        _ask(x, Model())


def test_the_code_is_that_of_the_spoilt_image(x: np.ndarray) -> None:
    model = MODELS["denoising"].parse({"latent_dim": 4, "width": 8}).build(DataSpec((3, 16, 16))).eval()
    with torch.no_grad():
        told = _ask(x, model, noise="masking", strength=0.5)
        spoilt = torch.from_numpy(told.spoilt)[None].float() / 127.5 - 1
        assert np.allclose(told.z, model.encode(spoilt)[0].numpy(), atol=1e-5)
