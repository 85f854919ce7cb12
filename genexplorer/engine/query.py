"""A question of a checkpoint that answers itself: frozen, pure, NumPy out."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import to_float
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.tensors import read_tensors


@dataclass(frozen=True)
class Query:
    """A new question is a frozen dataclass with its fields and `answer`, beside the arithmetic that it asks for."""

    checkpoint: Checkpoint

    def answer(self, model: Model) -> Iterator[Any]:
        """What `model`, the checkpoint's own network, says: one answer, or a longer one in parts.

        Gradients are not recorded; a question that wants them turns them on.
        """
        raise NotImplementedError


def answer(query: Query) -> Iterator[Any]:
    """Ask a query of its checkpoint's network."""
    model = own_model(query.checkpoint)
    with torch.no_grad():
        yield from query.answer(model)


@lru_cache(maxsize=2)
def _model(path: Path, changed: int) -> tuple[Checkpoint, Model]:
    checkpoint = Checkpoint.open(path)
    return checkpoint, checkpoint.model()


def own_model(checkpoint: Checkpoint) -> Model:
    """The checkpoint's network, kept while the file stays the same."""
    try:
        changed = checkpoint.path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise UserError(f"{checkpoint.path} is gone; open a newer checkpoint.") from error
    return _model(checkpoint.path, changed)[1]


def examples_of(checkpoint: Checkpoint) -> Tensor | None:
    """Test images as floats, (N, C, H, W): beside the checkpoint, or in its run's folder; None where there are none."""
    if (path := examples_path(checkpoint)) is not None:
        images = read_tensors(path)[0].get("images")
        if images is not None and tuple(images.shape[1:]) == checkpoint.spec.shape:
            return to_float(images)
    return None


def examples_path(checkpoint: Checkpoint) -> Path | None:
    """Where the examples lie: beside the checkpoint, or in its run's folder; None where there are none."""
    folders = (checkpoint.path.parent, checkpoint.path.parents[1])
    return next((path for folder in folders if (path := folder / "examples.safetensors").exists()), None)
