"""Two players: who moves when, what each is told, and what conditions and norms do."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.abilities import Conditional, Discriminates, Draws
from genexplorer.core.data import Batch, DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Metrics
from genexplorer.models.gan import GAN, ConditionalGAN

SPEC = DataSpec((1, 12, 12), (Label("kind", "class", ("a", "b", "c")), Label("thick", "binary")))
TINY = {"latent_dim": 3, "width": 4, "hidden": 8}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(num: int = 6, step: int = 1, shape: tuple[int, ...] = SPEC.shape) -> Batch:
    x = torch.rand(num, *shape, generator=rng(step)) * 2 - 1
    labels = torch.stack([torch.arange(num) % 3, torch.arange(num) % 2], 1).float()
    return Batch(x, labels, rng(step), step)


def built(name: str = "r3gan", spec: DataSpec = SPEC, **settings: Any) -> GAN:
    torch.manual_seed(0)
    model = MODELS[name].parse(TINY | settings).build(spec)
    assert isinstance(model, GAN)
    return model


class Recorded:
    """Moves nothing; keeps who was asked to move."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def step(self, loss: Tensor, group: str = "all") -> None:
        self.asked.append(group)


def test_the_first_game_is_the_lecture_s() -> None:
    """k real with label 1, k made with label 0; then the generator, with label 1, through D."""
    model, given = built("gan"), batch()
    loss = model.d_loss(given)["d_loss"]
    made = model.generator(torch.randn(6, 3, generator=rng(1)))
    ones, zeros = torch.ones(6), torch.zeros(6)
    d = [model.discriminate(x).sigmoid() for x in (given.x, made)]
    expected = F.binary_cross_entropy(d[0], ones) + F.binary_cross_entropy(d[1], zeros)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    given = batch()
    assert model.g_loss(given).item() == pytest.approx(F.binary_cross_entropy(d[1], ones).item(), rel=1e-5)


@pytest.mark.parametrize("name", ["r3gan", "gan", "dcgan", "wgan_gp", "sngan", "lsgan"])
def test_while_d_learns_g_hears_nothing(name: str) -> None:
    model = built(name)
    model.d_loss(batch())["d_loss"].backward()  # type: ignore[no-untyped-call]
    assert all(weight.grad is None for weight in model.generator.parameters())
    assert all(weight.grad is not None for weight in model.body.parameters())


def test_every_weight_has_one_owner_who_moves_alone() -> None:
    model = built(condition=("kind",))
    groups = {name: set(map(id, group.parameters)) for name, group in model.groups().items()}
    assert groups["g"] == set(map(id, model.generator.parameters()))
    assert groups["d"] | groups["g"] == set(map(id, model.parameters())) and not groups["d"] & groups["g"]


def test_g_moves_at_every_kth_step_alone() -> None:
    model = built("wgan_gp", d_steps=3)
    asked = Recorded()
    rows: Iterator[Metrics] = (model.train_step(batch(step=step), asked) for step in range(1, 7))
    assert ["g_loss" in row for row in rows] == [False, False, True] * 2
    assert asked.asked == ["d", "d", "d", "g"] * 2


def test_a_penalty_that_is_paid_seldom_is_paid_as_often_over() -> None:
    model = built(penalty_every=4, gamma=2.0)
    plain = [model.d_loss(batch(step=step)) for step in (3, 4)]
    assert "penalty" not in plain[0] and "penalty" in plain[1]
    once = built(penalty_every=1, gamma=8.0).d_loss(batch(step=4))
    assert plain[1]["d_loss"].item() == pytest.approx(once["d_loss"].item(), rel=1e-6)


def test_r1_is_the_slope_of_the_score_at_real_images() -> None:
    model, given = built(penalty="r1", penalty_every=1), batch()
    told = model.d_loss(given)["penalty"].item()
    x = given.x.clone()
    slopes = [torch.autograd.functional.jacobian(lambda image: model.discriminate(image[None])[0], each) for each in x]
    assert told == pytest.approx(0.5 * torch.stack(slopes).flatten(1).square().sum(1).mean().item(), rel=1e-4)


def test_spectral_norm_holds_every_layer_s_largest_stretch_to_one() -> None:
    model = built("sngan")
    for step in range(1, 40):
        model.d_loss(batch(step=step))
    for layer in model.body.modules():
        weight = getattr(layer, "weight", None)
        if isinstance(weight, Tensor) and weight.ndim > 1:
            assert torch.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(1, abs=0.02)


def test_batch_norm_is_left_out_where_an_image_must_have_a_score_of_its_own() -> None:
    for name in ("wgan_gp", "sngan", "r3gan"):
        model, x = built(name), batch().x
        model.train()
        model.discriminate(x)  # a spectral norm's first estimate
        model.eval()
        assert torch.allclose(model.discriminate(x)[:2], model.discriminate(x[:2]), atol=1e-5)
        model.train()
        if name != "sngan":
            assert torch.allclose(model.discriminate(x)[:2], model.discriminate(x[:2]), atol=1e-5)


def test_conditions_are_the_code_s_last_numbers_and_can_be_given() -> None:
    model = built(condition=("kind", "thick"))
    assert isinstance(model, ConditionalGAN) and isinstance(model, Conditional)
    model.d_loss(batch())
    model.eval()
    assert model.latent_dim == 3 + 3 + 1 and [label.name for label in model.conditions] == ["kind", "thick"]
    drawn = model.draw(200, rng())
    seen = model.labels.write(model.seen)
    assert all((row == seen).all(1).any() for row in drawn[:, 3:])
    y, z = torch.tensor([2.0, 1.0]), torch.randn(4, 3, generator=rng())
    given = model.given(y)
    assert isinstance(given, Draws) and isinstance(given, Discriminates) and given.latent_dim == 3
    written = model.labels.write(y[None]).expand(4, -1)
    assert torch.equal(given.decode(z), model.decode(torch.cat([z, written], 1)))
    x = batch(4).x
    assert torch.equal(given.discriminate(x), model.score(x, written))
    assert not torch.allclose(given.discriminate(x), model.discriminate(x))


def test_a_code_that_is_drawn_decodes_to_what_is_sampled() -> None:
    for settings in ({}, {"condition": ("kind",)}):
        model = built(**settings).eval()
        assert torch.equal(model.sample(5, rng(3)), model.decode(model.draw(5, rng(3))))


def test_points_are_played_for_by_fully_connected_players_and_are_not_bounded() -> None:
    model = built(spec=DataSpec((2,)), augment=True)
    x = batch(shape=(2,))
    assert model.d_loss(x)["d_loss"].isfinite() and model.g_loss(x).isfinite()
    assert model.decode(torch.randn(5, 3)).shape == (5, 2) and model.discriminate(x.x).shape == (6,)
    with torch.no_grad():
        for weight in model.generator.parameters():
            weight.mul_(9)
    assert model.decode(torch.randn(50, 3)).abs().max() > 1


def test_what_does_not_fit_is_said_in_a_sentence() -> None:
    with pytest.raises(UserError, match="smoothing is of a label"):
        built(smoothing=0.1)
    with pytest.raises(UserError, match="wants square images or points"):
        built(spec=DataSpec((3, 4)))
    with pytest.raises(UserError, match="no label called 'colour'"):
        built(condition=("colour",))
