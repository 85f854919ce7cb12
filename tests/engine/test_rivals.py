"""What can go wrong between two players is planted in a real training and found; the healthy are left alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.doctor import Case, Diagnosis, case_of, diagnose, prescribe
from genexplorer.engine.rivals import best_snapshot, told_apart
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.signs import beside
from genexplorer.engine.train import train

SHORT = {"steps": 400, "batch_size": 64, "preview_every": 20, "save_every": 100, "log_every": 10}
MLP = {"network": "mlp", "hidden": 64, "depth": 2, "latent_dim": 16}
Plant = Callable[[Model], None]


def recipes(family: str, model: dict[str, Any], **settings: Any) -> RunInfo:
    recipe = MODELS[family].parse(model)
    chosen = TrainRecipe.suiting(type(recipe), **SHORT | {"precision": "32-true"} | settings)
    return RunInfo(recipe, DATASETS["digits"].parse({}), chosen)


@pytest.fixture
def go(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    def run(info: RunInfo, plant: Plant | None = None) -> Run:
        build = type(info.model).build

        def planted(self: Any, spec: Any) -> Model:
            model: Model = build(self, spec)
            if plant is not None:
                plant(model)
            return model

        made = store.create(info)
        with monkeypatch.context() as patch:
            patch.setattr(type(info.model), "build", planted)
            list(train(made))
        return made

    return run


def ever(run: Run) -> dict[str, float]:
    """What would have been found at any row, and at which step first."""
    case, found = case_of(run), {}
    for count in range(1, len(case.rows) + 1):
        for each in diagnose(replace(case, rows=case.rows[:count])):
            found.setdefault(each.rule.name, case.rows[count - 1]["step"])
    return found


def only(run: Run) -> Diagnosis:
    (found,) = diagnose(case_of(run))
    return found


@pytest.mark.parametrize(
    ("family", "model", "settings"),
    [
        ("r3gan", MLP, {"lr": 1e-3}),
        ("dcgan", {"width": 16}, {}),
        ("gan", {}, {}),
        ("r3gan", {"network": "dcgan", "width": 16}, {}),
    ],
)
def test_the_healthy_are_left_alone(
    go: Callable[..., Run], family: str, model: dict[str, Any], settings: dict[str, Any]
) -> None:
    assert ever(go(recipes(family, model, **settings))) == {}


def test_a_discriminator_that_is_far_too_quick(go: Callable[..., Run]) -> None:
    found = only(go(recipes("gan", MLP | {"d_lr": 50.0})))
    assert found.rule.name == "discriminator_overpowers" and "penalty none → r1r2" in found.changes


def test_a_discriminator_that_hardly_learns(go: Callable[..., Run]) -> None:
    found = only(go(recipes("gan", MLP | {"d_lr": 1e-3})))
    assert found.rule.name == "generator_unopposed" and found.changes == "d_lr 0.001 → 1"


def test_a_discriminator_that_is_too_slow_is_run_after_in_circles(go: Callable[..., Run]) -> None:
    found = only(go(recipes("gan", MLP | {"d_lr": 0.1}, lr=5e-3)))
    assert found.rule.name == "circling" and "penalty none → r1r2" in found.changes


def test_the_first_game_teaches_nothing_where_d_is_sure(go: Callable[..., Run]) -> None:
    found = {
        each.rule.name: each
        for each in diagnose(case_of(go(recipes("gan", MLP | {"game": "minimax", "beta1": 0.9}, lr=2e-2))))
    }
    assert found["vanishing_gradients"].changes == "game minimax → nonsaturating"


def deaf_after(calls: int) -> Plant:
    """A generator that takes no notice of z from then on."""

    def plant(model: Model) -> None:
        first = next(layer for layer in model.modules() if isinstance(layer, nn.Linear))
        count = [0]

        def hear(layer: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            count[0] += layer.training
            return (given[0] * (count[0] < calls),)

        first.register_forward_pre_hook(hear)

    return plant


def test_a_generator_that_stops_listening_to_its_code_and_the_snapshot_to_go_back_to(
    go: Callable[..., Run], store: RunStore
) -> None:
    run = go(recipes("r3gan", MLP, lr=1e-3), deaf_after(420))  # from step 210 on: two calls a step
    found = only(run)
    assert found.rule.name == "mode_collapse" and found.finding.remedy.start in (100, 200)
    again = prescribe(store, run, found.finding.remedy)
    assert again.start_path.exists() and again.info().model.gamma == 4  # type: ignore[attr-defined]


def case(**series: list[float]) -> Case:
    rows = [
        {"step": 20.0 * (n + 1), **{name: values[n] for name, values in series.items() if n < len(values)}}
        for n in range(max(map(len, series.values())))
    ]
    return Case(recipes("gan", MLP), rows, checkpoints=(100, 200, 300))


def test_how_far_scores_lie_apart_does_not_hang_on_their_scale() -> None:
    parts = {"real": [3.0, 1.0], "fake": [1.0, 2.0], "real_std": [3.0, 1.0], "fake_std": [4.0, 1.0]}
    expected = np.array([2 / 12.5**0.5, -1.0])
    assert np.allclose(told_apart(case(**parts))[1], expected)
    assert np.allclose(told_apart(case(**{name: [1e6 * v for v in vs] for name, vs in parts.items()}))[1], expected)


def test_the_snapshot_to_go_back_to_is_the_likest_one() -> None:
    falls = [1.0 - 0.09 * n for n in range(10)]  # to 0.19 at step 200
    assert best_snapshot(case(unlike=falls + [1.0] * 10)) == 200
    assert best_snapshot(case(unlike=falls + [1.0] * 10), before=150) == 100
    assert best_snapshot(case(unlike=falls)) is None


def test_signs_of_samples_beside_data_are_those_of_known_sets() -> None:
    rng = torch.Generator().manual_seed(0)
    real, same = torch.randn(400, 16, generator=rng), torch.randn(400, 16, generator=rng)
    alike, narrow, away = beside(same, real), beside(0.25 * same, real), beside(same + 3, real)
    assert alike["variety"] == pytest.approx(1, abs=0.02) and abs(alike["unlike"]) < 0.02
    assert narrow["variety"] == pytest.approx(0.25, abs=0.01) and narrow["unlike"] > 0.1
    assert away["variety"] == pytest.approx(1, abs=0.02) and away["unlike"] > 1


def test_no_run_without_a_rival_is_judged_by_these_rules(go: Callable[..., Run], tmp_path: Path) -> None:
    rows = [{"step": 20.0 * n, "variety": 0.1, "unlike": 0.9} for n in range(1, 200)]
    assert diagnose(Case(recipes("vae", {"network": "mlp"}), rows)) == []
