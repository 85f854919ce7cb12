"""Single shapes with exact factors, for what a model does with them (after dSprites, Matthey et al. 2017)."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Split
from ..core.events import Progress
from ..core.recipe import knob
from ..sources import sprites
from ..sources.cache import Chunk, cached

_CHUNK = 1024


@DATASETS.register("shapes")
class Shapes(DatasetRecipe):
    """One shape on black: its kind, scale, rotation and place, and its hue where there is colour."""

    title: ClassVar[str] = "Shapes"
    about: ClassVar[str] = (
        "Squares, ellipses, hearts, triangles and stars with exactly known factors, as dSprites. Made to see what "
        "each latent variable learns."
    )

    size: int = knob(32, "Side of a picture", ge=16, le=128, unit="px")
    num: int = knob(20_000, "How many shapes to draw for training", ge=16, le=1_000_000)
    colour: bool = knob(False, "Whether hue is a factor too; otherwise shapes are white")
    seed: int = knob(0, "Another seed draws other shapes", ge=0, le=2**31 - 1, advanced=True)

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        folder = cache / f"shapes-{self.size}-{self.num}-{'colour' if self.colour else 'white'}-{self.seed}"
        train = yield from self._split(folder / "train", "Drawing shapes", self.num, 2 * self.seed)
        test = yield from self._split(folder / "test", "Drawing test shapes", -(-self.num // 10), 2 * self.seed + 1)
        return Data(DataSpec(self._shape, sprites.factors(self.colour)), train, test)

    @property
    def _shape(self) -> tuple[int, int, int]:
        return (3 if self.colour else 1, self.size, self.size)

    def _split(self, folder: Path, what: str, num: int, seed: int) -> Generator[Progress, None, Split]:
        def chunks() -> Iterator[Chunk]:
            labels = sprites.sample(num, self.colour, torch.Generator().manual_seed(seed))
            for start in range(0, num, _CHUNK):
                part = labels[start : start + _CHUNK]
                yield sprites.render(part, self.size), part

        key = {"source": "sprites", "version": sprites.RENDERER_VERSION, "seed": seed}
        columns = len(sprites.factors(self.colour))
        images, labels, _ = yield from cached(folder, key, what, num, self._shape, columns, chunks)
        return Split(images, labels)

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        """The first training shapes, uint8 (≤ num, C, size, size)."""
        labels = sprites.sample(self.num, self.colour, torch.Generator().manual_seed(2 * self.seed))
        return sprites.render(labels[:num], self.size)
