"""Queries about many codes: find the codes of pictures, draw the codes of a way, a part at a time."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from genexplorer.core.data import to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model

from .explore import decode, encode, only_draws, read_image
from .inversion import find_code
from .query import Query
from .seeds import Sheet, codes

SEEDS = 1_000_000
"""What a random code is drawn by is one of so many."""
PART = 16  # images that are drawn at once: enough to use the processor well, few enough to drop the rest soon


@dataclass(frozen=True, eq=False)
class Seed:
    """The code that the model draws by this number."""

    number: int


Source = Path | np.ndarray | Seed


@dataclass(frozen=True, eq=False)
class Gathered:
    """A source with its code z (D,) and what the model draws from it, uint8 (C, H, W); or why there is none."""

    source: Source
    z: np.ndarray
    picture: np.ndarray
    error: str = ""


@dataclass(frozen=True, eq=False)
class Gather(Query):
    """The codes and drawings of picture files, codes (D,) and seeds: one Gathered for each, in order, and Progress
    where a code has to be looked for."""

    sources: tuple[Source, ...]

    def answer(self, model: Model) -> Iterator[Gathered | Progress]:
        for source in self.sources:
            try:
                z = yield from self._code(model, source)
                yield Gathered(source, z, decode(model, z[None])[0])
            except UserError as error:
                yield Gathered(source, np.zeros(0, np.float32), np.zeros((0, 0, 0), np.uint8), str(error))

    def _code(self, model: Model, source: Source) -> Generator[Progress, None, np.ndarray]:
        if isinstance(source, Seed):
            return codes(model, Sheet(source.number, 1, 1))[0].numpy()
        if isinstance(source, np.ndarray):
            return np.asarray(source, np.float32)
        picture = read_image(source, self.checkpoint.spec.shape)
        if only_draws(model):
            return (yield from self._found(model, source, picture))
        return encode(model, to_float(torch.from_numpy(picture))[None])

    def _found(self, model: Model, path: Path, picture: np.ndarray) -> Generator[Progress, None, np.ndarray]:
        z = np.zeros(self.checkpoint.latent_dim, np.float32)
        for part in find_code(self.checkpoint, model, picture, z, np.zeros((0, len(z)), np.float32)):
            if isinstance(part, Progress):
                yield part
            else:
                z = part.z
                yield Progress(f"Looking for the code of {path.name}", part.step, part.steps)
        return z


@dataclass(frozen=True, eq=False)
class DrawAll(Query):
    """Draw codes z (N, D): uint8 (n, C, H, W) in parts that follow each other, the first of them soonest."""

    z: np.ndarray

    def answer(self, model: Model) -> Iterator[np.ndarray]:
        for start in range(0, len(self.z), PART):
            yield decode(model, self.z[start : start + PART])
