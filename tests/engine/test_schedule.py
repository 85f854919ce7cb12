"""Learning rate, order of examples and pace: functions of the step alone."""

import math

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from genexplorer.engine.pace import Pace
from genexplorer.engine.settings import TrainRecipe, is_leader
from genexplorer.engine.train import Order, learning_rate, stream


@pytest.mark.parametrize(("steps", "warmup", "lr"), [(100, 10, 1e-3), (57, 1, 0.5), (200, 150, 0.01)])
def test_learning_rate_is_torchs(steps: int, warmup: int, lr: float) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    rise = LinearLR(optimizer, 1 / warmup, 1.0, max(1, warmup - 1))
    fall = CosineAnnealingLR(optimizer, steps - warmup, eta_min=0.01 * lr)
    schedule = rise if warmup == 1 else SequentialLR(optimizer, [rise, fall], [warmup - 1])
    if warmup == 1:
        schedule = fall
    recipe = TrainRecipe(steps=steps, warmup=warmup, lr=lr)
    for step in range(1, steps + 1):
        assert learning_rate(recipe, step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6), step
        optimizer.step()
        schedule.step()


def test_learning_rate_without_warm_up_and_decay() -> None:
    recipe = TrainRecipe(steps=100, warmup=0, decay="none", lr=0.1)
    assert {learning_rate(recipe, step) for step in range(1, 101)} == {0.1}
    assert learning_rate(TrainRecipe(steps=50, warmup=100, lr=0.1), 50) == pytest.approx(0.05)
    assert learning_rate(TrainRecipe(steps=100, warmup=0, lr=0.1), 100) == pytest.approx(0.001)


@pytest.mark.parametrize(("count", "batch"), [(10, 5), (10, 3), (7, 7), (5, 64), (1, 1)])
def test_each_epoch_is_a_shuffle(count: int, batch: int) -> None:
    order = Order(count, batch, seed=3)
    size = min(batch, count)
    per_epoch = count // size
    epochs = []
    for epoch in range(30):
        steps = [order.indices(epoch * per_epoch + i + 1) for i in range(per_epoch)]
        assert all(len(step) == size for step in steps)
        seen = torch.cat(steps).tolist()
        assert len(set(seen)) == len(seen) == per_epoch * size and set(seen) <= set(range(count))
        epochs.append(tuple(seen))
    assert set().union(*epochs) == set(range(count)), "an example is never seen"
    assert count == 1 or len(set(epochs)) > 1


def test_order_depends_on_seed_and_step_alone() -> None:
    there = Order(100, 7, 1)
    forward = {step: there.indices(step).clone() for step in range(1, 60)}
    back = Order(100, 7, 1)
    assert all(torch.equal(back.indices(step), forward[step]) for step in reversed(range(1, 60)))
    other = Order(100, 7, 2)
    assert not any(torch.equal(other.indices(step), forward[step]) for step in range(1, 60))


def test_streams_differ() -> None:
    seeds = [stream(seed, step) for seed in range(50) for step in range(200)]
    assert len(set(seeds)) == len(seeds) and all(0 <= seed < 1 << 63 for seed in seeds)
    draws = torch.stack([torch.randn(50, generator=torch.Generator().manual_seed(stream(0, s))) for s in range(400)])
    correlation = torch.corrcoef(draws) - torch.eye(400)
    assert correlation.abs().mean() < 0.13  # of independent draws: sqrt(2 / (50 π)) = 0.113


def test_pace() -> None:
    pace = Pace(window=10)
    assert pace.text(5) == "" and pace.remaining(5) == math.inf
    for step in range(1, 30):
        pace.add(step, step * 0.5)
    assert pace.steps_per_second == pytest.approx(2) and pace.remaining(10) == pytest.approx(5)
    assert pace.text(7322) == "2.0 steps/s, 1:01:01 left" and pace.text(130) == "2.0 steps/s, 1:05 left"


def test_pace_forgets_the_far_past_and_what_was_rolled_back() -> None:
    pace = Pace(window=5)
    for step in range(1, 11):
        pace.add(step, float(step))
    for step in range(11, 16):
        pace.add(step, 10 + (step - 10) * 0.1)
    assert pace.steps_per_second == pytest.approx(10)
    pace.add(4, 20.0)
    assert pace.steps_per_second == 0
    pace.add(6, 21.0)
    assert pace.steps_per_second == pytest.approx(2)


@pytest.mark.parametrize("name", ["RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID"])
def test_the_first_process_leads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_leader()
    monkeypatch.setenv(name, "0")
    assert is_leader()
    monkeypatch.setenv(name, "3")
    assert not is_leader()
