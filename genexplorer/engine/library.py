"""What stands on the shelf: data sets with a picture each, and runs with what they are doing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DatasetRecipe, to_uint8
from genexplorer.core.errors import UserError

from .previews import sheet
from .query import examples_of
from .runs import Run, RunStore, Status
from .shipped import shipped_models


@dataclass(frozen=True)
class RunCard:
    """One run, told in a line and a picture."""

    run: Run
    family: str
    data: str
    step: int
    steps: int
    status: Status
    picture: np.ndarray | None  # uint8 (C, H, W)


@dataclass(frozen=True)
class DatasetCard:
    """One data set; `folder` is where it lies if it is one of the person's own."""

    recipe: DatasetRecipe
    title: str
    about: str
    folder: Path | None
    picture: np.ndarray | None  # uint8 (C, H, W)


@dataclass(frozen=True)
class ModelCard:
    """A trained model that comes with the program."""

    path: Path
    title: str
    family: str
    picture: np.ndarray | None  # uint8 (C, H, W)


def models() -> list[ModelCard]:
    """What comes with the program, the one to show first in front; a damaged one is left out."""
    cards = []
    for name, path in shipped_models().items():
        try:
            checkpoint = Checkpoint.open(path)
            examples = examples_of(checkpoint)
        except UserError:
            continue
        picture = None if examples is None else sheet(to_uint8(examples[:4]).numpy(), 2).transpose(2, 0, 1)
        cards.append(ModelCard(path, name.capitalize(), checkpoint.recipe.title, picture))
    return cards


def survey(store: RunStore) -> list[RunCard]:
    """All runs, newest first. A run that cannot be read is shown as broken, never left out."""
    cards = []
    for run in store.list():
        rows, previews = run.metrics(), run.previews()
        family, data, steps = "?", "?", 0
        try:
            info = run.info()
            family, data, steps = info.model.name, info.data.name, info.train.steps
        except UserError:
            pass
        step = int(rows[-1]["step"]) if rows else 0
        cards.append(
            RunCard(run, family, data, step, steps, run.status(), read_picture(previews[-1][1]) if previews else None)
        )
    return cards


def pictures(cache: Path, folders: Sequence[Path] = ()) -> Iterator[DatasetCard]:
    """The person's own folders and then every data set, with four of its images where they are quickly had."""
    for folder in folders:
        recipe = DATASETS["folder"].parse({"path": folder})
        picture = _four_images(recipe, cache)
        yield DatasetCard(recipe, folder.name, f"{recipe.title} in {folder}", folder, picture)
    for name in DATASETS:
        try:
            recipe = DATASETS[name].parse({})
        except UserError:
            continue  # it cannot be had without being told more, as a folder's path
        yield DatasetCard(recipe, recipe.title or name, recipe.about, None, _four_images(recipe, cache))


def examples(recipe: DatasetRecipe, num: int, cache: Path) -> np.ndarray:
    """A few images of a data set, uint8 (≤ num, C, H, W); none where they have to be fetched or made first."""
    return recipe.preview(num, cache).numpy()


def _four_images(recipe: DatasetRecipe, cache: Path) -> np.ndarray | None:
    try:
        images = examples(recipe, 4, cache)
    except UserError:
        return None
    return sheet(images, 2).transpose(2, 0, 1) if len(images) else None


def read_picture(path: Path) -> np.ndarray | None:
    """A preview's PNG as uint8 (C, H, W); None where it is gone or damaged."""
    try:
        with Image.open(path) as file:
            pixels = np.asarray(file)
    except (OSError, SyntaxError, ValueError):
        return None
    return np.ascontiguousarray(pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1))
