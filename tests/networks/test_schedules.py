"""Noise by the clock: held against published schedules, and the forward process against its own definition."""

import math

import pytest
import torch
from diffusers import DDPMScheduler

from genexplorer.core.schedule import T
from genexplorer.networks.predictions import SIGMA_DATA, image, min_snr, target
from genexplorer.networks.samplers import noised
from genexplorer.networks.schedules import schedule

NAMES = ["linear", "cosine", "sigmoid", "sqrt", "edm", "straight"]


@pytest.mark.parametrize(("name", "theirs"), [("linear", "linear"), ("cosine", "squaredcos_cap_v2")])
def test_schedules_are_the_published_ones(name: str, theirs: str) -> None:
    bars = DDPMScheduler(num_train_timesteps=T, beta_schedule=theirs).alphas_cumprod
    assert torch.allclose(schedule(name).alpha_bars[1:].float(), bars, rtol=2e-3, atol=1e-6)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_noise_begins_with_none_and_only_grows(name: str) -> None:
    found = schedule(name)  # type: ignore[arg-type]
    assert found.alpha_bars.shape == (T + 1,) and found.alpha_bars[0] == 1 and found.alpha_bars[-1] < 1e-3
    assert (found.alpha_bars.diff() < 0).all()
    assert ((found.betas > 0) & (found.betas <= 1)).all()


def test_edm_and_straight_are_what_their_papers_say() -> None:
    edm = schedule("edm")
    assert float(edm.sigma(1)) == pytest.approx(0.002, rel=1e-3) and float(edm.sigma(T)) == pytest.approx(80, rel=1e-3)
    rho = [float(edm.sigma(t)) ** (1 / 7) for t in (1, 400, 799)]
    assert rho[2] - rho[1] == pytest.approx(rho[1] - rho[0], rel=1e-6)
    bar = float(schedule("straight").alpha_bar(300.0))  # x = 0.7 x0 + 0.3 eps, scaled to unit length
    assert math.sqrt(1 - bar) / math.sqrt(bar) == pytest.approx(0.3 / 0.7)


@pytest.mark.parametrize("name", NAMES)
def test_time_is_the_inverse_of_sigma(name: str) -> None:
    found, t = schedule(name), torch.tensor([1.0, 2.5, 333.3, 500.0, 998.75])  # type: ignore[arg-type]
    assert torch.allclose(found.time(found.sigma(t)), t.double(), atol=1e-6)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_the_closed_form_is_where_small_steps_lead(name: str) -> None:
    """x_t = √(1 - β_t) x_{t-1} + √β_t eps over and over has the moments of x_t = √ᾱ x0 + √(1 - ᾱ) eps."""
    found, rng = schedule(name), torch.Generator().manual_seed(0)  # type: ignore[arg-type]
    x0 = torch.tensor([0.8, -0.3]).repeat(50_000, 1)
    x = x0.clone()
    for beta in found.betas[:300]:
        x = math.sqrt(1 - beta) * x + math.sqrt(beta) * torch.randn(x.shape, generator=rng)
    at_once = noised(x0, torch.randn(x0.shape, generator=rng), 300, found)
    for moment in (torch.mean, torch.std):
        assert torch.allclose(moment(x, 0), moment(at_once, 0), atol=0.02)


@pytest.mark.parametrize("prediction", ["eps", "x0", "v", "velocity", "edm"])
def test_what_is_said_tells_the_image(prediction: str) -> None:
    rng = torch.Generator().manual_seed(0)
    x0, eps = torch.randn(2, 6, 3, generator=rng, dtype=torch.float64)
    bar = torch.tensor([0.9999, 0.9, 0.5, 0.1, 0.01, 1e-4], dtype=torch.float64)[:, None]
    a, s = bar.sqrt(), (1 - bar).sqrt()
    said = target(prediction, x0, eps, a, s)  # type: ignore[arg-type]
    assert torch.allclose(image(prediction, said, a * x0 + s * eps, a, s), x0, atol=1e-9)  # type: ignore[arg-type]


def test_edm_s_network_has_an_even_task() -> None:
    """For images of its σ_data, what it says has unit variance at all noise: Karras et al. 2022, eq. 7 with table 1."""
    rng = torch.Generator().manual_seed(0)
    x0, eps = SIGMA_DATA * torch.randn(200_000, generator=rng), torch.randn(200_000, generator=rng)
    for bar in (0.9999, 0.5, 1e-3):
        a, s = torch.tensor(bar).sqrt(), torch.tensor(1 - bar).sqrt()
        assert target("edm", x0, eps, a, s).std().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("prediction", ["eps", "v", "x0"])
def test_min_snr_weighs_all_predictions_alike_in_terms_of_the_image(prediction: str) -> None:
    rng = torch.Generator().manual_seed(0)
    x0, eps, wrong = torch.randn(3, 4, 5, generator=rng, dtype=torch.float64)
    bar = torch.tensor([0.99, 0.7, 0.3, 0.02], dtype=torch.float64)[:, None]
    a, s = bar.sqrt(), (1 - bar).sqrt()
    xt = a * x0 + s * eps
    right = target(prediction, x0, eps, a, s)  # type: ignore[arg-type]
    apart = (image(prediction, right + wrong, xt, a, s) - x0).square()  # type: ignore[arg-type]
    snr = bar / (1 - bar)
    weighed = min_snr(prediction, 5.0, a, s) * wrong.square()  # type: ignore[arg-type]
    assert torch.allclose(weighed, snr.clamp(max=5) * apart)
