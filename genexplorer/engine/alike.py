"""Runs that can stand beside one another: their images are of one shape."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model

from .query import Query
from .runs import RunStore
from .shipped import shipped_models


@dataclass(frozen=True)
class Choice:
    """A run's newest checkpoint, or a model that comes with the program, by the name that a person knows it by."""

    name: str
    checkpoint: Checkpoint

    @property
    def about(self) -> str:
        return f"{self.checkpoint.recipe.title}, step {self.checkpoint.step:,}"


@dataclass(frozen=True)
class FindAlike(Query):
    """All of a home whose images have the shape of this checkpoint's, newest first; a damaged one is left out."""

    home: Path

    def answer(self, model: Model) -> Iterator[tuple[Choice, ...]]:
        yield alike(self.home, self.checkpoint.spec.shape)


def alike(home: Path, shape: tuple[int, ...]) -> tuple[Choice, ...]:
    found = []
    for run in RunStore(home).list():
        try:
            found.append(Choice(run.name, run.checkpoint()))
        except UserError:
            continue
    for name, path in shipped_models().items():
        try:
            found.append(Choice(name, Checkpoint.open(path)))
        except UserError:
            continue
    return tuple(choice for choice in found if choice.checkpoint.spec.shape == shape)


def name_of(checkpoint: Checkpoint) -> str:
    """What a person knows a checkpoint by: its run's name, or its folder's where it comes with the program."""
    folder = checkpoint.path.parent
    return folder.parent.name if folder.name == "checkpoints" else folder.name
