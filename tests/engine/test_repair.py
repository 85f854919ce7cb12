"""Repairs asked as a panel does: what is left, what comes, and how like the truth it is told to be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS
from genexplorer.engine.denoise import Frame, Way
from genexplorer.engine.features import read_net, shipped_path
from genexplorer.engine.query import answer
from genexplorer.engine.repair import Compare, Damage, Damaged, Repair, Repaired

X = np.random.default_rng(0).integers(0, 256, (3, 8, 8)).astype(np.uint8)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    torch.manual_seed(0)
    spec, recipe = DataSpec((3, 8, 8)), MODELS["ddpm"].parse({"width": 8})
    model = recipe.build(spec)
    return save_checkpoint(tmp_path / "model.safetensors", model, recipe, DATASETS["digits"].parse({}), spec, 1)


def asked(query: Repair) -> tuple[Damaged, list[Frame], Repaired]:
    first, *middle, last = answer(query)
    assert isinstance(first, Damaged) and isinstance(last, Repaired)
    return first, [each for each in middle if isinstance(each, Frame)], last


@pytest.mark.parametrize("turns", [1, 3])
def test_what_is_not_hidden_stays(checkpoint: Checkpoint, turns: int) -> None:
    hidden = np.zeros((8, 8), bool)
    hidden[2:5, 3:7] = True
    left, frames, made = asked(Repair(checkpoint, X, Damage(), Way("ddim", 8), hidden, num=2, turns=turns))
    assert np.all(left.x[:, hidden] == 128) and np.array_equal(left.x[:, ~hidden], X[:, ~hidden])
    assert made.x.shape == (2, 3, 8, 8) and np.abs(made.x[..., ~hidden].astype(int) - X[:, ~hidden]).max() <= 2
    assert not np.array_equal(made.x[0][:, hidden], made.x[1][:, hidden])
    assert [frame.number for frame in frames] == list(range(len(frames))) and frames[-1].number == frames[-1].count
    mse = np.square((made.x.astype(float) - X) / 255).reshape(2, -1).mean(1)
    assert made.psnr == pytest.approx(-10 * np.log10(mse), rel=1e-3)


@pytest.mark.parametrize(
    ("damage", "same"),
    [
        (Damage("coarse", factor=4), lambda x: x.reshape(-1, 3, 2, 4, 2, 4).mean((3, 5))),
        (Damage("grey"), lambda x: x.mean(1)),
    ],
)
def test_what_is_left_of_the_repaired_is_what_was_left_of_the_true(
    checkpoint: Checkpoint, damage: Damage, same
) -> None:  # type: ignore[no-untyped-def]
    _, _, made = asked(Repair(checkpoint, X, damage, Way("ddim", 8)))
    inside = (made.x > 0) & (made.x < 255)  # what lies beyond black and white is cut
    assert inside.mean() > 0.5
    assert np.abs(same(made.x.astype(float)) - same(X[None].astype(float))).mean() < 12


def test_grey_images_have_no_colour_to_lose(tmp_path: Path) -> None:
    spec, recipe = DataSpec((1, 9, 9)), MODELS["ddpm"].parse({"width": 8})
    grey = save_checkpoint(
        tmp_path / "m.safetensors", recipe.build(spec), recipe, DATASETS["digits"].parse({}), spec, 1
    )
    for damage, sentence in ((Damage("grey"), "no colour"), (Damage("coarse", factor=4), "cannot be cut")):
        with pytest.raises(UserError, match=sentence):
            list(answer(Repair(grey, np.zeros((1, 9, 9), np.uint8), damage, Way())))


def test_a_blurred_image_is_seen_as_it_is(checkpoint: Checkpoint) -> None:
    x = np.zeros((3, 8, 8), np.uint8)
    x[:, 4, 4] = 255
    left, _, _ = asked(Repair(checkpoint, x, Damage("blur", sigma=1.0), Way("ddim", 2)))
    bell = np.exp(-0.5 * np.arange(-4, 4) ** 2)
    bell /= bell.sum()
    assert np.abs(left.x[0].astype(float) - 255 * bell[:, None] * bell).max() < 6  # faint parts are taken for lost


def test_distances_are_those_of_the_features_that_ship(tmp_path: Path) -> None:
    dataset, spec, recipe = DATASETS["digits"].parse({}), DataSpec((1, 8, 8)), MODELS["ddpm"].parse({"width": 8})
    grey = save_checkpoint(tmp_path / "m.safetensors", recipe.build(spec), recipe, dataset, spec, 1)
    *_, far = answer(Compare(grey, tmp_path, np.stack([X[:1], X[1:2]]), X[:1]))
    net = read_net(shipped_path(dataset))
    a, b = (net(torch.from_numpy(X[None, n : n + 1]).float() / 127.5 - 1) for n in (0, 1))
    assert far == pytest.approx([0.0, float((a - b).norm())], rel=1e-3, abs=1e-4)


def test_of_images_that_no_features_are_known_of_no_distance_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    assert not list(answer(Compare(checkpoint, tmp_path, X[None], X)))
