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
