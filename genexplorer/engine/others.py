"""Images that a model did not learn from: other data sets brought to its form, noise, and flat colours."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DatasetRecipe
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model

from .at_hand import test_images
from .query import Query
from .runs import RunStore

NUM = 500
_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow turns colour to grey
_LOOKS = {"size", "num", "seed", "channels", "colour", "fit", "test_share"}  # settings that make no other source


@dataclass(frozen=True)
class Other:
    """What is held against a model's test images; `recipe` where it is a data set."""

    title: str
    kind: Literal["data", "training", "noise", "flat"]
    recipe: DatasetRecipe | None = None


@dataclass(frozen=True)
class LookForOthers(Query):
    """What there is to hold against this model: the data sets of the library and of all runs, those that are at hand
    without a download; the answer is (Other, …)."""

    store: RunStore

    def answer(self, model: Model) -> Iterator[tuple[Other, ...]]:
        cache = self.store.cache
        found = [Other("Uniform noise", "noise"), Other("Flat colours", "flat")]
        shown = test_images(self.checkpoint, cache)
        if shown is not None and shown.train is not None:
            found.append(Other("Its training images", "training"))
        own = _source(self.checkpoint.dataset)
        for source, recipe in sorted(_recipes(self.store), key=lambda each: each[0]):
            if source == own:
                continue
            own_form = adapted(recipe, self.checkpoint.spec.shape)
            try:
                if len(own_form.preview(1, cache)):
                    found.append(Other(_title(recipe), "data", own_form))
            except (UserError, OSError):
                continue  # it cannot be had now
        yield tuple(found)


def take(other: Other, checkpoint: Checkpoint, cache: Path) -> Tensor:
    """Up to 500 of its images in the model's form, uint8 (N, C, H, W)."""
    shape, rng = checkpoint.spec.shape, torch.Generator().manual_seed(0)
    match other.kind:
        case "noise":
            return torch.randint(0, 256, (NUM, *shape), generator=rng, dtype=torch.uint8)
        case "flat":
            colours = torch.randint(0, 256, (NUM, shape[0], 1, 1), generator=rng, dtype=torch.uint8)
            return colours.expand(NUM, *shape).contiguous()
        case "training":
            shown = test_images(checkpoint, cache)
            if shown is None or shown.train is None:
                raise UserError("The images that this model learnt from are not there any more; choose another set.")
            total = len(shown.train)
            return shown.train.take(torch.arange(min(NUM, total)) * total // min(NUM, total))
        case _:
            assert other.recipe is not None
            return _previewed(other.recipe, shape, cache)


@lru_cache(maxsize=4)
def _previewed(recipe: DatasetRecipe, shape: tuple[int, ...], cache: Path) -> Tensor:
    images = recipe.preview(NUM, cache)
    if not len(images):
        raise UserError(f"The images of {_title(recipe)} are not there any more; choose another set.")
    return fitted(images, shape)


def adapted(recipe: DatasetRecipe, shape: tuple[int, ...]) -> DatasetRecipe:
    """The recipe for images of this shape, as near as its own settings come: `fitted` does the rest."""
    channels, _, side = shape
    values: dict[str, Any] = recipe.model_dump()
    if "channels" in values:
        values["channels"] = "gray" if channels == 1 else "rgb"
    if "colour" in values:
        values["colour"] = channels == 3
    for size in (side, 2 * side, 4 * side):  # larger, where it draws none so small
        if "size" not in values:
            break
        try:
            return type(recipe).parse(values | {"size": size})
        except UserError:
            continue
    return type(recipe).parse(values)


def fitted(images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """uint8 (N, C, H, W) in another number of channels and another size, antialiased."""
    channels, height, width = shape
    if images.shape[1] != channels and channels == 1:
        images = (images * torch.tensor(_GREY)[:, None, None]).sum(1, keepdim=True).round().to(torch.uint8)
    elif images.shape[1] != channels:
        images = images.expand(-1, channels, -1, -1)
    if images.shape[-2:] != (height, width):
        images = interpolate(images.contiguous(), (height, width), mode="bilinear", antialias=True)
    return images.contiguous()


def _recipes(store: RunStore) -> list[tuple[tuple[str, ...], DatasetRecipe]]:
    """One of each source: those of the library as they come, and those that runs were trained on."""
    found: dict[tuple[str, ...], DatasetRecipe] = {}
    recipes = []
    for run in store.list():
        try:
            recipes.append(run.info().data)
        except UserError:
            continue  # the library says that it is broken
    for name in DATASETS:
        try:
            recipes.append(DATASETS[name].parse({}))
        except UserError:
            continue  # it cannot be had without being told more
    for recipe in recipes:
        if not recipe.pictured:  # else its examples are no images
            found.setdefault(_source(recipe), recipe)
    return list(found.items())


def _source(recipe: DatasetRecipe) -> tuple[str, ...]:
    kept = {key: value for key, value in recipe.model_dump().items() if key not in _LOOKS}
    return (recipe.name, *(str(value) for value in kept.values()))


def _title(recipe: DatasetRecipe) -> str:
    """Its title, with what tells it from others of its kind."""
    values = recipe.model_dump()
    told = values.get("which") or getattr(values.get("path"), "name", "")
    return f"{recipe.title or recipe.name}: {told}" if told else recipe.title or recipe.name
