"""The weights as training left them, beside their average, which is what a checkpoint holds."""

from functools import lru_cache
from pathlib import Path

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.tensors import read_header, read_tensors

from .runs import Run

_PREFIX = "model."


def raw_path(checkpoint: Checkpoint) -> Path | None:
    """Where the raw weights of the checkpoint's own step are; None where its run has gone on, or is not there."""
    folder = checkpoint.path.parent
    path = Run(folder.parent).resume_path
    try:
        there = folder.name == "checkpoints" and path.exists() and read_header(path)["step"] == checkpoint.step
    except (UserError, KeyError):
        return None
    return path if there else None


def raw_model(checkpoint: Checkpoint) -> Model:
    """A network of one's own with the raw weights of that step, in evaluation mode; UserError where there are none."""
    path = raw_path(checkpoint)
    if path is None:
        raise UserError(
            f"The raw weights of step {checkpoint.step:,} are not there: a run keeps those of its last save alone."
        )
    return _raw(checkpoint, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _raw(checkpoint: Checkpoint, path: Path, changed: int) -> Model:
    tensors, header = read_tensors(path)
    model = checkpoint.recipe.build(checkpoint.spec)
    weights = {name.removeprefix(_PREFIX): each for name, each in tensors.items() if name.startswith(_PREFIX)}
    try:
        if header["step"] != checkpoint.step:  # saved anew meanwhile
            raise UserError(f"{path} has gone on to another step; open the newest checkpoint.")
        model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    except (RuntimeError, KeyError) as error:
        raise UserError(f"{path} does not fit the {checkpoint.recipe.name} beside it.") from error
    return model.eval().requires_grad_(False)
