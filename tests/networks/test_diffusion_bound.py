"""The variational bound: what it comes to where log p(x) is known."""

import math

import pytest
import torch

from genexplorer.networks.diffusion_bound import between, ends, first_nll, last_kl, time_at
from genexplorer.networks.samplers import noised
from genexplorer.networks.schedules import schedule

SD = 0.5


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", ["linear", "cosine", "sigmoid", "edm", "straight"])
def test_of_a_gaussian_it_is_log_p(name: str) -> None:
    """x ~ N(0, σ²) and the true E[x0 | x_t]: an equality, in the mean over x the entropy."""
    noise = schedule(name)  # type: ignore[arg-type]
    x = SD * torch.randn(100_000, 1, generator=rng())

    def seen(xt: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        bar = noise.alpha_bar(t)[:, None]
        return (bar.sqrt() * SD**2 / (bar * SD**2 + 1 - bar) * xt).float()

    t = time_at((torch.arange(len(x)) + 0.5) / len(x), noise)
    total = last_kl(x, noise) + between(
        x, seen(noised(x, torch.randn(x.shape, generator=rng(1)), t, noise), t), t, noise
    )
    x1, ones = noised(x, torch.randn(x.shape, generator=rng(2)), 1.0, noise), torch.ones(len(x))
    total += first_nll(x, x1, seen(x1, ones), noise, levels=False)
    entropy = 0.5 * math.log(2 * math.pi * math.e * SD**2)
    error = total.std().item() / len(x) ** 0.5
    assert total.mean().item() == pytest.approx(entropy, abs=4 * error) and error < 0.06


def test_many_small_steps_come_to_the_integral() -> None:
    """Σ KL(q(x_{t-1} | x_t, x0) ‖ p(x_{t-1} | x_t)), by the formula of two Gaussians' KL, for few steps and many."""
    noise, x0, seen = schedule("linear"), torch.tensor([[0.3, -0.8]]), torch.tensor([[0.1, -0.5]])
    low, high = (math.log(sigma) for sigma in ends(noise))
    found = []
    for steps in (200, 2000):
        sigma = torch.exp(torch.linspace(low, high, steps + 1, dtype=torch.float64))
        bar = 1 / (1 + sigma.square())
        now, before = bar[1:], bar[:-1]
        gain = before.sqrt() * (1 - now / before) / (1 - now)  # of x0 in the posterior's mean: Ho et al. 2020, eq. 7
        variance = (1 - before) / (1 - now) * (1 - now / before)
        found.append(((gain**2 / (2 * variance)).sum() * (x0 - seen).square().sum()).item())
    t = time_at((torch.arange(4000) + 0.5) / 4000, noise)
    integral = between(x0.expand(4000, -1), seen.expand(4000, -1), t, noise).mean().item()
    assert found == pytest.approx([integral, integral], rel=1e-4)  # what is seen stays, so the sum is exact


def test_probabilities_of_all_levels_make_one() -> None:
    noise = schedule("linear")
    levels = torch.linspace(-1, 1, 256)[:, None]
    for x1 in (-0.4, 0.99):
        nll = first_nll(levels, torch.full((256, 1), x1), torch.zeros(256, 1), noise, levels=True)
        assert torch.exp(-nll).sum().item() == pytest.approx(1, abs=1e-4)
        assert levels[nll.argmin()].item() == pytest.approx(x1, abs=0.01)


def test_the_last_kl_is_that_of_two_gaussians() -> None:
    noise = schedule("linear")
    x0 = torch.tensor([[0.7, -0.2]])
    bar = noise.alpha_bars[-1].float()
    q = torch.distributions.Normal(bar.sqrt() * x0, (1 - bar).sqrt())
    kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum()
    assert last_kl(x0, noise).item() == pytest.approx(kl.item(), abs=1e-6)
