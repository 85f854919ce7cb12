"""The arithmetic of the measurements, on planted durations."""

import math
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from genexplorer.core.errors import UserError
from genexplorer.engine.bench import Missing, bench, benchmark, equal_time
from genexplorer.engine.bench.rounds import median_ratio, side
from genexplorer.engine.bench.rows import BENCHMARKS, holds, timed


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_side_counts_what_its_steps_did_by_the_time_they_took():
    clock = Clock()

    def work() -> Iterator[int]:
        while True:
            clock.now += 0.25
            yield 128

    assert side(work(), clock)(1.0) == 512.0


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_medians():
    ours, peer = iter([999.0, 30.0, 10.0, 20.0]), iter([1.0, 10.0, 10.0, 40.0])  # the first of each warms up
    ratio, told = median_ratio(lambda s: next(ours), lambda s: next(peer), rounds=3)
    assert ratio == 1.0  # of 3.0, 1.0 and 0.5; the medians of the columns would give 2.0
    assert "20 to 10 images/s" in told
    assert "0.50…3.00" in told


def test_each_side_goes_first_in_every_other_round():
    turns: list[str] = []

    def player(name: str):
        return lambda seconds: turns.append(name) or 1.0

    median_ratio(player("ours"), player("peer"), rounds=2)
    assert turns[2:] == ["ours", "peer", "peer", "ours"]


@pytest.mark.parametrize(
    ("ratio", "bound", "kept"), [(1.6, "≥ 1.6", True), (1.59, "≥ 1.6", False), (1.04, "≤ 1.03", False)]
)
def test_bounds(ratio: float, bound: str, kept: bool):
    assert holds(ratio, bound) is kept


def test_another_room_adds_a_row_by_its_decorator(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("genexplorer.engine.bench.rows.BENCHMARKS", {})
    benchmark("fast", bound="≥ 2", what="a thing")(lambda: (3.0, "told"))
    benchmark("slow", bound="≥ 2", what="a thing", slow=True)(lambda: (1.0, "told"))
    assert [(row.name, row.ratio, row.passed, row.what) for row in bench()] == [("fast", 3.0, True, "a thing: told")]
    assert [row.passed for row in bench("slow")] == [False]
    with pytest.raises(UserError, match="there are: fast, slow"):
        list(bench("none"))


def test_a_timed_row_is_slow_and_is_given_its_minutes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("genexplorer.engine.bench.rows.BENCHMARKS", {})
    timed("long", bound="≥ 2", what="a thing")(lambda minutes: (minutes, f"{minutes:g} minutes"))
    assert list(bench()) == []
    assert [(row.ratio, row.detail) for row in bench("long", 0.5)] == [(0.5, "0.5 minutes")]
    assert [row.ratio for row in bench("long")] == [5.0]


def test_a_training_in_a_given_time_measures_its_pace_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Steps of 0.1 s, in 60 s: the second run is as long as what is left, but for a little."""
    clock, lengths = Clock(), []

    def steps_of(steps: int) -> Generator[int, None, None]:
        for _ in range(steps):
            clock.now += 0.1
            yield 128

    def new_run(home: Path, model: object, **settings: int) -> int:
        lengths.append(settings["steps"])
        return settings["steps"]

    monkeypatch.setattr(equal_time, "new_run", new_run)
    monkeypatch.setattr(equal_time, "steps_of", steps_of)
    monkeypatch.setattr(equal_time.time, "perf_counter", clock)
    monkeypatch.setattr(equal_time.time, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds))
    turn = side(equal_time.in_time(tmp_path, 60.0, 0, []), clock)
    done = sum(turn(10.0) * 10 for _ in range(6)) / 128
    assert lengths[1] == pytest.approx(600 * 0.96 * 0.97, rel=0.02)
    assert done == pytest.approx(lengths[1] + 600 * 0.04, rel=0.02)


def test_a_missing_peer_is_told_and_fails_nothing(monkeypatch: pytest.MonkeyPatch):
    def measure() -> tuple[float, str]:
        raise Missing("peer not installed: pip install pythae")

    monkeypatch.setattr("genexplorer.engine.bench.rows.BENCHMARKS", {})
    benchmark("peer", bound="≥ 2", what="a thing")(measure)
    (row,) = bench()
    assert math.isnan(row.ratio)
    assert (row.passed, row.what) == (None, "peer not installed: pip install pythae")


def test_all_questions_are_asked():
    assert set(BENCHMARKS) >= {"train_conv", "train_mlp", "events", "bf16", "faces", "memory", "equal_time"}
