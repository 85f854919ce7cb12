"""Shapes at every size, and likelihoods against torch.distributions."""

import math
from itertools import pairwise

import pytest
import torch
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Normal

from genexplorer.networks.conv import ConvDecoder, ConvEncoder, pyramid
from genexplorer.networks.likelihoods import Bernoulli, DiscretisedLogistic, Gaussian, make_likelihood
from genexplorer.networks.mlp import mlp

LEVELS = torch.arange(256) / 127.5 - 1


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("size", range(8, 129))
def test_pyramid_halves_rounding_up(size: int) -> None:
    sizes = pyramid(size)
    assert sizes[0] == size and 4 <= sizes[-1] <= 7
    assert all(b == math.ceil(a / 2) for a, b in pairwise(sizes))


@pytest.mark.parametrize("size", [8, 9, 13, 14, 15, 16, 17, 28, 31, 33, 48, 57, 64, 65, 100, 127, 128])
@pytest.mark.parametrize("channels", [1, 3])
def test_convolutions_give_the_size_asked_for(size: int, channels: int) -> None:
    x = torch.randn(2, channels, size, size, generator=rng())
    encoder = ConvEncoder(channels, size, 4, 6)
    decoder = ConvDecoder(3, channels, size, 4)
    code, image = encoder(x), decoder(torch.randn(2, 3, generator=rng()))
    assert code.shape == (2, 6) and image.shape == x.shape
    (code.sum() + image.square().sum()).backward()
    moved = [p.grad.abs().sum() > 0 for p in [*encoder.parameters(), *decoder.parameters()] if p.grad is not None]
    assert all(moved) and len(moved) == len([*encoder.parameters(), *decoder.parameters()])


def test_every_pixel_is_seen_and_drawn() -> None:
    """No row or column at the edge of an odd size is lost."""
    x = torch.randn(1, 1, 13, 13, generator=rng(), requires_grad=True)
    ConvEncoder(1, 13, 4, 8)(x).square().sum().backward()
    assert x.grad is not None and (x.grad != 0).all()
    images = ConvDecoder(3, 1, 13, 4)(torch.randn(8, 3, generator=rng()))
    assert (images.std(0) > 0).all()


@pytest.mark.parametrize("size", [8, 28, 64])
def test_residual_blocks_begin_as_nothing_and_then_count(size: int) -> None:
    """Fresh, they leave a network as it is without them; a step moves them."""
    x, z = torch.randn(2, 3, size, size, generator=rng()), torch.randn(2, 3, generator=rng())
    for plain, deep, given in (
        (ConvEncoder(3, size, 4, 6), ConvEncoder(3, size, 4, 6, blocks=2), x),
        (ConvDecoder(3, 3, size, 4), ConvDecoder(3, 3, size, 4, blocks=2), z),
    ):
        deep.load_state_dict(plain.state_dict(), strict=False)
        torch.testing.assert_close(deep(given), plain(given))
        deep(given).square().sum().backward()
        with torch.no_grad():
            for parameter in deep.blocks.parameters():
                assert parameter.grad is not None
                parameter -= 0.1 * parameter.grad
        assert not torch.allclose(deep(given), plain(given))


def test_mlp() -> None:
    net = mlp(5, (7, 3), 2)
    assert [tuple(p.shape) for p in net.parameters()] == [(7, 5), (7,), (3, 7), (3,), (2, 3), (2,)]
    assert mlp(5, (), 2)(torch.zeros(4, 5)).shape == (4, 2)


@pytest.mark.parametrize("sigma", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("learned", [True, False])
def test_gaussian_is_torchs(sigma: float, learned: bool) -> None:
    x, raw = torch.rand(2, 4, 3, 5, 5, generator=rng()) * 2 - 1
    likelihood = Gaussian(sigma, learned)
    oracle = Normal(raw, sigma).log_prob(x).flatten(1).sum(1)
    assert torch.allclose(likelihood.log_prob(x, raw), oracle, rtol=1e-5)
    assert [p.requires_grad for p in likelihood.parameters()] == [learned]


def test_learned_sigma_finds_the_error() -> None:
    """The best sigma is the root mean squared error (Rybkin et al. 2021, eq. 6)."""
    x = torch.randn(64, 1, 8, 8, generator=rng()) * 0.3
    likelihood = Gaussian(1.0, learned=True)
    optimizer = torch.optim.LBFGS(likelihood.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = -likelihood.log_prob(x, torch.zeros_like(x)).mean() / 64
        loss.backward()
        return loss

    optimizer.step(closure)
    assert likelihood.log_sigma.exp().item() == pytest.approx(x.square().mean().sqrt().item(), rel=1e-3)


def test_a_perfect_reconstruction_stays_finite() -> None:
    x = torch.zeros(1, 1, 8, 8)
    likelihood = Gaussian(1e-3, learned=True)
    likelihood.log_sigma.data.fill_(-100)
    bound = Normal(0.0, 1 / 255).log_prob(torch.tensor(0.0)) * 64
    assert likelihood.log_prob(x, x).item() == pytest.approx(bound.item(), rel=1e-5)


def test_bernoulli_is_torchs() -> None:
    x = (torch.rand(4, 1, 6, 6, generator=rng()) > 0.5).float()
    raw = torch.randn(4, 1, 6, 6, generator=rng(1)) * 3
    oracle = TorchBernoulli(logits=raw).log_prob(x).flatten(1).sum(1)
    assert torch.allclose(Bernoulli().log_prob(x * 2 - 1, raw), oracle, rtol=1e-5)
    assert torch.allclose(Bernoulli().mean(raw), 2 * TorchBernoulli(logits=raw).mean - 1, atol=1e-6)


def test_bernoulli_takes_grey_as_an_expected_coin() -> None:
    grey, raw = torch.full((1, 1, 1, 1), 0.2), torch.full((1, 1, 1, 1), 0.7)
    p = TorchBernoulli(logits=torch.tensor(0.7))
    expected = 0.6 * p.log_prob(torch.tensor(1.0)) + 0.4 * p.log_prob(torch.tensor(0.0))
    assert Bernoulli().log_prob(grey, raw).item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_binary_image_is_white_as_often_as_it_is_grey() -> None:
    x = torch.linspace(-1, 1, 5).view(1, 1, 1, 5).expand(20_000, 1, 1, 5)
    binary = make_likelihood("binary", 1, 0.5)
    seen = binary.observe(x, lambda: torch.rand(x.shape, generator=rng()))
    assert set(seen.unique().tolist()) == {-1.0, 1.0}
    assert seen.mean(0).flatten().tolist() == pytest.approx([-1, -0.5, 0, 0.5, 1], abs=0.02)
    raw = torch.randn(seen.shape, generator=rng(1))
    assert torch.equal(binary.log_prob(seen, raw), Bernoulli().log_prob(seen, raw))
    assert Bernoulli().observe(x, lambda: pytest.fail("needs no noise")) is x


@pytest.mark.parametrize("log_scale", [-6.0, -4.0, -2.0, 0.0, 2.0])
@pytest.mark.parametrize("centre", [-1.5, -1.0, -0.3, 0.0, 0.9, 1.0, 2.0])
def test_the_256_grey_levels_sum_to_one(log_scale: float, centre: float) -> None:
    likelihood = DiscretisedLogistic(1)
    likelihood.log_scale.data.fill_(log_scale)
    log_p = likelihood.log_prob(LEVELS.view(256, 1, 1, 1), torch.full((256, 1, 1, 1), centre))
    assert log_p.exp().double().sum().item() == pytest.approx(1, abs=2e-4)
    assert log_p.isfinite().all()


def test_logistic_is_a_difference_of_sigmoids() -> None:
    """Salimans et al. 2017, eq. 2, by hand in 64 bits, per channel with its own scale."""
    likelihood = DiscretisedLogistic(3)
    likelihood.log_scale.data.copy_(torch.tensor([-3.0, -2.0, 0.5]).view(3, 1, 1))
    x = LEVELS[torch.randint(1, 255, (2, 3, 4, 4), generator=rng())]
    raw = x + 0.2 * torch.randn(2, 3, 4, 4, generator=rng(1))
    scale = likelihood.log_scale.detach().double().exp()
    upper, lower = ((x.double() + half - raw.double()) / scale for half in (1 / 255, -1 / 255))
    oracle = (torch.sigmoid(upper) - torch.sigmoid(lower)).log().flatten(1).sum(1)
    assert torch.allclose(likelihood.log_prob(x, raw).double(), oracle, rtol=1e-3)


def test_logistic_far_away_keeps_its_gradient() -> None:
    """Where the difference of sigmoids is zero in 32 bits the logarithm still points home."""
    likelihood = DiscretisedLogistic(1)
    likelihood.log_scale.data.fill_(-6)
    raw = torch.full((1, 1, 1, 1), 0.9, requires_grad=True)
    log_p = likelihood.log_prob(torch.full((1, 1, 1, 1), -0.5), raw)
    log_p.sum().backward()
    assert log_p.isfinite().all() and raw.grad is not None and raw.grad.item() < -1


@pytest.mark.parametrize("name", ["gaussian", "gaussian_learned", "bernoulli", "binary", "logistic"])
def test_means_lie_in_range(name: str) -> None:
    likelihood = make_likelihood(name, 3, 0.1)  # type: ignore[arg-type]
    mean = likelihood.mean(torch.randn(2, 3, 4, 4, generator=rng()) * 10)
    assert mean.shape == (2, 3, 4, 4) and mean.abs().max() <= 1
