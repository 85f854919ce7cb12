"""The bare decoder, which the film strips of the window are measured beside."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec
from genexplorer.core.model import MODELS
from genexplorer.engine.explore import Decode
from genexplorer.engine.jobs import Job
from genexplorer.engine.query import answer


def fresh_checkpoint(path: Path, latent_dim: int) -> Checkpoint:
    """A 64 px VAE that learned nothing: it decodes as fast as one that did."""
    recipe, spec = MODELS["vae"].parse({"latent_dim": latent_dim}), DataSpec((3, 64, 64))
    return save_checkpoint(path, recipe.build(spec), recipe, DATASETS["faces"].parse({}), spec, 0)


def bare_seconds(checkpoint: Checkpoint, z: np.ndarray) -> float:
    """How long the decoder takes for all codes (B, D) in one batch, on as many cores as a panel has."""

    def work() -> Iterator[float]:
        start = time.perf_counter()
        list(answer(Decode(checkpoint, z)))
        yield time.perf_counter() - start

    job = Job(work, "genexplorer-bare", 1)
    job.join()
    seconds: float = job.drain()[0]
    return seconds
