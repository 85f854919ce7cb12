"""Illustrated portraits that we draw ourselves: every factor of every picture is known exactly."""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Split
from ..core.events import Progress
from ..core.recipe import knob
from ..sources import portrait
from ..sources.cache import Chunk, cached

_CHUNK, _JUDGED = 1024, 30_000


@DATASETS.register("faces")
class Faces(DatasetRecipe):
    """Portraits drawn from a scene of factors; a tenth as many again, of other people, are the test set."""

    title: ClassVar[str] = "Illustrated faces"
    about: ClassVar[str] = (
        "Portraits drawn by this program, with exact labels from smile to hair. Nothing to download, free to use."
    )

    size: int = knob(64, "Side of a picture", ge=16, le=128, unit="px")
    num: int = knob(20_000, "How many portraits to draw for training", ge=16, le=1_000_000)
    seed: int = knob(0, "Another seed draws other people", ge=0, le=2**31 - 1, advanced=True)
    dealt: bool = knob(
        False, "Deal out each factor by itself, so that none tells of another: beards on anyone", advanced=True
    )

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        folder = cache / f"faces-{self.size}-{self.num}-{self.seed}{'-dealt' * self.dealt}"
        train = yield from self._split(folder / "train", "Drawing faces", self.num, 2 * self.seed)
        test = yield from self._split(folder / "test", "Drawing test faces", -(-self.num // 10), 2 * self.seed + 1)
        return Data(DataSpec((3, self.size, self.size), portrait.FACTORS), train, test)

    def _split(self, folder: Path, what: str, num: int, seed: int) -> Generator[Progress, None, Split]:
        def chunks() -> Iterator[Chunk]:
            scene = self._scene(num, seed)
            with closing(portrait.drawn(scene, self.size, _CHUNK)) as drawn:
                yield from zip(drawn, torch.split(scene.labels(), _CHUNK), strict=True)

        key = {"source": "portrait", "version": portrait.RENDERER_VERSION, "seed": seed}
        shape = (3, self.size, self.size)
        images, labels, _ = yield from cached(folder, key, what, num, shape, len(portrait.FACTORS), chunks)
        return Split(images, labels)

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        """The first training portraits, uint8 (≤ num, 3, size, size)."""
        scene = self._scene(self.num, 2 * self.seed)
        return portrait.render(scene.rows(0, min(num, self.num)), self.size)

    def for_judging(self) -> "Faces":
        return self.model_copy(update={"dealt": True, "num": min(self.num, _JUDGED)})

    def _scene(self, num: int, seed: int) -> portrait.Scene:
        rng = torch.Generator().manual_seed(seed)
        people = portrait.sample(num, rng)
        return people.dealt(rng) if self.dealt else people
