"""The playground: turns, arrows and divergences against what they must be, and a game that comes to a good end."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch

from genexplorer.core.data import DATASETS
from genexplorer.core.errors import Failure
from genexplorer.engine.playground import (
    FAMILIES,
    Begin,
    Change,
    Frame,
    Look,
    Move,
    Play,
    Round,
    Setup,
    Show,
    Table,
    setup_for,
)
from genexplorer.statistics.plane import Plane, js, kl


def setup(family: str = "gan", data: dict[str, Any] | None = None, **values: Any) -> Setup:
    found = setup_for(family, DATASETS["points2d"].parse({"num": 2000, **(data or {})}))
    model = type(found.model).parse({**found.model.model_dump(), "hidden": 16, "depth": 2, **values})
    return Setup(found.data, model, found.lr, 32, found.seed)


def weights(played: Round, player: str) -> dict[str, torch.Tensor]:
    """G's or D's, buffers and all."""
    state = played.model.state_dict()
    return {key: value.clone() for key, value in state.items() if key.startswith("generator.") == (player == "g")}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[key]) for key, value in one.items())


DENOISING = ("ddpm", "flow")
ADVERSARIAL = [name for name in FAMILIES if name not in (*DENOISING, "vae")]


@pytest.mark.parametrize("family", ADVERSARIAL)
def test_a_player_that_moves_alone_leaves_the_other_as_it_was(family: str) -> None:
    played = Round(setup(family))
    for _ in range(3):
        played.move()
    before = {player: weights(played, player) for player in "dg"}
    for _ in range(7):
        played.move(frozenset("d"))
    assert same(before["g"], weights(played, "g")) and not same(before["d"], weights(played, "d"))
    assert played.turns.moves["d"] == 10
    moved, learnt = played.turns.moves["g"], {name for name, _ in played.model.named_parameters()}
    between = weights(played, "d")
    played.move(frozenset("g"))
    assert not same(before["g"], weights(played, "g")) and played.turns.moves["g"] == moved + 1
    after = weights(played, "d")  # buffers of a spectral norm go on with each look; weights do not
    assert same({key: between[key] for key in between if key in learnt}, after)


@pytest.mark.parametrize("family", FAMILIES)
def test_looking_changes_nothing(family: str) -> None:
    one, other = Round(setup(family)), Round(setup(family))
    for _ in range(4):
        one.move()
        one.frame()
        other.move()
    assert same(one.model.state_dict(), other.model.state_dict())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_frame_is_what_the_model_says(family: str) -> None:
    played = Round(setup(family))
    for _ in range(3):
        played.move()
    frame, model = played.frame(), played.model.eval()
    if family in DENOISING:
        assert set(frame.losses) >= {"loss"} and frame.heat is not None
        return
    with torch.no_grad():
        assert np.array_equal(frame.fake, model.decode(played.z)[: len(frame.fake)].numpy())
        assert frame.manifold is not None and frame.manifold.shape == (21, 21, 2)
        middle = model.decode(torch.zeros(1, 2))[0].numpy()
        assert np.allclose(frame.manifold[10, 10], middle, atol=1e-5)
        if family == "vae":
            assert frame.heat is not None and frame.pull is None and set(frame.losses) >= {"loss"}
            x, y = frame.fake[0]
            row, column = (int((each + 1.25) / 2.5 * len(frame.heat)) for each in (y, x))
            assert frame.heat.shape == (50, 50) and frame.heat[row, column] < 0.4 and frame.heat.max() > 0.45
            return
        assert frame.heat is not None and ((frame.heat > 0) & (frame.heat < 1)).all()
        if family == "gan":  # the cell at the lower left, and one of its row
            half = 1.25 / len(frame.heat)
            places = torch.tensor([[half, half], [3 * half, half]]) - 1.25
            expected = model.discriminate(places).sigmoid().numpy()
            assert np.allclose(frame.heat[0, :2], expected, atol=1e-5)
    assert set(frame.losses) >= {"d_loss"} and frame.step == 3


@pytest.mark.parametrize("family", ADVERSARIAL)
def test_arrows_are_the_slope_of_the_generator_s_loss(family: str) -> None:
    """Against differences of the loss at points moved a little."""
    played = Round(setup(family))
    for _ in range(20):
        played.move()
    model = played.model.double().eval()
    x = torch.rand(12, 2, generator=torch.Generator().manual_seed(0)).double() - 0.5
    played.real = played.real.double()
    pull = played.pull(model, x)

    def loss(at: torch.Tensor, n: int) -> float:
        with torch.no_grad():
            score = model.body(at[n : n + 1])
            score = model.head(score)[:, 0]
            if model.game.relative:
                score = score - model.head(model.body(played.real[n : n + 1]))[:, 0]
            return float(model.game.g(score))

    for n, axis in ((0, 0), (5, 1), (11, 0)):
        step = torch.zeros_like(x)
        step[n, axis] = 1e-6
        slope = (loss(x + step, n) - loss(x - step, n)) / 2e-6
        assert -pull[n, axis] == pytest.approx(slope, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("family", DENOISING)
def test_what_denoises_shows_its_ways_its_field_and_where_noise_goes(family: str) -> None:
    played = Round(setup(family))
    for _ in range(400):
        played.move()
    frame = played.frame()
    assert (
        frame.ways is not None and frame.manifold is not None and frame.pull_at is not None and frame.pull is not None
    )
    assert np.allclose(frame.ways[:, 0], played.z[: len(frame.ways)], atol=1e-5)
    assert np.allclose(frame.ways[:, -1], frame.fake[: len(frame.ways)], atol=1e-5)
    rows, columns = np.meshgrid(range(21), range(21), indexing="ij")
    around = np.stack([frame.manifold[rows[1:], columns[1:]] - frame.manifold[rows[:-1], columns[1:]]])
    assert np.abs(around).max() < 1.5  # an even grid is led on as one sheet
    # The field of noise σ, E[x0 | x] - x, is that of points themselves: a sum over all data, weighed by their nearness.
    data = played.data.train.images.take(torch.arange(len(played.data.train))).double()
    at = torch.from_numpy(frame.pull_at).double()
    near = torch.softmax(-0.5 * (torch.cdist(at, data) / 0.2).square(), 1)
    true = near @ data - at
    far = true.norm(dim=1) > 0.15
    shown = torch.from_numpy(frame.pull).double()
    assert torch.cosine_similarity(shown[far], true[far]).mean() > 0.5  # after so few steps; 0 if they went anywhere


def test_divergences_are_nought_at_the_truth_and_grow_away_from_it() -> None:
    recipe = DATASETS["points2d"].parse({"num": 20_000, "seed": 1})
    plane, drawn = Plane(), recipe.distribution().sample(20_000, torch.Generator().manual_seed(2))[0]
    p = plane.of_density(recipe.density)
    assert float(p.sum()) == pytest.approx(1) and kl(p, p) == js(p, p) == 0
    found = [(kl(p, q), js(p, q)) for q in (plane.of_points(drawn + shift) for shift in (0.0, 0.05, 0.15, 0.4))]
    assert found[0][0] < 0.01 and found[0][1] < 0.01
    assert all(np.diff([each[0] for each in found]) > 0.01) and all(np.diff([each[1] for each in found]) > 0.01)
    assert found[-1][1] <= math.log(2)


def test_divergences_of_gaussians_are_those_of_smoothed_ones() -> None:
    """KL of two Gaussians of one width is (shift / width)² / 2; both are wider by the smoothing, by 0.05² a side."""
    plane, sigma, shift = Plane(), 0.2, 0.1

    def bell(x: torch.Tensor, at: float) -> torch.Tensor:
        return torch.exp(-(x - torch.tensor([at, 0.0])).square().sum(1) / (2 * sigma**2)) / (2 * math.pi * sigma**2)

    p, q = (plane.of_density(lambda x, at=at: bell(x, at)) for at in (0.0, shift))
    expected = shift**2 / 2 / (sigma**2 + 0.05**2)
    assert kl(p, q) == pytest.approx(expected, rel=0.03)


def test_a_table_answers_what_is_wished() -> None:
    table, first = Table(), setup()
    assert list(table.answer(Look())) == [] and list(table.answer(Move())) == []
    (frame,) = table.answer(Begin(first))
    assert isinstance(frame, Frame) and frame.step == 0 and frame.setup is first and frame.moves == {"d": 0, "g": 0}
    (frame,) = table.answer(Move(frozenset("d")))
    assert frame.moves == {"d": 1, "g": 0}
    moons = Setup(DATASETS["points2d"].parse({"kind": "moons", "num": 500}), first.model, 5e-4, 32)
    (frame,) = table.answer(Change(moons))
    assert frame.step == 1 and frame.setup is moons and not np.array_equal(frame.real, table._round.data.test)
    steps = [frame.step for frame in itertools.islice(table.answer(Play(fps=0)), 3)]
    assert steps == [2, 3, 4]
    (chips,) = table.answer(Show(first.data))
    assert list(chips.points) == ["ring", "grid", "moons", "spiral", "pinwheel"]


def test_what_grows_beyond_all_bounds_is_told() -> None:
    played = Round(setup())
    with torch.no_grad():
        next(played.model.parameters()).fill_(float("nan"))
    with pytest.raises(Failure, match="lower learning rate"):
        played.frame()


def covered(points: np.ndarray, noise: float = 0.05) -> int:
    """Modes of the ring of eight with at least a fortieth of the points within three deviations."""
    angle = np.arange(8) * np.pi / 4
    far = np.linalg.norm(points[:, None] - 0.75 * np.stack([np.cos(angle), np.sin(angle)], 1), axis=2)
    return int(((far < 3 * noise).mean(0) >= 1 / 40).sum())


@pytest.mark.slow
def test_r3gan_finds_all_modes_of_the_ring() -> None:
    played = Round(setup_for("r3gan", DATASETS["points2d"].parse({})))
    for _ in range(4000):
        played.move()
    with torch.no_grad():
        assert covered(played.model.decode(played.z).numpy()) == 8
    assert played.frame().js < 0.15
