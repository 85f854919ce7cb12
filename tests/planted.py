"""A model whose codes are the factors of its data, so that what can be said of them is known beforehand."""

import itertools
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from genexplorer.core.checkpoint import save_checkpoint
from genexplorer.core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split, to_uint8
from genexplorer.core.events import Progress, drain
from genexplorer.core.model import MODELS, Model, ModelRecipe
from genexplorer.core.recipe import knob
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe

LABELS = (
    Label("colour of the left stripe", "class", ("black", "dark", "light", "white")),
    Label("wide", "binary"),
    Label("height", "number"),
    Label("depth", "number"),
)
AT = (4, 1, 0, 2)  # which number of the code each factor is; number 3 is dead


class Planted(Model):
    """Column c of an image is as light as factor c; the code is those, and one number that never changes."""

    latent_dim = 5

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def encode(self, x: Tensor) -> Tensor:
        light = x.mean((1, 2))  # (B, 5)
        z = torch.empty_like(light)
        z[:, [*AT, 3]] = light
        return z

    def decode(self, z: Tensor) -> Tensor:
        return z[:, [*AT, 3]].clamp(-1, 1)[:, None, None].expand(-1, 1, 5, -1)


class PlantedRecipe(ModelRecipe):
    title = "Planted"

    def build(self, spec: DataSpec) -> Model:
        return Planted()


class Everything(DatasetRecipe):
    """Each combination of the factors as often as any other, in one order to learn from and another to judge by."""

    title = "Everything"
    labelled: bool = knob(True, "Whether what is on the images is told.")

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        yield Progress("Drawing", 1, 1)
        levels = (torch.linspace(0, 1, 4), torch.arange(2.0), torch.linspace(0, 1, 5), torch.linspace(0, 1, 5))
        told = torch.tensor(list(itertools.product(*(range(len(each)) for each in levels)))).repeat(6, 1)
        parts = []
        for seed in (0, 1):
            rng = torch.Generator().manual_seed(seed)
            rows = told[torch.randperm(len(told), generator=rng)]
            light = torch.stack([each[rows[:, f]] for f, each in enumerate(levels)], 1)
            light = torch.cat([light, torch.full((len(rows), 1), 0.5)], 1) * 2 - 1
            x = to_uint8(light[:, None, None].expand(-1, 1, 5, -1))
            labels = torch.cat([rows[:, :2].float(), (light[:, 2:4] + 1) / 2], 1)
            parts.append(Split(Images(x.contiguous()), labels if self.labelled else labels[:, :0]))
        return Data(DataSpec((1, 5, 5), LABELS if self.labelled else ()), *parts)

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        return drain(self.load(Path())).train.images.take(torch.arange(num))


@contextmanager
def registered() -> Iterator[None]:
    """While it lasts, the family and the data set can be found by their names."""
    MODELS.register("planted")(PlantedRecipe)
    DATASETS.register("everything")(Everything)
    try:
        yield
    finally:
        del MODELS._found["planted"], DATASETS._found["everything"]


def planted_run(home: Path, name: str = "planted", labelled: bool = True) -> Run:
    """A run with one checkpoint."""
    data = Everything(labelled=labelled)
    run = RunStore(home).create(RunInfo(PlantedRecipe(), data, TrainRecipe.parse({})), name)
    save_planted(run, 10)
    return run


def save_planted(run: Run, step: int) -> None:
    data = run.info().data
    spec = drain(data.load(Path())).spec
    path = run.path / "checkpoints" / f"{step:08}.safetensors"
    save_checkpoint(path, Planted(), PlantedRecipe(), data, spec, step)
