"""Codes of images for models that only draw: linear ones, whose answers are known, with and without conditions."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from genexplorer.core.data import DataSpec, Label, to_uint8
from genexplorer.core.events import Progress
from genexplorer.core.model import MODELS, Model
from genexplorer.engine import inversion
from genexplorer.engine.explore import only_draws
from genexplorer.engine.gather import Gather, Gathered
from genexplorer.engine.inversion import FindCode, Inverse, _candidates
from genexplorer.engine.principal import activation_axes
from genexplorer.engine.refine import Encoded, EncodePhoto, Refine, Refined

SHAPE = (1, 8, 8)
LABELS = (Label("kind", "class", ("a", "b", "c")), Label("bright", "binary"), Label("age", "number", low=10, high=70))


class Linear(Model):
    """Draws A z with columns of length 1: the way back is Aᵀ x."""

    latent_dim = 5

    def __init__(self) -> None:
        super().__init__()
        self.a = torch.linalg.qr(torch.randn(64, 5, generator=torch.Generator().manual_seed(0)))[0]

    def decode(self, z: Tensor) -> Tensor:
        return (z @ self.a.T).reshape(-1, *SHAPE)

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        return torch.randn(num, 5, generator=rng)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Any:
    path = tmp_path / "model.safetensors"
    path.touch()
    return SimpleNamespace(path=path, spec=DataSpec(SHAPE, LABELS), latent_dim=5)


@pytest.fixture
def conditional() -> Model:
    torch.manual_seed(0)
    values = {"network": "mlp", "latent_dim": 4, "hidden": 16, "condition": ("kind", "bright", "age")}
    model = MODELS["gan"].parse(values).build(DataSpec(SHAPE, LABELS)).eval().requires_grad_(False)
    kinds, ages = torch.arange(256) % 3, torch.linspace(10, 70, 256)
    model.seen.copy_(torch.stack([kinds, torch.arange(256) % 2, ages], 1))  # type: ignore[operator,union-attr]
    return model


def all_of(query: Any, model: Model) -> list[Any]:
    with torch.no_grad():
        return list(query.answer(model))


def picture(model: Any, z: Tensor) -> np.ndarray:
    return to_uint8(model.decode(z[None]))[0].numpy()


def test_a_linear_generator_is_turned_around_exactly(checkpoint: Any) -> None:
    model, none = Linear(), np.zeros((0, 5), np.float32)
    z = torch.tensor([1.0, -1, 0.5, 0, 1.5])
    parts = all_of(FindCode(checkpoint, picture(model, z), np.zeros(5, np.float32), none), model)
    learnt = [part for part in parts if isinstance(part, Progress)]
    found = [part for part in parts if isinstance(part, Refined)]
    assert parts == [*learnt, *found] and learnt[-1].done == learnt[-1].total and found[-1].step == found[-1].steps
    assert found[-1].z == pytest.approx(z.numpy(), abs=0.03)
    guess = inversion._known[checkpoint.path, checkpoint.path.stat().st_mtime_ns].guess(model.decode(z[None]))
    assert np.corrcoef(guess[0], z)[0, 1] > 0.9  # the encoder alone points there
    again = all_of(FindCode(checkpoint, picture(model, -z), np.zeros(5, np.float32), none), model)
    assert all(isinstance(part, Refined) for part in again) and again[-1].z == pytest.approx(-z.numpy(), abs=0.03)


def test_no_code_is_longer_than_nearly_all_draws_and_what_is_held_stays(checkpoint: Any) -> None:
    """The code of what is drawn far out is found on the wall, in the same direction."""
    model, held = Linear(), np.eye(5, dtype=np.float32)[[2]]
    towards = np.array([2, -2, 0, 3, 3], np.float32)
    x = picture(model, torch.from_numpy(towards))
    z = np.array([0, 0, -0.7, 0, 0], np.float32)
    for parts in (
        all_of(FindCode(checkpoint, x, z, held), model),
        all_of(Refine(checkpoint, x, z, held, 400), model),
    ):
        last = parts[-1].z
        lengths = model.draw(4000, torch.Generator().manual_seed(1)).norm(dim=1)
        assert 0.87 < float((lengths < float(np.linalg.norm(last))).float().mean()) < 0.95
        assert last[2] == pytest.approx(-0.7)
        last[2] = 0
        assert last @ towards / np.linalg.norm(last) / np.linalg.norm(towards) > 0.99


def test_learning_goes_on_where_it_was_left() -> None:
    torch.manual_seed(0)
    one, other = Inverse(Linear()), Inverse(Linear())
    with torch.no_grad():
        list(one.learn(20))
        work = other.learn(20)
        next(work)
        work.close()
        assert [part.done for part in other.learn(20)] == [10, 15, 20]
        x = Linear().decode(torch.ones(1, 5))
        assert torch.equal(one.guess(x), other.guess(x))


def test_conditions_are_found_as_images_have_them(conditional: Any) -> None:
    """Whatever an encoder says of them: one class, yes or no, a number of those that there are."""
    guess = torch.tensor([0.3, 0, 0, 0, 0.2, 1.5, 0.9, -0.1, 9.0])
    rows = _candidates(conditional, guess)
    assert torch.equal(rows[:, :4], guess[:4].expand(len(rows), 4)) and len(rows) == 4
    y = [conditional.labels.write(torch.tensor([[kind, bright, 70.0]]))[0] for kind, bright in ((1, 0), (2, 0), (1, 1))]
    assert torch.allclose(rows[0, 4:], y[0])
    assert {tuple(row.tolist()) for row in rows[:, 4:]} >= {tuple(each.tolist()) for each in y}


def test_a_photo_of_a_conditional_generator_keeps_a_class(conditional: Any, checkpoint: Any, tmp_path: Path) -> None:
    checkpoint.latent_dim = conditional.latent_dim
    with torch.no_grad():
        z = conditional.draw(1, torch.Generator().manual_seed(5))[0]
        x = picture(conditional, z)
    file = tmp_path / "drawn.png"
    Image.fromarray(x[0]).save(file)
    *told, found = all_of(Gather(checkpoint, (file,)), conditional)
    assert isinstance(found, Gathered) and not found.error
    assert all(isinstance(part, Progress) for part in told) and told[-1].what.endswith("drawn.png")
    kinds = [conditional.labels.write(torch.tensor([[kind, 0.0, 40.0]]))[0, :3] for kind in range(3)]
    assert min(float((torch.from_numpy(found.z[4:7]) - kind).abs().max()) for kind in kinds) < 1e-5
    assert abs(found.z[7]) == pytest.approx(1)
    assert np.square(found.picture / 255 - x / 255).mean() < 1e-3


def test_a_model_that_encodes_is_asked_and_another_one_is_not(checkpoint: Any, tmp_path: Path) -> None:
    file = tmp_path / "grey.png"
    Image.fromarray(np.full((8, 8), 77, np.uint8)).save(file)
    vae = MODELS["vae"].parse({"network": "mlp", "latent_dim": 5, "hidden": 8}).build(DataSpec(SHAPE)).eval()
    assert only_draws(Linear()) and not only_draws(vae)
    for model, known in ((Linear(), False), (vae, True)):
        (found,) = all_of(EncodePhoto(checkpoint, file), model)
        assert isinstance(found, Encoded) and (found.z is not None) == known and (found.picture == 77).all()


@pytest.mark.parametrize(("network", "channels"), [("residual", 1), ("dcgan", 3), ("mlp", 1)])
def test_every_network_of_a_generator_can_be_edited(
    network: str, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its principal directions leave conditions alone, and the code of what it draws is found again."""
    monkeypatch.setattr(inversion, "_ROUNDS", ((40, 3), (120, 1)))
    torch.manual_seed(0)
    values = {"network": network, "latent_dim": 6, "hidden": 16, "width": 8, "condition": ("kind",)}
    model = MODELS["r3gan"].parse(values).build(DataSpec((channels, 16, 16), LABELS)).eval().requires_grad_(False)
    axes = activation_axes(model, 128)
    assert 0 < len(axes) <= 6 and axes.vectors.shape[1] == 9 and not axes.vectors[:, 6:].any()
    with torch.no_grad():
        z = model.draw(1, torch.Generator().manual_seed(2))[0]  # type: ignore[operator]
        inverse, none = Inverse(model), np.zeros((0, 9), np.float32)
        list(inverse.learn(20))
        x = model.decode(z[None])  # type: ignore[operator]
        *_, found = inverse.find(x, np.zeros(9, np.float32), none)
        spread = float(model.decode(model.draw(64, torch.Generator().manual_seed(3))).var(0).mean()) / 4  # type: ignore[operator]
    assert found.error < 0.1 * spread
