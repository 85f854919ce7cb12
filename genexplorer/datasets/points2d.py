"""Points on the plane, of distributions whose density is known: what a model gets wrong can be seen and measured."""

from collections.abc import Generator
from pathlib import Path
from typing import ClassVar, Self

import torch
from pydantic import model_validator
from torch import Tensor

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split
from ..core.events import Progress
from ..core.recipe import knob
from ..sources.dots import REAL, dots
from ..sources.points import Distribution, Kind, distribution

_SEEN, _SIDE = 1000, 128  # points of a preview, and its pixels
_FAR = 2.0  # where a stroke may lead to


@DATASETS.register("points2d")
class Points2D(DatasetRecipe):
    """Each example is a point (x, y), float32, in about [-1, 1]."""

    title: ClassVar[str] = "Points"
    about: ClassVar[str] = (
        "Points on the plane: Gaussians on a ring or a grid, moons, spirals, a pinwheel, or what you draw. Models "
        "learn them in seconds, and what they get wrong is in plain sight."
    )
    pictured: ClassVar[str] = "Points on the plane, from −1.25 to 1.25"

    kind: Kind = knob("ring", "How the points lie; drawn: along strokes.")
    num: int = knob(10_000, "How many points to learn from.", ge=16, le=1_000_000)
    noise: float = knob(0.05, "Standard deviation around each Gaussian's middle, or around a line.", ge=0.005, le=1)
    modes: int = knob(8, "How many Gaussians on a ring or on a grid, and arms of a pinwheel.", ge=1, le=400)
    strokes: tuple[float, ...] = knob(
        (), "With drawn: straight pieces, x and y of where each begins and x and y of where it ends.", advanced=True
    )
    seed: int = knob(0, "Another seed draws other points.", ge=0, le=2**31 - 1, advanced=True)

    @model_validator(mode="after")
    def _drawn(self) -> Self:
        if len(self.strokes) % 4 or any(not abs(each) <= _FAR for each in self.strokes):
            raise ValueError(f"strokes should be four numbers for each piece, all from {-_FAR:g} to {_FAR:g}")
        if self.kind == "drawn" and not self.strokes:
            raise ValueError("there are no strokes yet; draw some in the Playground, or choose another kind")
        return self

    def distribution(self) -> Distribution:
        return distribution(self.kind, self.noise, self.modes, self.strokes)

    def density(self, points: Tensor) -> Tensor:
        """p(x) at points (N, 2), in closed form, per unit of area: float64 (N,)."""
        return self.distribution().density(points)

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        yield Progress("Drawing points", 0, self.num)
        drawn = self.distribution()
        labels = (Label("part", "class", tuple(map(str, range(drawn.parts)))),) if drawn.parts > 1 else ()
        rng = torch.Generator().manual_seed(self.seed)
        train, test = (self._split(drawn, num, rng, len(labels)) for num in (self.num, -(-self.num // 10)))
        yield Progress("Drawing points", self.num, self.num)
        return Data(DataSpec((2,), labels), train, test)

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        """One picture of many points, uint8 (1, 3, H, W)."""
        points, _ = self.distribution().sample(_SEEN, torch.Generator().manual_seed(self.seed))
        return dots([(points, REAL)], _SIDE)[None]

    def _split(self, drawn: Distribution, num: int, rng: torch.Generator, columns: int) -> Split:
        points, parts = drawn.sample(num, rng)
        return Split(Images(points), parts[:, None].float().expand(-1, columns).clone())
