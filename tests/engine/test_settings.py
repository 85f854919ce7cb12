"""Settings of training that suit a family, and what a group of weights asks of its optimizer."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from genexplorer.core.data import DataSpec
from genexplorer.core.model import Group, Model, ModelRecipe
from genexplorer.datasets.digits import Digits
from genexplorer.engine.command import command
from genexplorer.engine.fabric import FabricOptimizers, make_fabric
from genexplorer.engine.runs import RunInfo
from genexplorer.engine.settings import Hardware, TrainRecipe


class Slow(ModelRecipe):
    name = "slow"
    training: ClassVar = {"lr": 1e-4, "clip": 0.0}

    def build(self, spec: DataSpec) -> Model:
        return Two()


class Two(Model):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(1, 1), nn.Linear(1, 1)

    def groups(self) -> dict[str, Group]:
        return {"a": Group(self.a.parameters(), 0.5, (0.0, 0.9)), "b": Group(self.b.parameters())}


def test_a_family_says_what_training_suits_it_and_a_person_still_decides() -> None:
    assert TrainRecipe.suiting(Slow).lr == 1e-4
    assert TrainRecipe.suiting(Slow, lr=0.1, steps=7) == TrainRecipe(lr=0.1, clip=0.0, steps=7)


def test_the_command_leaves_out_what_suits_the_family() -> None:
    info = RunInfo(Slow(), Digits(), TrainRecipe.suiting(Slow, steps=7))
    assert command(info) == "genexplorer train slow digits --train.steps 7"
    assert "--train.lr 0.002" in command(RunInfo(Slow(), Digits(), TrainRecipe.suiting(Slow, lr=2e-3)))


@pytest.fixture
def optimizers() -> Iterator[tuple[Any, Model]]:
    fabric, model = make_fabric(Hardware(accelerator="cpu"), "32-true"), Two()
    made = FabricOptimizers(fabric, model, TrainRecipe(lr=0.01, clip=0.0))
    wrapped, *each = fabric.setup(model, *made.plain.values())
    made.setup(wrapped, dict(zip(made.plain, each, strict=True)))
    yield made, model


def test_each_group_has_a_learning_rate_and_betas_of_its_own(optimizers: tuple[FabricOptimizers, Two]) -> None:
    made, _ = optimizers
    made.set_lr(0.1)
    (a,), (b,) = made.plain["a"].param_groups, made.plain["b"].param_groups
    assert (a["lr"], a["betas"], b["lr"], b["betas"]) == (0.05, (0.0, 0.9), 0.1, (0.9, 0.999))


def test_where_nothing_is_cut_gradients_stay_and_their_length_is_told(
    optimizers: tuple[FabricOptimizers, Two],
) -> None:
    made, model = optimizers
    loss: Tensor = 1000 * model.a(torch.ones(1, 1)).sum()
    made.step(loss, "a")
    assert model.a.weight.grad is not None and model.a.weight.grad.item() == 1000
    signs = made.take_signs()
    assert signs["grad_norm_a"] == pytest.approx(1000 * 2**0.5) and signs["clipped_a"] == 0
