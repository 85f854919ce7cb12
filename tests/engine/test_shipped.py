"""The models that come with the program: small, sharp, with sliders that do what they are called."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.abilities import Conditional
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data, Images, Split, to_uint8
from genexplorer.core.events import drain
from genexplorer.core.resources import resource
from genexplorer.core.tensors import read_tensors
from genexplorer.engine.explore import decode
from genexplorer.engine.features import feature_net
from genexplorer.engine.naming import Named, load_named
from genexplorer.engine.query import examples_of, examples_path, own_model
from genexplorer.engine.runs import RunInfo
from genexplorer.engine.shipped import shipped_models
from genexplorer.engine.signs import beside
from genexplorer.engine.told import values_told

MODELS = shipped_models()
CORNER, FACE = (slice(0, 6), slice(0, 8)), (slice(28, 40), slice(24, 40))


def named_of(checkpoint: Checkpoint) -> Named:
    named = load_named(checkpoint)
    assert named is not None
    return named


def test_faces_come_first() -> None:
    assert list(MODELS) == ["faces", "digits", "faces-diffusion", "fashion-diffusion", "fashion-gan"]


@pytest.mark.parametrize(("name", "psnr"), [("faces", 27.5), ("digits", 17)])
def test_each_is_small_and_redraws_its_test_images(name: str, psnr: float) -> None:
    checkpoint = Checkpoint.open(MODELS[name])
    assert MODELS[name].stat().st_size < 8e6
    model, x = own_model(checkpoint), examples_of(checkpoint)
    assert x is not None and len(x) == 256
    with torch.no_grad():
        error = (model.decode(model.encode(x)) - x).div(2).square().mean()  # type: ignore[operator]
    assert -10 * torch.log10(error) > psnr


@pytest.mark.parametrize(("name", "each"), [("fashion-gan", 20), ("fashion-diffusion", 10)])
def test_garments_are_as_various_as_real_ones_and_are_those_that_were_asked_for(name: str, each: int) -> None:
    """A kind is that of the nearest of 256 test images, in the features that fashion images are compared by."""
    checkpoint = Checkpoint.open(MODELS[name])
    assert MODELS[name].stat().st_size < 8e6
    model, x = own_model(checkpoint), examples_of(checkpoint)
    path = examples_path(checkpoint)
    assert x is not None and path is not None and isinstance(model, Conditional)
    labels, rng = read_tensors(path)[0]["labels"][:, 0], torch.Generator().manual_seed(0)
    tests = Split(Images(to_uint8(x)), labels[:, None])
    net = drain(feature_net(checkpoint.dataset, Data(checkpoint.spec, tests, tests), Path("not used: it is shipped")))
    with torch.no_grad():
        drawn = torch.cat([model.given(torch.tensor([float(k)])).sample(each, rng) for k in range(10)])  # type: ignore[operator]
        real, made = net(x), net(drawn)
    signs = beside(drawn.flatten(1), x.flatten(1))
    assert signs["variety"] > 0.85 and signs["unlike"] < 0.05
    asked = torch.arange(10).repeat_interleave(each)
    found = labels[torch.cdist(made, real).argmin(1)]
    assert (found == asked).float().mean() > 0.6


def test_portraits_are_drawn_as_they_are_told() -> None:
    """Light and dark skin, seen in the picture itself; and many at random are as various as real ones."""
    checkpoint = Checkpoint.open(MODELS["faces-diffusion"])
    assert MODELS["faces-diffusion"].stat().st_size < 8e6
    model, x = own_model(checkpoint), examples_of(checkpoint)
    assert x is not None and isinstance(model, Conditional)
    faces = {}
    with torch.no_grad():
        for skin in ("0.1", "0.9"):
            told = torch.tensor(values_told(checkpoint.conditions, [f"skin={skin}", "hair_style=short"]))
            faces[skin] = model.given(told).sample(4, torch.Generator().manual_seed(0))  # type: ignore[operator]
        drawn = model.sample(24, torch.Generator().manual_seed(0))  # type: ignore[operator]
    apart = faces["0.1"][..., FACE[0], FACE[1]].mean() - faces["0.9"][..., FACE[0], FACE[1]].mean()
    assert abs(apart) > 0.3
    signs = beside(drawn.flatten(1), x.flatten(1))
    assert signs["variety"] > 0.85 and signs["unlike"] < 0.05


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
