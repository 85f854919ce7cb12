"""Samplers, step by step beside diffusers' own, and on a mixture whose true score is known."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, HeunDiscreteScheduler
from torch import Tensor

from genexplorer.core.schedule import Schedule, T
from genexplorer.networks.moments import Moment, noise_in
from genexplorer.networks.samplers import (
    SAMPLERS,
    SamplerName,
    ddim,
    ddpm,
    denoised,
    dpmpp,
    evenly,
    heun,
    karras,
    noised,
)
from genexplorer.networks.schedules import schedule

MU, SD, SHARE = torch.tensor([-0.6, 0.5]), torch.tensor([0.1, 0.05]), torch.tensor([0.3, 0.7])


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def mixture(noise: Schedule) -> Callable[[Tensor, float], Tensor]:
    """E[x0 | x_t] of x0 ~ Σ w N(mu, sd²), (B, 1)."""

    def denoise(xt: Tensor, t: float) -> Tensor:
        bar = float(noise.alpha_bar(t))
        a, variance = math.sqrt(bar), bar * SD**2 + 1 - bar
        log_p = -((xt - a * MU) ** 2) / (2 * variance) - 0.5 * variance.log() + SHARE.log()
        mean = MU + a * SD**2 / variance * (xt - a * MU)
        return (log_p.softmax(1) * mean).sum(1, keepdim=True)

    return denoise


def odd(xt: Tensor, t: float) -> Tensor:
    """Anything that depends on both: a sampler must not care."""
    return torch.tanh(0.7 * xt + t / T)


@pytest.mark.parametrize("steps", [10, 37])
def test_ddpm_is_diffusers_s_step_by_step(steps: int) -> None:
    noise = schedule("linear")
    theirs = DDPMScheduler(
        num_train_timesteps=T, trained_betas=noise.betas.numpy(), prediction_type="sample", clip_sample=False,
        timestep_spacing="trailing",
    )  # fmt: skip
    theirs.set_timesteps(steps)
    x = start = torch.randn(5, 3, 4, 4, generator=rng())
    told = list(ddpm(odd, start, evenly(steps, noise), noise, rng(1)))
    mine = rng(1)
    for moment, t in zip(told, theirs.timesteps, strict=False):
        assert moment.t == t + 1 and torch.allclose(moment.xt, x, atol=1e-4)
        x = theirs.step(odd(x, float(t) + 1), t, x, generator=mine).prev_sample
    assert torch.allclose(told[-1].xt, x, atol=1e-4) and told[-1].t == 0 and told[-1].calls == steps


@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
def test_ddim_is_diffusers_s_step_by_step(eta: float) -> None:
    noise = schedule("cosine")
    theirs = DDIMScheduler(
        num_train_timesteps=T, trained_betas=noise.betas.numpy(), prediction_type="sample", clip_sample=False,
        timestep_spacing="trailing",
    )  # fmt: skip
    theirs.set_timesteps(20)
    x = start = torch.randn(5, 3, 4, 4, generator=rng())
    told = list(ddim(odd, start, evenly(20, noise), noise, rng(1), eta))
    mine = rng(1)
    for moment, t in zip(told, theirs.timesteps, strict=False):
        assert torch.allclose(moment.xt, x, atol=2e-4)
        x = theirs.step(odd(x, float(t) + 1), t, x, eta=eta, generator=mine).prev_sample
    assert torch.allclose(told[-1].xt, x, atol=2e-4)


@pytest.mark.parametrize("steps", [6, 20])
def test_dpmpp_is_diffusers_s_step_by_step(steps: int) -> None:
    noise = schedule("linear")
    theirs = DPMSolverMultistepScheduler(
        num_train_timesteps=T, trained_betas=noise.betas.numpy(), prediction_type="sample", timestep_spacing="trailing"
    )
    theirs.set_timesteps(steps)
    x = start = torch.randn(5, 3, 4, 4, generator=rng())
    told = list(dpmpp(odd, start, evenly(steps, noise), noise, rng()))
    for moment, t in zip(told, theirs.timesteps, strict=False):
        assert moment.t == t + 1 and torch.allclose(moment.xt, x, atol=1e-3)
        x = theirs.step(odd(x, float(t) + 1), t, x).prev_sample
    assert torch.allclose(told[-1].xt, x, atol=1e-3) and told[-1].calls == steps


def test_ddim_with_all_noise_is_ddpm() -> None:
    noise, start = schedule("linear"), torch.randn(4, 2, generator=rng())
    both = [
        list(sampler(odd, start, evenly(15, noise), noise, rng(2)))  # type: ignore[operator]
        for sampler in (ddpm, lambda *given: ddim(*given, eta=1.0))
    ]
    assert torch.allclose(both[0][-1].xt, both[1][-1].xt, atol=1e-5)


def test_heun_is_diffusers_s_step_by_step() -> None:
    noise = schedule("linear")
    theirs = HeunDiscreteScheduler(num_train_timesteps=T, trained_betas=noise.betas.numpy(), prediction_type="sample")
    theirs.config.prediction_type = "epsilon"
    theirs.set_timesteps(8)
    sigmas = torch.cat([theirs.sigmas[:1], theirs.sigmas[1:-1:2]])  # each stands there twice, but the first
    times = [float(t) for t in noise.time(sigmas)]
    start = torch.randn(4, 2, generator=rng())
    mine = list(heun(odd, start, times, noise, rng()))
    x = start * (theirs.sigmas[0] ** 2 + 1) ** 0.5
    for number, t in enumerate(theirs.timesteps):
        sigma = theirs.sigmas[number]
        xt = x / (sigma**2 + 1) ** 0.5
        x0 = odd(xt, float(noise.time(sigma)))
        x = theirs.step((x - x0) / sigma, t, x).prev_sample
    assert torch.allclose(mine[-1].xt, x, atol=1e-3)
    assert mine[-1].calls == 2 * len(times) - 1 == len(theirs.timesteps)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("kind", ["linear", "cosine", "edm", "straight"])
def test_the_true_score_leads_to_the_true_distribution(name: SamplerName, kind: Any) -> None:
    noise, steps = schedule(kind), 200
    x = denoised(name, mixture(noise), torch.randn(20_000, 1, generator=rng()), steps, noise, rng(1))[:, 0]
    left = x < 0
    assert left.float().mean().item() == pytest.approx(0.3, abs=0.02)
    for side, mu, sd in ((left, MU[0], SD[0]), (~left, MU[1], SD[1])):
        assert x[side].mean().item() == pytest.approx(float(mu), abs=0.01)
        assert x[side].std().item() == pytest.approx(float(sd), rel=0.35)


def test_heun_needs_few_steps() -> None:
    noise = schedule("cosine")
    x = denoised("heun", mixture(noise), torch.randn(20_000, 1, generator=rng()), 20, noise, rng())[:, 0]
    assert x[x > 0].std().item() == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_way_can_be_gone_on_from_any_moment(name: SamplerName) -> None:
    """Of samplers that have no memory and draw no noise, the rest of the way is the same."""
    noise, way = schedule("cosine"), SAMPLERS[name]
    times = way.times(12, noise)
    start = torch.randn(3, 2, generator=rng())
    whole = list(way.run(odd, start, times, noise, rng(1)))
    assert [moment.t for moment in whole] == pytest.approx([*times, 0.0])
    rest = list(way.run(odd, whole[5].xt, times[5:], noise, rng(2)))
    assert rest[0].t == whole[5].t and torch.allclose(rest[0].x0, whole[5].x0, atol=1e-4)
    assert len(rest) == len(whole) - 5
    if name in ("ddim", "heun", "euler"):
        assert torch.allclose(rest[-1].xt, whole[-1].xt, atol=1e-3)
    if way.random:
        assert not torch.allclose(rest[-1].xt, whole[-1].xt, atol=1e-3)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_moment_is_at_one_with_itself(name: SamplerName) -> None:
    """x_t = √ᾱ x̂0 + √(1 - ᾱ) eps̑ holds for what is told."""
    noise, way = schedule("linear"), SAMPLERS[name]
    moments: Sequence[Moment] = list(
        way.run(odd, torch.randn(3, 2, generator=rng()), way.times(9, noise), noise, rng())
    )
    for moment in moments[:-1]:
        made = noised(moment.x0, moment.eps, moment.t, noise)
        assert torch.allclose(made, moment.xt, atol=1e-4)
        assert torch.allclose(noise_in(moment.xt, moment.x0, float(noise.alpha_bar(moment.t))), moment.eps)
    assert torch.equal(moments[-1].x0, moments[-1].xt)


def test_karras_s_times_are_spaced_as_in_the_paper() -> None:
    noise = schedule("edm")
    sigma = noise.sigma(torch.tensor(karras(18, noise)))
    published = [(80 ** (1 / 7) + i / 17 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7 for i in range(18)]
    assert sigma.tolist() == pytest.approx(published, rel=1e-4)
