"""Ways through the space of codes, against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from genexplorer.engine.paths import arithmetic, corners, lerp, slerp, through, walk

T = np.linspace(0, 1, 11)


def test_slerp_is_the_arc_of_quaternions() -> None:
    ends = Rotation.random(2, rng=np.random.default_rng(3))
    a, b = ends.as_quat()
    b = b if a @ b > 0 else -b  # a rotation is two quaternions; take the near one, as SciPy does
    expected = Slerp([0, 1], ends)(T).as_quat()
    expected *= np.sign((expected * slerp(a, b, T)).sum(1, keepdims=True))
    assert np.allclose(slerp(a, b, T), expected, atol=1e-6)


def test_slerp_keeps_a_shared_length_and_a_constant_speed() -> None:
    a, b = np.array([3.0, 0, 0]), np.array([0, 3.0, 0])
    way = slerp(a, b, T)
    assert np.allclose(way, 3 * np.stack([np.cos(T * np.pi / 2), np.sin(T * np.pi / 2), 0 * T], 1), atol=1e-6)
    assert np.linalg.norm(lerp(a, b, np.array([0.5]))) == pytest.approx(3 / np.sqrt(2))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["random", "same", "opposed", "zero", "nearly"]))
def test_slerp_begins_at_a_ends_at_b_and_is_finite(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    a = rng.standard_normal(8)
    b = {"random": rng.standard_normal(8), "same": a, "opposed": -2 * a, "zero": 0 * a, "nearly": a + 1e-9}[kind]
    way = slerp(a, b, T)
    assert np.isfinite(way).all() and way.dtype == np.float32
    assert np.allclose(way[0], a, atol=1e-5) and np.allclose(way[-1], b, atol=1e-5)


@pytest.mark.parametrize("how", ["lerp", "slerp"])
def test_a_way_goes_through_its_stops(how: str) -> None:
    stops = np.random.default_rng(0).standard_normal((4, 5)).astype(np.float32)
    way, loop = through(stops, 6, how, loop=False), through(stops, 6, how, loop=True)
    assert len(way) == 19 and np.allclose(way[::6], stops, atol=1e-6)
    assert len(loop) == 24 and np.allclose(loop[::6], stops, atol=1e-6)
    assert np.allclose(through(np.roll(stops, -1, 0), 6, how, loop=True), np.roll(loop, -6, 0), atol=1e-6)
    assert through(stops[:1], 6, how, loop=True).shape == (1, 5)


def test_a_walk_is_the_gaussian_process_that_it_says() -> None:
    """Moments over many dimensions, which are independent draws: variance 1, and the periodic kernel as covariance."""
    count, wander, dim = 60, 8.0, 40_000
    z = walk(dim, count, wander, np.random.default_rng(0)).astype(float)
    assert z.shape == (count, dim) and np.abs(z.mean(1)).max() < 0.03
    for lag in (0, 1, 5, 30, 59):
        expected = np.exp(wander**2 * (np.cos(2 * np.pi * lag / count) - 1) / (2 * np.pi**2))
        found = (z * np.roll(z, lag, 0)).mean(1)
        assert np.abs(found - expected).max() < 0.03


def test_a_walk_closes_and_is_smooth() -> None:
    z = walk(16, 600, 10.0, np.random.default_rng(1))
    steps = np.linalg.norm(np.diff(np.concatenate([z, z[:1]]), axis=0), axis=1)
    assert steps[-1] < steps.max() * 1.01 and steps.max() < 0.1 * np.linalg.norm(z, axis=1).mean()
    assert np.array_equal(z, walk(16, 600, 10.0, np.random.default_rng(1)))


def test_four_corners_are_bilinear() -> None:
    square = np.random.default_rng(0).standard_normal((2, 2, 3))
    grid = corners(square, 5, "lerp")
    for i, j in ((0, 0), (0, 4), (4, 0), (4, 4), (1, 3), (2, 2)):
        v, u = i / 4, j / 4
        weights = np.array([[(1 - v) * (1 - u), (1 - v) * u], [v * (1 - u), v * u]])
        assert np.allclose(grid[i, j], (weights[..., None] * square).sum((0, 1)), atol=1e-6)


def test_four_corners_on_a_sphere_stay_there() -> None:
    square = np.random.default_rng(0).standard_normal((2, 2, 6))
    square /= np.linalg.norm(square, axis=-1, keepdims=True)
    grid = corners(square, 7, "slerp")
    assert np.allclose(np.linalg.norm(grid, axis=-1), 1, atol=1e-6)
    assert np.allclose(grid[[0, 0, -1, -1], [0, -1, 0, -1]], square.reshape(4, 6), atol=1e-6)


def test_sums_of_means() -> None:
    a, b, c = np.eye(3)[:2], np.eye(3)[2:], np.full((4, 3), 2.0)
    assert np.allclose(arithmetic(a, b, c), [2.5, 2.5, 1.0])
    assert np.allclose(arithmetic(a, np.zeros((0, 3)), np.zeros((0, 3))), [0.5, 0.5, 0])
