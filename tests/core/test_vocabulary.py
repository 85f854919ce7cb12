"""Recipes, registries, data in memory: what everything else is said with."""

import math
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.data import Batch, Images, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress, drain
from genexplorer.core.model import MODELS
from genexplorer.core.recipe import Recipe, knob
from genexplorer.core.registry import Registry


class Tea(Recipe):
    name = "tea"
    minutes: int = knob(3, "How long it draws.", ge=1, le=10, unit="min")
    milk: bool = knob(False, "Whether milk is added.")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"minutes": 0}, "tea: minutes should be greater than or equal to 1, got 0."),
        ({"minutes": 11}, "tea: minutes should be less than or equal to 10, got 11."),
        ({"milk": "perhaps"}, "tea: milk should be a valid boolean, unable to interpret input, got 'perhaps'."),
        ({"sugar": 1}, "tea: there is no setting called 'sugar'; it may come from a newer version."),
    ],
)
def test_a_recipe_says_what_is_wrong(values: dict[str, object], said: str) -> None:
    with pytest.raises(UserError) as caught:
        Tea.parse(values)
    assert str(caught.value) == said


def test_a_recipe_round_trips_and_stays() -> None:
    tea = Tea.parse({"name": "tea", "minutes": 5})
    assert tea.to_json() == {"name": "tea", "minutes": 5, "milk": False}
    assert Tea.parse(tea.to_json()) == tea
    with pytest.raises(ValueError, match="frozen"):
        tea.minutes = 6  # type: ignore[misc]
    field = Tea.model_fields["minutes"]
    assert field.description == "How long it draws. [min]"


def test_every_registered_family_round_trips() -> None:
    for name in MODELS:
        recipe = MODELS[name].parse({})
        assert MODELS[name].parse(recipe.to_json()) == recipe and recipe.name == name
        assert recipe.title and recipe.about
        assert all(field.description for field in type(recipe).model_fields.values())


def test_registry_suggests() -> None:
    registry: Registry[object] = Registry("tea")

    @registry.register("assam")
    class Assam:
        pass

    @registry.register("sencha")
    class Sencha:
        pass

    assert registry["assam"] is Assam and Assam.name == "assam"  # type: ignore[attr-defined]
    assert list(registry) == ["assam", "sencha"] and len(registry) == 2 and "sencha" in registry
    with pytest.raises(UserError, match=r"There is no tea called 'asam'; did you mean 'assam'\?"):
        registry["asam"]
    with pytest.raises(UserError, match="there are: assam, sencha"):
        registry["coffee"]
    with pytest.raises(ValueError, match="two teas are called 'assam'"):
        registry.register("assam")(Sencha)


def test_bytes_and_floats_are_exact_inverses() -> None:
    x = torch.arange(256, dtype=torch.uint8)
    floats = to_float(x)
    assert floats[0] == -1 and floats[255] == 1 and torch.equal(to_uint8(floats), x)
    assert torch.equal(to_uint8(torch.tensor([-7.0, 7.0, 0.999])), torch.tensor([0, 255, 255], dtype=torch.uint8))


@pytest.mark.parametrize("keep", [100, 64 << 20])
def test_mapped_images_are_those_in_memory(tmp_path: Path, keep: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when pages are let go after every read, and what is taken is a copy that is one's own."""
    monkeypatch.setattr(Images, "_KEEP", keep)
    array = np.random.default_rng(0).integers(0, 256, (50, 3, 9, 9), np.uint8)
    path = tmp_path / "x.raw"
    path.write_bytes(array.tobytes())
    mapped, memory = Images.mapped(path, array.shape), Images(torch.from_numpy(array))
    assert mapped.shape == memory.shape == array.shape and len(mapped) == 50
    rng = torch.Generator().manual_seed(0)
    for _ in range(20):
        indices = torch.randint(50, (8,), generator=rng)
        taken = mapped.take(indices)
        assert torch.equal(taken, memory.take(indices)) and np.array_equal(taken.numpy(), array[indices.numpy()])
        taken.zero_()
    assert path.read_bytes() == array.tobytes()


@pytest.mark.parametrize("world", [1, 2, 4])
def test_processes_draw_one_noise(world: int) -> None:
    def noise(draw: str, world: int) -> torch.Tensor:
        rows = torch.empty(8, 3)
        for rank in range(world):
            x = torch.zeros(8 // world, 1, 2, 2)
            rng = torch.Generator().manual_seed(4)
            rows[rank::world] = getattr(Batch(x, torch.zeros(len(x), 0), rng, 1, rank, world), draw)(3)
        return rows

    for draw in ("randn", "rand"):
        assert torch.equal(noise(draw, world), noise(draw, 1))
    assert noise("rand", 1).min() >= 0 and noise("rand", 1).max() < 1 and noise("randn", 1).min() < 0


def test_drain_gives_the_result() -> None:
    def work() -> Generator[Progress, None, float]:
        yield Progress("a", 0, 1)
        return math.pi

    assert drain(work()) == math.pi
