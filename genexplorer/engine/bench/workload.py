"""What all training rows train: a VAE on Fashion-MNIST, batches of 128, on two threads."""

import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from genexplorer.core.data import DATASETS, Data
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS, ModelRecipe

from ..runs import Run, RunInfo, RunStore
from ..settings import Hardware, TrainRecipe
from ..train import Step, train
from .rows import Missing

BATCH, THREADS = 128, 2
FOREVER = 1_000_000


def conv_vae(**knobs: Any) -> ModelRecipe:
    """205,826 weights, of the smallest kind that people train."""
    return MODELS["vae"].parse({"width": 32, "latent_dim": 16, "likelihood": "gaussian", **knobs})


def mlp_vae() -> ModelRecipe:
    """784-400-20, Bernoulli: PyTorch's own example (github.com/pytorch/examples, vae/main.py)."""
    return MODELS["vae"].parse({"network": "mlp", "hidden": 400, "latent_dim": 20, "likelihood": "bernoulli"})


def load(cache: Path) -> Data:
    """Fashion-MNIST, from Debian's package or downloaded."""
    try:
        return drain(DATASETS["fashion"]().load(cache))
    except UserError as error:
        raise Missing(f"no Fashion-MNIST: {error}") from error


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder for a while, and two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    finally:
        torch.set_num_threads(before)


def new_run(home: Path, model: ModelRecipe, **settings: Any) -> Run:
    recipe = TrainRecipe.parse({"steps": FOREVER, "batch_size": BATCH, **settings})
    return RunStore(home).create(RunInfo(model, DATASETS["fashion"](), recipe))


def steps_of(run: Run) -> Generator[int, None, None]:
    """Our whole loop, with all that it logs, draws and saves."""
    for event in train(run, Hardware(accelerator="cpu", threads=THREADS)):
        if isinstance(event, Step):
            yield BATCH
