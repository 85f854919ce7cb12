"""The models that come with the program: small, sharp, with sliders that do what they are called."""

import json

import numpy as np
import pytest
import torch

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.resources import resource
from genexplorer.engine.explore import decode
from genexplorer.engine.naming import Named, load_named
from genexplorer.engine.query import examples_of, own_model
from genexplorer.engine.runs import RunInfo
from genexplorer.engine.shipped import shipped_models

MODELS = shipped_models()


def named_of(checkpoint: Checkpoint) -> Named:
    named = load_named(checkpoint)
    assert named is not None
    return named


def test_faces_come_first() -> None:
    assert list(MODELS) == ["faces", "digits"]


@pytest.mark.parametrize(("name", "psnr"), [("faces", 27.5), ("digits", 17)])
def test_each_is_small_and_redraws_its_test_images(name: str, psnr: float) -> None:
    checkpoint = Checkpoint.open(MODELS[name])
    assert MODELS[name].stat().st_size < 8e6
    model, x = own_model(checkpoint), examples_of(checkpoint)
    assert x is not None and len(x) == 256
    with torch.no_grad():
        error = (model.decode(model.encode(x)) - x).div(2).square().mean()  # type: ignore[operator]
    assert -10 * torch.log10(error) > psnr


@pytest.mark.parametrize("name", list(MODELS))
def test_each_is_what_its_recipe_makes(name: str) -> None:
    """The committed recipe file trains exactly this network on this data."""
    checkpoint, info = Checkpoint.open(MODELS[name]), RunInfo.read(resource(f"models/{name}/recipe.json"))
    assert (checkpoint.recipe, checkpoint.dataset, checkpoint.step) == (info.model, info.data, info.train.steps)
    assert json.loads(resource(f"models/{name}/recipe.json").read_text())["format"] == 1


@pytest.mark.parametrize(
    "name", ["smile", "glasses", "hair length", "skin", "age", "beard", "mouth open", "jaw", "yaw"]
)
def test_named_sliders_of_faces_move_their_own_factor_thrice_as_far_as_any_other(name: str) -> None:
    """As an independent judge measured when they were made; it is measured anew by `genexplorer directions`."""
    named = named_of(Checkpoint.open(MODELS["faces"]))
    j = named.axes.names.index(name)
    assert named.effect is not None and named.effect[j, j] > 0.9 and named.selectivity[j] >= 3


CORNER, FACE = (slice(0, 6), slice(0, 8)), (slice(28, 40), slice(24, 40))


@pytest.mark.parametrize(("name", "there", "elsewhere"), [("background light", CORNER, FACE), ("skin", FACE, CORNER)])
def test_named_sliders_change_the_pixels_that_they_name(
    name: str, there: tuple[slice, slice], elsewhere: tuple[slice, slice]
) -> None:
    """Seen in the picture itself, by no network."""
    checkpoint = Checkpoint.open(MODELS["faces"])
    named, model, x = named_of(checkpoint), own_model(checkpoint), examples_of(checkpoint)
    assert x is not None
    direction = named.axes.vectors[named.axes.names.index(name)]
    with torch.no_grad():
        z = model.encode(x).numpy()  # type: ignore[operator]
    change = (decode(model, z + direction).astype(float) - decode(model, z - direction)).mean((0, 1))
    assert abs(change[there].mean()) > 15
    assert abs(change[there].mean()) > 3 * np.abs(change[elsewhere]).mean()
