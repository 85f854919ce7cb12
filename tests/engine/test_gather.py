"""Codes of pictures and drawings of codes, asked of an untrained network."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from genexplorer.core.data import DataSpec
from genexplorer.core.model import MODELS, Model
from genexplorer.core.registry import discover
from genexplorer.engine.explore import decode
from genexplorer.engine.gather import PART, DrawAll, Gather, Seed

discover("genexplorer.models")
SPEC = DataSpec((1, 8, 8))


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    return MODELS["vae"].parse({"latent_dim": 4, "width": 8}).build(SPEC).eval()


@pytest.fixture
def checkpoint() -> Any:
    return SimpleNamespace(spec=SPEC)


@torch.no_grad()
def test_pictures_and_codes_come_in_order_and_a_bad_file_stops_nobody(
    model: Model, checkpoint: Any, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(pixels).save(good)
    bad.write_bytes(b"no picture")
    z = np.ones(4, np.float32)
    first, second, third = Gather(checkpoint, (good, bad, z)).answer(model)
    x = torch.from_numpy(pixels).float()[None, None] / 127.5 - 1
    assert np.allclose(first.z, model.encode(x)[0].numpy(), atol=1e-5)  # type: ignore[operator]
    assert np.array_equal(first.picture, decode(model, first.z[None])[0]) and first.source == good
    assert "bad.png" in second.error and not len(second.z)
    assert np.array_equal(third.z, z) and third.picture.shape == SPEC.shape and not third.error


@torch.no_grad()
def test_parts_make_the_whole(model: Model, checkpoint: Any) -> None:
    z = np.random.default_rng(0).standard_normal((2 * PART + 3, 4)).astype(np.float32)
    parts = list(DrawAll(checkpoint, z).answer(model))
    assert [len(part) for part in parts] == [PART, PART, 3]
    whole = decode(model, z).astype(int)
    assert np.abs(np.concatenate(parts) - whole).max() <= 1  # rounding depends on the size of the batch


@torch.no_grad()
def test_a_seed_is_the_code_that_the_model_draws_by_it(model: Model, checkpoint: Any) -> None:
    (found,) = Gather(checkpoint, (Seed(31),)).answer(model)
    z = model.draw(1, torch.Generator().manual_seed(31))  # type: ignore[operator]
    assert np.array_equal(found.z, z[0].numpy()) and np.array_equal(found.picture, decode(model, z.numpy())[0])
