"""Measures of a model whose answers are known."""

import math
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from genexplorer.core.data import Data, DataSpec, Images, Split, to_float
from genexplorer.core.events import Progress, drain
from genexplorer.core.metric import METRICS, Subject, Value
from genexplorer.core.model import Model
from genexplorer.engine.evaluate import Asked, evaluate
from genexplorer.engine.runs import Run
from genexplorer.engine.train import train


def data(count: int = 600) -> Data:
    x = torch.randint(0, 256, (count, 1, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    split = Split(Images(x), torch.zeros(count, 0))
    return Data(DataSpec((1, 8, 8)), split, split)


class Known(Model):
    """Redraws everything darker by a tenth of the scale, and scores an image by its mean."""

    latent_dim = 64

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def decode(self, z: Tensor) -> Tensor:
        return z.unflatten(1, (1, 8, 8)) - 0.2

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        mean = x.flatten(1).mean(1)
        return {"elbo": mean, "recon": -mean - 1, "kl": torch.ones(len(x))}


class FirstPixels:
    """Features that are pixels."""

    name = "pixels"

    def __call__(self, images: Images, what: str) -> Generator[Progress, None, Tensor]:
        yield Progress(what, len(images), len(images))
        return to_float(images.take(torch.arange(len(images)))).flatten(1)[:, :8]


def measure(name: str, model: Model) -> tuple[dict[str, Value], list[Progress]]:
    work, told = METRICS[name]().measure(Subject(model, data(), FirstPixels())), []
    while True:
        try:
            told.append(next(work))
        except StopIteration as end:
            return end.value, told


def test_reconstruction() -> None:
    values, told = measure("reconstruction", Known())
    assert values["mse"].value == pytest.approx(0.01, rel=1e-4)  # a tenth of 0…1, squared
    assert values["psnr"].value == pytest.approx(20, rel=1e-4)
    assert values["mse"].error == pytest.approx(0, abs=1e-6)
    assert told[-1].done == told[-1].total == 600 and [p.done for p in told] == sorted({p.done for p in told})


def test_elbo() -> None:
    values, _ = measure("elbo", Known())
    mean = to_float(data().test.images.take(torch.arange(600))).flatten(1).mean(1)
    assert values["elbo"].value == pytest.approx(mean.mean().item(), rel=1e-4)
    assert values["elbo"].error == pytest.approx(mean.std().item() / math.sqrt(600), rel=1e-3)
    assert values["bits_per_dim"].value == pytest.approx(-mean.mean().item() / math.log(2) / 64, rel=1e-4)
    assert values["kl"].value == 1 and values["elbo"].unit == "nats per image"


def test_only_what_a_model_can_is_asked(new_run: Callable[..., Run], tmp_path: Path) -> None:
    run = new_run(steps=5)
    list(train(run))
    first, second, other = (
        drain(evaluate(run.checkpoint(), tmp_path, Asked(("elbo", "reconstruction"), seed))) for seed in (0, 0, 1)
    )
    assert first == second and {"elbo", "kl", "recon", "bits_per_dim", "mse", "psnr"} <= first.keys()
    assert first["elbo"] != other["elbo"] and first["mse"] == other["mse"]
    # by hand, on the same test images
    images = drain(run.info().data.load(tmp_path)).test.images
    x = to_float(images.take(torch.arange(len(images))))
    model = run.checkpoint().model()
    mse = (model.decode(model.encode(x)) - x).square().mean() / 4  # type: ignore[operator]
    assert first["mse"].value == pytest.approx(mse.item(), rel=1e-4)
