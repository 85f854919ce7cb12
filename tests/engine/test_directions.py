"""Directions of attributes where the truth is known: codes that are a linear function of labels."""

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter
from torch import nn

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, Data, DataSpec, Images, Label, Split
from genexplorer.core.events import Progress, drain
from genexplorer.core.model import MODELS
from genexplorer.core.tensors import read_tensors, write_tensors
from genexplorer.engine.attributes import attributes_of, circles, columns, standardised
from genexplorer.engine.axes import Axes
from genexplorer.engine.choosing import scores
from genexplorer.engine.directions import along_normals, fit, mean_differences, steered
from genexplorer.engine.measuring import Measured, kept, measure, response
from genexplorer.engine.naming import Named, load_named, reach_of, save_named, told
from genexplorer.engine.probe import Probe, probe_of

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


class Look(nn.Module):
    """A judge that reads attributes off an image by a matrix."""

    def __init__(self, matrix: torch.Tensor, skill: list[float] | None = None) -> None:
        super().__init__()
        self.matrix = matrix
        self.skill = torch.tensor(skill) if skill is not None else torch.ones(matrix.shape[1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.matrix


class Paint(nn.Module):
    """A decoder that is linear."""

    def __init__(self, matrix: torch.Tensor) -> None:
        super().__init__()
        self.matrix, self.latent_dim = matrix, len(matrix)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return z @ self.matrix


def test_the_measured_effect_is_the_change_along_a_direction() -> None:
    """A decoder and a judge that are linear: the effect is their product."""
    torch.manual_seed(0)
    paint, look = torch.randn(D, 12), torch.randn(12, 3)
    directions = np.random.default_rng(0).standard_normal((3, D)).astype(np.float32)
    starts = np.random.default_rng(1).standard_normal((5, D)).astype(np.float32)
    found = drain(measure(Paint(paint), Look(look), starts, directions, np.full(3, -1)))  # type: ignore[arg-type]
    expected = directions @ (paint @ look).numpy()
    np.testing.assert_allclose(found.effect, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found.size, np.abs(expected), rtol=1e-4, atol=1e-4)
    spread = np.sqrt(np.square((starts @ paint.numpy()).std(0, ddof=1)).mean())
    pixels = np.sqrt(np.square(directions @ paint.numpy()).mean(1)) / spread
    np.testing.assert_allclose(found.pixels, pixels, rtol=1e-4)


def test_a_step_keeps_as_much_of_identity_as_it_is_shorter_than_the_way_to_somebody_else() -> None:
    """Features that are the codes: identity is told by Pythagoras."""
    rng = np.random.default_rng(0)
    starts = rng.standard_normal((41, D)).astype(np.float32)
    directions = np.diag([0.0, 0.5, 50.0]).astype(np.float32) @ np.eye(3, D, dtype=np.float32)
    found = drain(kept(Paint(torch.eye(D)), lambda x: x, starts, directions))  # type: ignore[arg-type]
    usual = np.median(np.linalg.norm(starts[:, None] - starts[None], axis=2), axis=1)
    np.testing.assert_allclose(found, [1, (1 - 0.5 / usual).mean(), 0], rtol=1e-4)


def test_what_a_judge_half_sees_is_taken_to_change_twice_as_much() -> None:
    """A regression that explains half the variance answers half the change."""
    look = Look(torch.eye(3), [1.0, 0.5, -0.1])
    starts = np.random.default_rng(1).standard_normal((5, 3)).astype(np.float32)
    found = drain(measure(Paint(torch.eye(3)), look, starts, np.ones((1, 3), np.float32), np.full(3, -1)))  # type: ignore[arg-type]
    np.testing.assert_allclose(found.effect, [[1, 2, 1]], rtol=1e-5)


def test_a_slider_that_turns_a_hue_is_seen_to_leak() -> None:
    """It moves neither the cosine nor the sine on the mean, nor the hue as a number: every face's turns."""

    class Painted(nn.Module):
        latent_dim = 2

        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return torch.stack([z[:, 0], torch.cos(z[:, 1]) * 2**0.5, torch.sin(z[:, 1]) * 2**0.5], 1)

    attributes = attributes_of((Label("smile", "number"), Label("hue", "number", period=1.0)))
    around = circles(attributes)
    assert around.tolist() == [-1, 1, 1]
    starts = np.stack([np.zeros(48), np.linspace(0, 2 * np.pi, 48, endpoint=False)], 1).astype(np.float32)
    directions = np.array([[1, 0], [1, 1], [0, 1]], np.float32)  # the second smiles and turns the hue by a radian
    measured = drain(measure(Painted(), Look(torch.eye(3)), starts, directions, around))  # type: ignore[arg-type]
    assert np.abs(measured.effect[1, 1:]).max() < 1e-5
    np.testing.assert_allclose(measured.size[1, 1:], 2**0.5 * np.sin(1), rtol=1e-5)
    family = np.array([attribute.family for attribute in attributes])
    two = Measured(measured.effect[[0, 2, 2]], measured.size[[0, 2, 2]], measured.pixels[[0, 2, 2]])
    turning = Measured(measured.effect[[1, 2, 2]], measured.size[[1, 2, 2]], measured.pixels[[1, 2, 2]])
    eye = np.eye(3, 2, dtype=np.float32)
    axes = Axes(("smile", "hue: a", "hue: b"), eye, eye, np.zeros(2), -np.ones(3), np.ones(3), ("",) * 3)
    pure, leaking = (Named(axes, family, ("",) * 3, m) for m in (two, turning))
    assert pure.selectivity[0] > 100 and leaking.selectivity[0] < 1
    near = np.ones(3)
    assert scores(two, family, near)[0] > scores(turning, family, near)[0]
    assert scores(two, family, near)[0] > scores(two, family, 5 * near)[0]
    assert axes.names[leaking.leaks[0]].startswith("hue") and leaking.leak_sizes[0] > 1


def test_steering_leaves_alone_what_no_label_tells_of() -> None:
    """Codes are smile, hat, background; those who smile stand before another background, which has no label."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((2000, 3)).astype(np.float32)
    z[:, 2] = 0.9 * z[:, 0] + 0.45 * z[:, 2]
    paint = torch.zeros(3, 20)
    paint[0, :2], paint[1, 2:4], paint[2, 4:] = 1.0, 1.0, 1.0
    look = torch.zeros(20, 2)
    look[0, 0], look[2, 1] = 1.0, 1.0
    look[1, 1] = 0.5  # what opens the mouth looks a little like a hat
    y, family = z[:, :2], np.arange(2)
    fitted = mean_differences(z, standardised(y), family)
    answers = response(Paint(paint), Look(look), z[:50], z.std(0), np.full(2, -1))  # type: ignore[arg-type]
    steer = steered(drain(answers), np.cov(z.T), family, np.ones(2, bool), 10.0, 0.02)
    assert abs(fitted[0, 2]) > 0.8 and abs(steer[0, 2]) < 0.15
    seen = steer @ (paint @ look).numpy()
    np.testing.assert_allclose(np.diag(seen), 1, atol=1e-3)
    assert abs(seen[0, 1]) < 0.1


def test_steering_is_the_least_of_its_sum() -> None:
    """By hand against a search: scipy minimises the same sum under the same condition."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(3)
    paint, look = torch.randn(4, 9, generator=torch.Generator().manual_seed(0)), torch.eye(9)[:, :3]
    z = rng.standard_normal((400, 4)).astype(np.float32) * [1, 2, 0.5, 1]
    starts, cov = z[:30].astype(np.float32), np.cov(z.T)
    answer = drain(response(Paint(paint), Look(look), starts, z.std(0), np.full(3, -1)))  # type: ignore[arg-type]
    found = steered(answer, cov, np.arange(3), np.ones(3, bool), 2.0, 0.1)[0]
    linear, precision = paint.numpy(), np.linalg.inv(cov)
    variance = np.square((starts @ linear).std(0, ddof=1)).mean()

    def cost(v: np.ndarray) -> float:
        x = v @ linear
        return float(2 * x[1] ** 2 + 2 * x[2] ** 2 + np.square(x).mean() / variance + 0.1 * v @ precision @ v)

    best = minimize(cost, np.zeros(4), constraints={"type": "eq", "fun": lambda v: (v @ linear)[0] - 1}, tol=1e-12)
    np.testing.assert_allclose(found, best.x, atol=5e-3)


def test_labels_become_columns() -> None:
    labels = (
        Label("age", "number", low=0, high=99),
        Label("hat", "binary"),
        Label("eye_glasses", "class", ("none", "round", "square")),
        Label("colour", "class", ("red", "blue")),
        Label("veil", "class", ("none", "some")),
        Label("turned", "number", high=360, period=360),
        Label("hue", "number", ("red", "green", "cyan", "violet"), period=1),
    )
    attributes = attributes_of(labels)
    names = [attribute.name for attribute in attributes]
    assert names == [
        "age", "hat", "eye glasses", "eye glasses: round", "eye glasses: square", "colour: red", "colour: blue", "veil",
        "turned: 180 to 0", "turned: 270 to 90", "hue: cyan to red", "hue: violet to green",
    ]  # fmt: skip
    y = columns(attributes, np.array([[30, 1, 2, 0, 0, 360, 0.5], [5, 0, 0, 1, 1, 90, 0.25]], np.float32))
    assert y[:, :8].tolist() == [[30, 1, 1, 0, 1, 1, 0, 0], [5, 0, 0, 0, 0, 0, 1, 1]]
    np.testing.assert_allclose(y[:, 8:], [[1, 0, -1, 0], [0, 1, 0, 1]], atol=1e-6)
    assert circles(attributes).tolist() == [-1] * 8 + [8, 8, 10, 10]
    assert attributes[8].family == attributes[9].family != attributes[10].family


def test_a_column_that_never_changes_is_zeros() -> None:
    assert not standardised(np.full((5, 1), 3.0, np.float32)).any()


def named(dim: int, skill: tuple[float, float] = (0.9, 0.8)) -> Named:
    eye = np.eye(2, dim, dtype=np.float32)
    axes = Axes(("smile", "hat"), eye, eye, np.zeros(dim, np.float32), -np.ones(2), np.ones(2), ("a", "b"))
    effect = np.array([[1.0, -0.25], [0.5, 2.0]], np.float32)
    measured = Measured(effect, np.abs(effect), np.array([0.1, 0.2], np.float32))
    kept = np.array([0.91, 0.4], np.float32)
    return told(Named(axes, np.array([0, 1]), ("svm", "svm"), measured, np.array(skill, np.float32), kept))


def test_selectivity_is_own_effect_by_the_largest_leak() -> None:
    assert named(2).selectivity.tolist() == [4.0, 4.0] and named(2).leaks.tolist() == [1, 0]


def test_a_judge_without_skill_makes_no_slider_look_pure() -> None:
    """Of hats the judge sees nothing: their slider comes last, and beside smile it is said that hats are not seen."""
    sure, unsure = named(2), named(2, skill=(0.9, 0.04))
    assert sure.axes.details == ("4.0×", "4.0×") and unsure.axes.details == ("unsure",) * 2
    assert unsure.selectivity.tolist() == [0.0, 0.0] and sure.axes.weights is not None
    assert unsure.axes.weights is not None and unsure.axes.weights[1] < 0 < sure.axes.weights[1]
    assert "sees only 4% of hat" in unsure.axes.hints[1] and "Whether it changes hat" in unsure.axes.hints[0]
    assert "only" not in sure.axes.hints[1] and "Whether" not in sure.axes.hints[0]
    assert f"Found by: {sure.methods[0]}" in sure.axes.hints[0] and "keeps 91% of identity" in sure.axes.hints[0]


def test_sliders_that_were_named_before_circles_and_pixels_were_measured_still_open(tmp_path: Path) -> None:
    spec = DataSpec((1, 8, 8), (Label("smile", "binary"), Label("hat", "binary")))
    recipe = MODELS["vae"].parse({"latent_dim": 4, "width": 4})
    checkpoint = save_checkpoint(tmp_path / "1.safetensors", recipe.build(spec), recipe, DATASETS["digits"](), spec, 1)
    save_named(checkpoint, named(4))
    path = tmp_path / "named-1.safetensors"
    tensors, header = read_tensors(path)
    write_tensors(path, {k: v for k, v in tensors.items() if k not in ("size", "pixels", "skill", "kept")}, header)
    loaded = load_named(checkpoint)
    assert loaded is not None and loaded.selectivity.tolist() == [4.0, 4.0] and loaded.kept is None
    assert "pixels" not in loaded.axes.hints[0] and "identity" not in loaded.axes.hints[0]


def test_a_label_that_was_saved_without_a_period_is_a_line() -> None:
    (label,) = (
        TypeAdapter(DataSpec).validate_python({"shape": [1, 8, 8], "labels": [{"name": "a", "kind": "number"}]}).labels
    )
    assert label.period == 0 and [a.name for a in attributes_of((label,))] == ["a"]


def test_a_judge_of_pictures_that_are_drawn_otherwise_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = DataSpec((1, 8, 8), (Label("hat", "binary"),))
    made = []

    def train(data: Data, half: int, steps: int) -> Generator[Progress, None, Probe]:
        made.append(half)
        yield Progress("", 1, 1)
        return Probe(1, 8, 1)

    monkeypatch.setattr("genexplorer.engine.probe.train_probe", train)
    for brightness in (10, 10, 200):
        part = Split(Images(torch.full((4, 1, 8, 8), brightness, dtype=torch.uint8)), torch.zeros(4, 1))
        drain(probe_of(DATASETS["digits"](), Data(spec, part, part), tmp_path, 0))
    assert len(made) == 2


def test_named_sliders_belong_to_exactly_their_weights(tmp_path: Path) -> None:
    folder = tmp_path
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
    assert loaded.skill is not None and loaded.axes.hints == named(4).axes.hints
    assert load_named(save("00000001.safetensors")) is None  # other weights under the same name
    path = next(folder.glob("named-*"))
    path.write_bytes(path.read_bytes()[:-7])
    assert load_named(checkpoint) is None


def test_sliders_reach_a_little_beyond_what_the_data_have() -> None:
    rare = np.zeros(1000, np.float32)
    rare[:100] = 1  # a tenth: its two values lie at -1/3 and 3 standard deviations
    even = np.linspace(-1, 1, 1000, dtype=np.float32)  # ends at the square root of 3
    low, high = reach_of(standardised(np.stack([rare, even, 0 * even], 1)))
    np.testing.assert_allclose(low, [-1 / 3 - 1, -(3**0.5) - 1, -1], atol=0.03)
    np.testing.assert_allclose(high, [3, 3**0.5 + 1, 1], atol=0.03)
