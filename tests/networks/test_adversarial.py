"""Games, penalties and augmentation against closed forms and another library."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.networks.adversarial import GAMES
from genexplorer.networks.augment import augment
from genexplorer.networks.penalties import gradient_penalty, squared_slope, zero_centred

REAL, FAKE = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([-3.0, 0.25, 1.0])


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def mean(values: Tensor) -> float:
    return float(values.double().mean())


def test_the_first_game_is_cross_entropy_of_labels_one_and_zero() -> None:
    expected = F.binary_cross_entropy(REAL.sigmoid(), torch.ones(3)) + F.binary_cross_entropy(
        FAKE.sigmoid(), torch.zeros(3)
    )
    for name in ("minimax", "nonsaturating"):
        assert GAMES[name].d(REAL, FAKE, 0.0).item() == pytest.approx(expected.item(), rel=1e-6)
    smooth = F.binary_cross_entropy(REAL.sigmoid(), torch.full((3,), 0.9)) + F.binary_cross_entropy(
        FAKE.sigmoid(), torch.zeros(3)
    )
    assert GAMES["nonsaturating"].d(REAL, FAKE, 0.1).item() == pytest.approx(smooth.item(), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "d", "g"),
    [
        ("minimax", None, mean(torch.log(1 - FAKE.sigmoid()))),
        ("nonsaturating", None, -mean(FAKE.sigmoid().log())),
        ("wasserstein", mean(FAKE) - mean(REAL), -mean(FAKE)),
        ("hinge", mean((1 - REAL).clamp(min=0)) + mean((1 + FAKE).clamp(min=0)), -mean(FAKE)),
        ("least_squares", 0.5 * mean((REAL - 1) ** 2) + 0.5 * mean(FAKE**2), 0.5 * mean((FAKE - 1) ** 2)),
        ("relativistic", -mean((REAL - FAKE).sigmoid().log()), -mean((FAKE - REAL).sigmoid().log())),
    ],
)
def test_each_game_is_its_paper_s_formula(name: str, d: float | None, g: float) -> None:
    game = GAMES[name]  # type: ignore[index]
    if d is not None:
        assert game.d(REAL, FAKE, 0.0).item() == pytest.approx(d, rel=1e-6)
    assert game.g(FAKE - REAL if game.relative else FAKE).item() == pytest.approx(g, rel=1e-6)


@pytest.mark.parametrize("name", list(GAMES))
def test_each_player_s_way_down_leads_where_it_should(name: str) -> None:
    game = GAMES[name]  # type: ignore[index]
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    game.d(real, fake, 0.0).backward()
    assert real.grad is not None and fake.grad is not None
    away = name == "least_squares"  # it pulls to 1 and to 0 from both sides
    assert away or ((real.grad <= 0).all() and (fake.grad >= 0).all())
    score = FAKE.clone().requires_grad_()
    game.g(score).backward()
    assert score.grad is not None and (score.grad[:2] < 0).all()


def test_where_d_is_sure_one_game_still_teaches_and_the_other_does_not() -> None:
    slopes = {}
    for name in ("minimax", "nonsaturating"):
        score = torch.tensor([-12.0], requires_grad=True)
        GAMES[name].g(score).backward()  # type: ignore[index]
        assert score.grad is not None
        slopes[name] = abs(score.grad.item())
    assert slopes["minimax"] < 1e-4 and slopes["nonsaturating"] > 0.99


def test_slopes_of_a_quadratic() -> None:
    x = torch.randn(7, 2, 3, generator=rng()).requires_grad_()
    score = x.flatten(1).square().sum(1)
    assert torch.allclose(squared_slope(score, x), 4 * x.detach().flatten(1).square().sum(1))
    assert zero_centred(score, x).item() == pytest.approx(2 * mean(x.detach().flatten(1).square().sum(1)), rel=1e-5)


def test_the_penalty_of_a_linear_critic_is_known() -> None:
    w = torch.tensor([3.0, 4.0])
    real, fake, mix = torch.randn(5, 2, generator=rng()), torch.randn(5, 2, generator=rng(1)), torch.rand(5, 1)
    assert gradient_penalty(lambda x: x @ w, real, fake, mix).item() == pytest.approx((5 - 1) ** 2, rel=1e-5)


def test_the_penalty_teaches_the_critic_s_weights() -> None:
    critic = nn.Linear(2, 1)
    x = torch.randn(5, 2, generator=rng()).requires_grad_()
    zero_centred(critic(x)[:, 0], x).backward()
    assert critic.weight.grad is not None
    assert torch.allclose(critic.weight.grad, critic.weight.detach(), atol=1e-6)  # d/dw ½ ‖w‖²


def test_points_between_are_where_the_penalty_looks() -> None:
    seen: list[Tensor] = []

    def critic(x: Tensor) -> Tensor:
        seen.append(x.detach())
        return x.sum(1)

    real, fake = torch.ones(4, 2), -torch.ones(4, 2)
    gradient_penalty(critic, real, fake, torch.tensor([[0.0], [0.25], [0.5], [1.0]]))
    assert torch.equal(seen[0][:, 0], torch.tensor([-1.0, -0.5, 0.0, 1.0]))


def test_augmentation_keeps_form_lets_gradients_pass_and_is_its_noise_alone() -> None:
    x = (torch.rand(6, 3, 32, 32, generator=rng()) * 2 - 1).requires_grad_()

    def changed(seed: int) -> Tensor:
        noise = rng(seed)
        return augment(x, lambda *shape: torch.rand(len(x), *shape, generator=noise))

    once, again, other = changed(1), changed(1), changed(2)
    assert once.shape == x.shape and torch.equal(once, again) and not torch.equal(once, other)
    once.square().sum().backward()
    assert x.grad is not None and (x.grad.flatten(1).abs().sum(1) > 0).all()


def test_augmentation_moves_by_at_most_an_eighth_and_cuts_a_quarter_out() -> None:
    x = torch.full((200, 1, 32, 32), -1.0)
    x[:, :, 16, 16] = 1.0
    noise = rng()

    def rand(*shape: int) -> Tensor:
        own_colours = torch.full((len(x), 3, 1, 1, 1), 0.5)
        return own_colours if len(shape) == 4 else torch.rand(len(x), *shape, generator=noise)

    made = augment(x, rand)
    cut = (made == 0).flatten(1).float().mean(1)
    assert cut.max() <= 0.25 and cut.mean() > 0.05
    lit = (made == 1).nonzero()
    rows, columns = lit[:, 2] - 16, lit[:, 3] - 16
    assert len(lit) > 100
    assert rows.abs().max() == 4 == columns.abs().max() and len(set(rows.tolist())) == 9 == len(set(columns.tolist()))
