"""Points on the plane: their density against an integral and against what is drawn, and training on them."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from genexplorer.core.data import DATASETS, Data, KnowsDensity, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.core.tensors import read_tensors
from genexplorer.engine.previews import picture_of, preview
from genexplorer.engine.query import examples_of
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import Step, train

STROKES = (-0.5, -0.5, 0.5, 0.5, 0.5, 0.5, 0.2, -0.6, 0.8, -0.8, 0.8, -0.8)
KINDS = {
    "ring": {},
    "grid": {"modes": 9},
    "moons": {},
    "spiral": {},
    "pinwheel": {"modes": 5},
    "drawn": {"strokes": STROKES},
}


def loaded(kind: str, **values: object) -> tuple[KnowsDensity, Data]:
    recipe = DATASETS["points2d"].parse({"kind": kind, **KINDS[kind], **values})
    assert isinstance(recipe, KnowsDensity)
    return recipe, drain(recipe.load(Path()))


def lattice(side: int, reach: float) -> tuple[torch.Tensor, float]:
    """Middles of side² cells, and the area of one."""
    line = (torch.arange(side).double() + 0.5) * (2 * reach / side) - reach
    return torch.cartesian_prod(line, line), (2 * reach / side) ** 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_density_integrates_to_one(kind: str) -> None:
    recipe, _ = loaded(kind)
    places, area = lattice(160, 2.0)
    assert float(recipe.density(places).sum()) * area == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_points_fall_as_their_density_says(kind: str) -> None:
    """Counts in 16 × 16 cells against the integral over each: χ², where at least 10 are to be expected."""
    recipe, data = loaded(kind, num=20_000)
    side, within, reach = 16, 8, 1.5
    places, area = lattice(side * within, reach)
    shares = (recipe.density(places) * area).view(side, within, side, within).sum((1, 3)).numpy()
    x = data.train.images.take(torch.arange(20_000)).numpy()
    counts = np.histogram2d(x[:, 0], x[:, 1], side, [[-reach, reach]] * 2)[0]
    many = shares * len(x) >= 10
    observed = np.append(counts[many], len(x) - counts[many].sum())
    expected = np.append(shares[many], 1 - shares[many].sum()) * len(x)
    observed, expected = (each if expected[-1] > 5 else each[:-1] for each in (observed, expected))
    assert chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 1e-3


def test_a_ring_is_the_mixture_that_it_is_said_to_be() -> None:
    recipe, data = loaded("ring", modes=8, noise=0.1)
    x = torch.tensor([[0.3, -0.2], [0.75, 0.0]])
    angle = torch.arange(8) * math.pi / 4
    far = (x[:, None] - 0.75 * torch.stack([angle.cos(), angle.sin()], 1)).square().sum(2)
    expected = torch.exp(-far / 0.02).mean(1) / (2 * math.pi * 0.01)
    assert torch.allclose(recipe.density(x).float(), expected, rtol=1e-5)
    part = data.train.labels[:, 0]
    assert data.spec.shape == (2,) and not data.spec.is_image and part.unique().tolist() == list(range(8))
    middle = torch.stack([data.train.images.take(torch.where(part == n)[0]).mean(0) for n in range(8)])
    assert torch.allclose(middle, 0.75 * torch.stack([angle.cos(), angle.sin()], 1), atol=0.02)


def test_points_are_floats_and_stay_what_they_are() -> None:
    _, data = loaded("moons", num=100)
    x = data.train.images.take(torch.arange(100))
    assert x.dtype == torch.float32 and torch.equal(to_float(x), x)
    assert torch.equal(to_float(torch.tensor([0, 255], dtype=torch.uint8)), torch.tensor([-1.0, 1.0]))
    assert len(data.test) == 10


def test_strokes_are_plain_numbers_and_wrong_ones_are_told() -> None:
    recipe = DATASETS["points2d"].parse({"kind": "drawn", "strokes": STROKES})
    assert recipe.to_json()["strokes"] == list(STROKES) and DATASETS["points2d"].parse(recipe.to_json()) == recipe
    for wrong in ((), (0.1, 0.2, 0.3), (0.0, 0.0, 9.0, 0.0), (0.0, 0.0, float("nan"), 0.0)):
        with pytest.raises(UserError, match="stroke"):
            DATASETS["points2d"].parse({"kind": "drawn", "strokes": wrong})


def test_a_preview_is_a_picture_of_real_and_made_points() -> None:
    _, data = loaded("ring", num=200)
    for family in ("gan", "vae"):
        model = MODELS[family].parse({"hidden": 16, "latent_dim": 2}).build(data.spec)
        picture = preview(model, data.test, 0)
        assert picture.shape[:2] == (1, 3) and picture.dtype == torch.uint8
        blue, orange = (picture[0, 2].int() - picture[0, 0].int()), (picture[0, 0].int() - picture[0, 2].int())
        assert (blue > 60).sum() > 20 and (orange > 60).sum() > 20


def test_what_cannot_be_of_points_is_told() -> None:
    _, data = loaded("ring", num=100)
    for family, values in (("vae", {"likelihood": "bernoulli"}), ("vqvae", {}), ("autoencoder", {}), ("denoising", {})):
        with pytest.raises(UserError):
            MODELS[family].parse(values).build(data.spec)


@pytest.mark.parametrize("family", ["gan", "vae"])
def test_a_run_on_points_that_was_stopped_and_resumed_is_the_same_run(family: str, tmp_path: Path) -> None:
    store, ends = RunStore(tmp_path), []
    for stops in (set(), {3, 5}):
        settings = TrainRecipe.parse(
            {"steps": 9, "batch_size": 16, "save_every": 4, "log_every": 2, "preview_every": 4}
        )
        data = DATASETS["points2d"].parse({"num": 200, "kind": "drawn", "strokes": STROKES})
        run = store.create(RunInfo(MODELS[family].parse({"hidden": 16, "latent_dim": 2}), data, settings))
        for _ in range(len(stops) + 1):
            work = train(run)
            for event in work:
                if isinstance(event, Step) and event.step in stops:
                    stops = stops - {event.step}
                    work.close()
        assert [step for step, _ in run.previews()] == [0, 4, 8, 9] and run.info().data == data
        ends.append((run.metrics(), read_tensors(run.resume_path)[0], run.checkpoint()))
    assert ends[0][0] == ends[1][0] and len(ends[0][0]) == 5
    assert all(torch.equal(value, ends[1][1][key]) for key, value in ends[0][1].items())
    checkpoint = ends[0][2]
    seen = examples_of(checkpoint)
    assert seen is not None and seen.shape == (20, 2) and seen.dtype == torch.float32
    assert picture_of(checkpoint.model().sample(50, torch.Generator().manual_seed(0))).shape[:2] == (1, 3)
