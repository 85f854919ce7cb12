"""Every ability of every registered family, called: what a panel may rely on."""

from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest
import torch

from genexplorer.core.abilities import ABILITIES, Decodes, Draws, Encodes, Infers, Samples, Scores, abilities
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, Batch, DataSpec
from genexplorer.core.model import MODELS, Model

SPECS = [DataSpec((1, 8, 8)), DataSpec((3, 16, 16))]


@runtime_checkable
class Never(Protocol):
    def read_minds(self) -> None: ...


CASES = [(name, spec) for name in MODELS for spec in SPECS]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(name: str, spec: DataSpec) -> tuple[Model, torch.Tensor]:
    torch.manual_seed(0)
    x = torch.rand(5, *spec.shape, generator=rng()) * 2 - 1
    return MODELS[name].parse({}).build(spec).eval(), x


def test_there_are_families() -> None:
    assert "vae" in MODELS


@pytest.mark.parametrize(("name", "spec"), CASES)
def test_abilities(name: str, spec: DataSpec) -> None:
    model, x = built(name, spec)
    can = abilities(model)
    assert can, f"{name} can do nothing that a panel could show"
    assert can <= ABILITIES.keys()
    with torch.inference_mode():
        if isinstance(model, Encodes):
            z = model.encode(x)
            assert z.shape == (5, model.latent_dim) and z.isfinite().all()
            assert torch.equal(z, model.encode(x)), "the code of an image must not change"
        if isinstance(model, Decodes):
            drawn = model.decode(torch.randn(7, model.latent_dim, generator=rng()))
            assert drawn.shape == (7, *spec.shape) and drawn.abs().max() <= 1
            assert drawn.dtype == torch.float32
        if isinstance(model, Infers):
            mu, logvar = model.posterior(x)
            assert mu.shape == logvar.shape == (5, model.latent_dim) and logvar.exp().isfinite().all()
        if isinstance(model, Samples):
            new = model.sample(3, rng(1))
            assert new.shape == (3, *spec.shape) and new.abs().max() <= 1
            assert torch.equal(new, model.sample(3, rng(1))), "the same seed draws the same images"
            assert not torch.equal(new, model.sample(3, rng(2)))
        if isinstance(model, Draws) and isinstance(model, Decodes):
            z = model.draw(3, rng(1))
            assert z.shape == (3, model.latent_dim)
            assert torch.equal(model.decode(z), model.sample(3, rng(1))), "samples are what these codes decode to"
        if isinstance(model, Scores):
            parts = model.elbo(x, rng())
            assert parts.keys() >= {"elbo", "recon", "kl"}
            assert all(part.shape == (5,) and part.isfinite().all() for part in parts.values())
            assert torch.allclose(parts["elbo"], -parts["recon"] - parts["kl"], rtol=1e-4)


@pytest.mark.parametrize(("name", "spec"), CASES)
def test_a_checkpoint_knows_its_abilities_from_its_recipe(name: str, spec: DataSpec) -> None:
    recipe = MODELS[name].parse({})
    checkpoint = Checkpoint(Path("there is no such file"), recipe, DATASETS["digits"].parse({}), spec, 0)
    can = abilities(recipe.build(spec))
    assert {ability for ability, cls in ABILITIES.items() if checkpoint.has(cls)} == can
    assert checkpoint.has() and checkpoint.has(*(ABILITIES[ability] for ability in can))
    assert not checkpoint.has(Scores, Never)


@pytest.mark.parametrize(("name", "spec"), CASES)
def test_a_few_training_steps_move_every_group(name: str, spec: DataSpec) -> None:
    model, x = built(name, spec)
    model.train()
    asked: list[str] = []
    optimizers = {key: torch.optim.Adam(list(group.parameters), 1e-3) for key, group in model.groups().items()}

    class Plain:
        def step(self, loss: torch.Tensor, group: str = "all") -> None:
            assert loss.shape == () and loss.isfinite()
            asked.append(group)
            optimizers[group].zero_grad()
            loss.backward()
            optimizers[group].step()

    before = {key: value.clone() for key, value in model.state_dict().items()}
    for step in range(1, 6):  # a player may move at some steps alone
        metrics = model.train_step(Batch(x, torch.zeros(5, len(spec.labels)), rng(), step), Plain())
        assert metrics and all(value.shape == () for value in metrics.values())
    assert set(asked) == set(optimizers)
    moved = [key for key, value in model.state_dict().items() if not torch.equal(value, before[key])]
    assert len(moved) >= len(before) // 2
    listed = [id(p) for group in model.groups().values() for p in group.parameters]
    assert len(listed) == len(set(listed)), "two optimizers own one weight"
    assert set(listed) == {id(p) for p in model.parameters()}


@pytest.mark.parametrize(("name", "spec"), CASES)
def test_the_loss_is_shared_by_processes(name: str, spec: DataSpec) -> None:
    """Two processes that hold every other row of a batch have, on average, the loss of the whole batch."""
    model, _ = built(name, spec)
    x = torch.rand(8, *spec.shape, generator=rng()) * 2 - 1
    if type(model).loss is Model.loss:
        pytest.skip("an adversarial family has no single loss")
    labels = torch.zeros(8, len(spec.labels))
    whole = model.loss(Batch(x, labels, rng(), 1))["loss"]
    halves = [model.loss(Batch(x[r::2], labels[r::2], rng(), 1, r, 2))["loss"] for r in range(2)]
    assert torch.allclose(sum(halves) / 2, whole, rtol=1e-5)
