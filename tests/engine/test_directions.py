"""Directions of attributes where the truth is known: codes that are a linear function of labels."""

import numpy as np
import pytest
import torch
from torch import nn

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec, Label
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.engine.attributes import attributes_of, columns
from genexplorer.engine.axes import Axes
from genexplorer.engine.directions import along_normals, fit, mean_differences, separated, standardised
from genexplorer.engine.naming import Named, load_named, measure, save_named

D, N = 6, 4000
APART = np.arange(3)  # three families


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes z = y A + noise of labels of which the second mostly follows the first."""
    rng = np.random.default_rng(0)
    first = rng.standard_normal(N)
    second = (0.8 * first + 0.6 * rng.standard_normal(N)) > 0
    third = rng.uniform(-1, 1, N)
    y = standardised(np.stack([first, second, third], 1).astype(np.float32))
    truth = rng.standard_normal((3, D)).astype(np.float32)
    return y @ truth + 0.3 * rng.standard_normal((N, D)).astype(np.float32), y, truth


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))


def test_holding_the_others_fixed_finds_each_attributes_own_direction(world: tuple[np.ndarray, ...]) -> None:
    z, y, truth = world
    np.testing.assert_allclose(mean_differences(z, y, APART), truth, atol=0.03)
    loose = mean_differences(z, y, APART, hold_fixed=False)
    assert cosine(loose, truth)[0] < 0.99  # it also goes where the attribute that comes along goes
    on, off = z[y[:, 1] > 0].mean(0), z[y[:, 1] <= 0].mean(0)
    assert cosine(loose[1:2], (on - off)[None])[0] == pytest.approx(1.0, abs=1e-4)


def test_what_goes_with_an_attribute_by_nature_is_not_held_fixed(world: tuple[np.ndarray, ...]) -> None:
    """The first two as one family: each takes the other along as far as they go together, and spares the third."""
    z, y, truth = world
    together = float((y[:, 0] * y[:, 1]).mean())
    found = mean_differences(z, y, np.array([0, 0, 1]))
    np.testing.assert_allclose(found[0], truth[0] + together * truth[1], atol=0.05)
    np.testing.assert_allclose(found[2], truth[2], atol=0.03)
    assert [a.family for a in attributes_of((Label("age", "number"), Label("grey", "number", sign_of="age")))] == [0, 0]


@pytest.mark.parametrize("method", ["logistic", "svm"])
def test_planes_tell_attributes_apart_and_are_crossed_alone(world: tuple[np.ndarray, ...], method: str) -> None:
    z, y, truth = world
    directions = fit(z, y, np.array([False, True, False]), APART, method)  # type: ignore[arg-type]
    assert (cosine(directions, truth) > 0.8).all()
    reader = np.linalg.lstsq(truth.T, np.eye(D), rcond=None)[0]  # codes back to labels
    moved = directions @ reader.T
    moved /= np.diag(moved)[:, None]
    assert (np.abs(moved - np.eye(3)) < 0.25).all()


def test_without_strictness_a_plane_implies_the_covariances_direction() -> None:
    rng = np.random.default_rng(1)
    z = rng.standard_normal((500, D)) @ rng.standard_normal((D, D))
    planes = rng.standard_normal((2, D))
    cov = np.cov(z.T)
    found = along_normals(z, planes, np.arange(2), hold_fixed=False)
    for v, w in zip(found, planes, strict=True):
        expected = cov @ w / np.sqrt(w @ cov @ w)
        np.testing.assert_allclose(v, expected, rtol=1e-3)


def test_mixing_takes_the_measured_leakage_out() -> None:
    """On a linear world the effect of a mixture is the mixture of effects."""
    rng = np.random.default_rng(2)
    effect = np.eye(4) + 0.3 * rng.standard_normal((4, 4))
    directions = np.eye(4)
    mixed = separated(directions, effect, np.arange(4))
    after = mixed @ effect
    off = ~np.eye(4, dtype=bool)
    ratio_before = np.abs(np.diag(effect)) / np.abs(np.where(off, effect, 0)).max(1)
    ratio_after = np.abs(np.diag(after)) / np.abs(np.where(off, after, 0)).max(1)
    assert (ratio_after > 3 * ratio_before).all()
    together = separated(directions, effect, np.array([0, 0, 1, 2])) @ effect
    assert abs(together[0, 1]) > abs(after[0, 1])  # parts of one label are left together


def test_the_measured_effect_is_the_change_along_a_direction() -> None:
    """A decoder and a probe that are linear: the effect is their product."""
    torch.manual_seed(0)
    paint, look = torch.randn(D, 12), torch.randn(12, 3)

    class Paint(nn.Module):
        latent_dim = D

        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return z @ paint

    class Look(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ look

    directions = np.random.default_rng(0).standard_normal((3, D)).astype(np.float32)
    starts = np.random.default_rng(1).standard_normal((5, D)).astype(np.float32)
    effect = drain(measure(Paint(), Look(), starts, directions))  # type: ignore[arg-type]
    np.testing.assert_allclose(effect, directions @ (paint @ look).numpy(), rtol=1e-4, atol=1e-4)


def test_labels_become_columns() -> None:
    labels = (
        Label("age", "number", low=0, high=99),
        Label("hat", "binary"),
        Label("eye_glasses", "class", ("none", "round", "square")),
        Label("colour", "class", ("red", "blue")),
        Label("veil", "class", ("none", "some")),
    )
    attributes = attributes_of(labels)
    names = [attribute.name for attribute in attributes]
    assert names == [
        "age", "hat", "eye glasses", "eye glasses: round", "eye glasses: square", "colour: red", "colour: blue", "veil",
    ]  # fmt: skip
    y = columns(attributes, np.array([[30, 1, 2, 0, 0], [5, 0, 0, 1, 1]], np.float32))
    assert y.tolist() == [[30, 1, 1, 0, 1, 1, 0, 0], [5, 0, 0, 0, 0, 0, 1, 1]]


def test_a_column_that_never_changes_is_zeros() -> None:
    assert not standardised(np.full((5, 1), 3.0, np.float32)).any()


def named(dim: int) -> Named:
    eye = np.eye(2, dim, dtype=np.float32)
    axes = Axes(("smile", "hat"), eye, eye, np.zeros(dim, np.float32), -np.ones(2), np.ones(2), ("a", "b"))
    effect = np.array([[1.0, -0.25], [0.5, 2.0]], np.float32)
    return Named(axes, np.array([0, 1]), ("svm", "svm"), effect)


def test_selectivity_is_own_effect_by_the_largest_leak() -> None:
    assert named(2).selectivity.tolist() == [4.0, 4.0] and named(2).leaks.tolist() == [1, 0]


def test_named_sliders_belong_to_exactly_their_weights(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    spec = DataSpec((1, 8, 8), (Label("smile", "binary"), Label("hat", "binary")))
    recipe = MODELS["vae"].parse({"latent_dim": 4, "width": 4})

    def save(name: str) -> Checkpoint:
        return save_checkpoint(folder / name, recipe.build(spec), recipe, DATASETS["digits"](), spec, 1)

    checkpoint = save("00000001.safetensors")
    assert load_named(checkpoint) is None
    save_named(checkpoint, named(4))
    loaded = load_named(checkpoint)
    assert loaded is not None and loaded.axes.names == ("smile", "hat") and loaded.effect is not None
    np.testing.assert_array_equal(loaded.effect, named(4).effect)
    assert load_named(save("00000001.safetensors")) is None  # other weights under the same name
    path = next(folder.glob("named-*"))
    path.write_bytes(path.read_bytes()[:-7])
    assert load_named(checkpoint) is None
