"""Samples that are taken away: one sheet, a picture for each, or their numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.tensors import replace_file

from .keepsake import keepsake, write_picture

_PAPER = 255


@dataclass(frozen=True, eq=False)
class Picked:
    """seeds (N,), codes z (N, D), images x, uint8 (N, C, H, W), D's logits (N,) where there is a D."""

    seeds: np.ndarray
    z: np.ndarray
    x: np.ndarray
    scores: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    def at(self, places: np.ndarray) -> "Picked":
        scores = None if self.scores is None else self.scores[places]
        return Picked(self.seeds[places], self.z[places], self.x[places], scores)


def write_sheet_of(path: Path, picked: Picked, columns: int, scale: int = 1) -> Iterator[Progress]:
    """One PNG of all, `columns` wide, a pixel of white between; each pixel becomes a square of `scale`."""
    count, channels, height, width = picked.x.shape
    rows = -(-count // columns)
    tall, wide = height * scale + 1, width * scale + 1
    page = np.full((channels, rows * tall - 1, columns * wide - 1), _PAPER, np.uint8)
    for n, image in enumerate(picked.x):
        top, left = n // columns * tall, n % columns * wide
        page[:, top : top + height * scale, left : left + width * scale] = image.repeat(scale, 1).repeat(scale, 2)
    write_picture(path, page, None)
    yield Progress("samples", count, count)


def write_pictures(folder: Path, checkpoint: Checkpoint, picked: Picked) -> Iterator[Progress]:
    """A PNG for each that carries its code, called by its seed; of two of one seed, the second has a number more."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder} to write pictures to; choose one that is there.")
    taken: dict[str, int] = {}
    for n, (seed, z, x) in enumerate(zip(picked.seeds, picked.z, picked.x, strict=True)):
        name = f"seed-{seed:06.0f}" if seed == round(seed) else f"seed-{seed:09.2f}"
        taken[name] = taken.get(name, 0) + 1
        again = f"-{taken[name]}" if taken[name] > 1 else ""
        whole = int(seed) if seed == round(seed) else None
        write_picture(folder / f"{name}{again}.png", x, keepsake(checkpoint, z, whole))
        yield Progress("samples", n + 1, len(picked))


def write_numbers(path: Path, picked: Picked) -> Iterator[Progress]:
    """An NPZ with `seeds`, `z`, `images` and, where there is a D, its logits `scores`."""
    content = BytesIO()
    told: dict[str, Any] = {} if picked.scores is None else {"scores": picked.scores}
    np.savez_compressed(content, seeds=picked.seeds, z=picked.z, images=picked.x, **told)
    replace_file(path, content.getvalue())
    yield Progress("samples", len(picked), len(picked))
