"""Denoising in frames: what they hold, what is the same again, and what a branch shares with its past."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS
from genexplorer.engine.denoise import (
    SAMPLER_NAMES,
    AddNoise,
    Denoise,
    DescribeNoise,
    Frame,
    NoiseCurves,
    Noisy,
    SamplerName,
    Start,
    Way,
)
from genexplorer.engine.query import answer

SPEC = DataSpec((1, 8, 8), (Label("kind", "class", ("a", "b", "c")),))


def saved(folder: Path, **settings: object) -> Checkpoint:
    torch.manual_seed(0)
    recipe = MODELS["ddpm"].parse({"width": 8, **settings})
    model = recipe.build(SPEC)
    for weight in model.parameters():  # an untrained one says next to nothing
        torch.nn.init.normal_(weight, 0, 0.2)
    if settings:
        model.seen_labels.copy_(torch.arange(len(model.seen_labels))[:, None] % 3)  # type: ignore[operator,union-attr,arg-type]
    return save_checkpoint(folder / "model.safetensors", model, recipe, DATASETS["digits"].parse({}), SPEC, 1)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return saved(tmp_path)


def frames(query: Denoise) -> list[Frame]:
    return list(answer(query))


@pytest.mark.parametrize("sampler", SAMPLER_NAMES)
def test_a_way_is_told_frame_by_frame(checkpoint: Checkpoint, sampler: SamplerName) -> None:
    told = frames(Denoise(checkpoint, Way(sampler, 6), num=3, seed=5))
    assert [frame.number for frame in told] == list(range(7)) and {frame.count for frame in told} == {6}
    assert all(a.t > b.t and a.calls <= b.calls and a.ms <= b.ms for a, b in pairwise(told))
    for frame in told:
        for picture in (frame.xt, frame.x0, frame.eps, frame.change):
            assert picture.shape == (3, 1, 8, 8) and picture.dtype == np.uint8
    assert told[-1].t == 0 and np.array_equal(told[-1].x0, told[-1].xt) and np.all(told[0].change == 128)
    again = frames(Denoise(checkpoint, Way(sampler, 6), num=3, seed=5))
    assert np.array_equal(told[-1].xt, again[-1].xt)


def test_an_image_is_the_same_wherever_it_stands(checkpoint: Checkpoint) -> None:
    way = Way("ddim", 5)
    many, one = (frames(Denoise(checkpoint, way, num=num, seed=seed)) for num, seed in ((4, 2), (1, 4)))
    assert np.abs(many[-1].xt[2].astype(int) - one[-1].xt[0]).max() <= 1


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "heun"])
def test_a_branch_has_the_same_past_and_another_future(checkpoint: Checkpoint, sampler: SamplerName) -> None:
    way = Way(sampler, 8)
    whole = frames(Denoise(checkpoint, way, num=2))
    branched = [
        frames(Denoise(checkpoint, way, seed=seed, start=Start(whole[3].state.astype(np.float32), whole[3].t, True)))
        for seed in (7, 8)
    ]
    assert branched[0][0].t == whole[3].t and len(branched[0]) == len(whole) - 3
    assert not np.array_equal(branched[0][-1].xt, branched[1][-1].xt)
    if sampler == "ddpm":
        assert np.abs(branched[0][0].xt.astype(int) - whole[3].xt).max() <= 1
    on = frames(Denoise(checkpoint, way, start=Start(whole[3].state.astype(np.float32), whole[3].t)))
    assert np.abs(on[0].x0.astype(int) - whole[3].x0).max() <= 3


def test_little_noise_over_an_image_leaves_it_and_much_does_not(checkpoint: Checkpoint) -> None:
    x = np.random.default_rng(0).integers(0, 256, (2, 1, 8, 8)).astype(np.uint8)
    little, much = (frames(Denoise(checkpoint, Way("ddim", 100), start=Start(x, t)))[0] for t in (10.0, 1000.0))
    assert little.t == 10 and np.abs(little.xt.astype(int) - x).mean() < 12 < np.abs(much.xt.astype(int) - x).mean()


def test_what_nobody_chose_is_as_training_images_have_it(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, condition=("kind",))
    free = frames(Denoise(checkpoint, Way("ddim", 3), num=6))
    assert free[0].told is not None and set(free[0].told[:, 0]) <= {0.0, 1.0, 2.0}
    fixed = frames(Denoise(checkpoint, Way("ddim", 3, given=(2.0,)), num=6))
    assert fixed[0].told is not None and set(fixed[0].told[:, 0]) == {2.0}
    same = free[0].told[:, 0] == 2
    assert (
        np.array_equal(free[-1].xt[same], fixed[-1].xt[same])
        or np.abs(free[-1].xt[same].astype(int) - fixed[-1].xt[same]).max() <= 1
    )
    kept = frames(
        Denoise(checkpoint, Way("ddim", 3), start=Start(free[1].state.astype(np.float32), free[1].t, told=free[1].told))
    )
    assert np.abs(kept[-1].xt.astype(int) - free[-1].xt).max() <= 3
    away = frames(Denoise(checkpoint, Way("ddim", 3, 2.0, (2.0,), (0.0,)), num=6))
    assert not np.array_equal(away[-1].xt, fixed[-1].xt)


def test_noise_is_added_by_any_schedule(checkpoint: Checkpoint) -> None:
    x = np.full((1, 8, 8), 200, np.uint8)
    (noisy,) = answer(AddNoise(checkpoint, x, 500.0, schedules=("cosine", "linear")))
    assert isinstance(noisy, Noisy) and noisy.pictures.shape == (3, 1, 8, 8)
    assert np.array_equal(noisy.pictures[0], noisy.pictures[1])  # its own is the cosine
    assert not np.array_equal(noisy.pictures[0], noisy.pictures[2])
    (clean,) = answer(AddNoise(checkpoint, x, 0.0))
    assert np.array_equal(clean.pictures[0], x)


def test_curves_are_those_of_the_schedule(checkpoint: Checkpoint) -> None:
    (curves,) = answer(DescribeNoise(checkpoint))
    assert isinstance(curves, NoiseCurves) and np.array_equal(curves.own, curves.named["cosine"])
    beta = NoiseCurves.beta(curves.named["linear"])
    assert beta[0] == pytest.approx(1e-4) and beta[-1] == pytest.approx(0.02)
    assert NoiseCurves.log_snr(curves.own)[499] == pytest.approx(0, abs=0.02)


def test_a_model_that_does_not_denoise_says_so(tmp_path: Path) -> None:
    recipe = MODELS["vae"].parse({"width": 4, "latent_dim": 2})
    other = save_checkpoint(
        tmp_path / "m.safetensors", recipe.build(SPEC), recipe, DATASETS["digits"].parse({}), SPEC, 1
    )
    with pytest.raises(UserError, match="open a diffusion model"):
        list(answer(Denoise(other, Way())))
