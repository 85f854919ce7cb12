"""Trained models that come with the program, and how one is made of a run."""

from pathlib import Path

import torch

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.resources import resource
from genexplorer.core.tensors import disk_trouble, read_tensors, write_tensors

from .naming import load_named, save_named
from .query import examples_path

_FILE, _EXAMPLES = "model.safetensors", 256


def shipped_models() -> dict[str, Path]:
    """Checkpoints by the name of the folder that they lie in, the one to show first in front."""
    folders = resource("models").glob(f"*/{_FILE}")
    return {path.parent.name: path for path in sorted(folders, key=lambda path: (path.parent.name != "faces", path))}


def export_small(checkpoint: Checkpoint, folder: Path) -> Checkpoint:
    """Write a folder that opens anywhere: the weights in 16 bits, test images and named sliders beside them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_trouble(folder / _FILE, error) from error
    if (folder / _FILE).resolve() == checkpoint.path.resolve():
        raise UserError(f"{folder} holds the very model that is to be exported; choose another folder.")
    model = checkpoint.model().to(torch.float16)
    small = save_checkpoint(
        folder / _FILE, model, checkpoint.recipe, checkpoint.dataset, checkpoint.spec, checkpoint.step
    )
    if (path := examples_path(checkpoint)) is not None:
        few = {name: tensor[:_EXAMPLES] for name, tensor in read_tensors(path)[0].items()}
        write_tensors(folder / path.name, few, {})
    if (named := load_named(checkpoint)) is not None:
        save_named(small, named)
    return small
