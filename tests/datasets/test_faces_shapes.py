from pathlib import Path

import pytest
import torch

from genexplorer.core.data import DATASETS, DatasetRecipe
from genexplorer.core.events import drain
from genexplorer.datasets import faces, shapes

RECIPES = [
    faces.Faces(size=32, num=40),
    shapes.Shapes(size=32, num=40),
    shapes.Shapes(size=16, num=40, colour=True),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.name}-{recipe.size}")
def test_loads_what_it_promises(recipe: DatasetRecipe, tmp_path: Path) -> None:
    data = drain(recipe.load(tmp_path))
    assert (len(data.train), len(data.test)) == (40, 4)
    for split in (data.train, data.test):
        images = split.images.take(torch.arange(len(split)))
        assert images.shape == (len(split), *data.spec.shape)
        assert images.dtype == torch.uint8
        assert split.labels.shape == (len(split), len(data.spec.labels))
        assert split.labels.dtype == torch.float32
        for label, column in zip(data.spec.labels, split.labels.unbind(1), strict=True):
            high = len(label.classes) - 1 if label.kind == "class" else label.high
            assert label.low <= column.min() <= column.max() <= high
    assert torch.equal(recipe.preview(5), data.train.images.take(torch.arange(5)))
    assert len(recipe.preview(1000)) == 40
    assert not torch.equal(data.test.labels, data.train.labels[:4])


@pytest.mark.parametrize("name", ["faces", "shapes"])
def test_is_drawn_once_and_again_only_for_another_renderer(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = DATASETS[name](size=16, num=20)  # type: ignore[call-arg]
    source, draw = (faces.portrait, "drawn") if name == "faces" else (shapes.sprites, "render")
    first = drain(recipe.load(tmp_path))
    monkeypatch.setattr(source, draw, lambda *_: pytest.fail("drawn twice"))
    again = drain(recipe.load(tmp_path))
    assert torch.equal(first.train.images.take(torch.arange(20)), again.train.images.take(torch.arange(20)))
    monkeypatch.setattr(source, "RENDERER_VERSION", 10**6)
    with pytest.raises(pytest.fail.Exception, match="drawn twice"):
        drain(recipe.load(tmp_path))


def test_seeds_give_other_pictures() -> None:
    a, b = (faces.Faces(size=16, num=20, seed=seed).preview(4) for seed in (0, 1))
    assert not torch.equal(a, b)


def test_dealt_factors_are_the_same_ones_and_tell_nothing_of_each_other() -> None:
    people = faces.portrait.sample(4000, torch.Generator().manual_seed(0))
    dealt = people.dealt(torch.Generator().manual_seed(1))
    assert torch.equal(people.labels().sort(0).values, dealt.labels().sort(0).values)
    linked, parted = (torch.corrcoef(scene.labels().T).fill_diagonal_(0).abs().max() for scene in (people, dealt))
    assert linked > 0.5
    assert parted < 0.08


def test_a_judge_of_faces_is_shown_dealt_ones(tmp_path: Path) -> None:
    recipe = faces.Faces(size=16, num=40)
    judging = recipe.for_judging()
    assert judging.dealt and judging.for_judging() == judging
    plain, dealt = (drain(each.load(tmp_path)) for each in (recipe, judging))
    assert not torch.equal(plain.train.labels, dealt.train.labels)
    again = drain(recipe.load(tmp_path))
    assert torch.equal(plain.train.labels, again.train.labels)
    assert shapes.Shapes().for_judging() == shapes.Shapes()
