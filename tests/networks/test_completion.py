"""What is taken and put back, and completion where the truth has a closed form."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from genexplorer.core.schedule import Schedule
from genexplorer.networks.completion import Consistent, repaint, travelled
from genexplorer.networks.degradations import Blurred, Coarse, Degradation, Grey, Hidden
from genexplorer.networks.samplers import SAMPLERS, SamplerName, evenly
from genexplorer.networks.schedules import schedule

RHO = 0.9


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def kind(made: Degradation) -> str:
    return type(made).__name__


KEPT = torch.rand(8, 8, generator=rng()) < 0.6


@pytest.mark.parametrize(
    "made", [Hidden(KEPT), Coarse(4), Coarse(2), Grey(3), Blurred(8, 1.0)], ids=lambda a: type(a).__name__
)
def test_each_has_its_pseudo_inverse(made: Degradation) -> None:
    """Moore and Penrose: A A⁺ A = A, A⁺ A A⁺ = A⁺, and A⁺ A is symmetric."""
    x, w = torch.randn(2, 4, 3, 8, 8, generator=rng())
    y = made.take(x)
    assert torch.allclose(made.take(made.put_back(y)), y, atol=1e-4)
    assert torch.allclose(made.put_back(made.take(made.put_back(y))), made.put_back(y), atol=1e-4)

    def onto(image: Tensor) -> Tensor:
        return made.put_back(made.take(image))

    assert (onto(x) * w).sum().item() == pytest.approx((x * onto(w)).sum().item(), rel=1e-3)


def test_a_blur_is_a_blur() -> None:
    """Of a dot in the middle it is a Gaussian; an even image stays; and what it leaves can be put back."""
    made = Blurred(33, 2.0)
    dot = torch.zeros(1, 1, 33, 33)
    dot[..., 16, 16] = 1
    spread = made.take(dot)[0, 0, 16]
    places = torch.arange(33.0) - 16
    bell = torch.exp(-0.5 * (places / 2) ** 2)
    assert (spread / spread.max() - bell).abs().max() < 0.1
    assert torch.allclose(made.take(torch.ones(1, 1, 33, 33)), torch.ones(1, 1, 33, 33), atol=1e-3)


def pair(noise: Schedule) -> Callable[[Tensor, float], Tensor]:
    """E[x0 | x_t] of two pixels with unit variance and correlation ρ, (B, 1, 1, 2)."""
    cov = torch.tensor([[1.0, RHO], [RHO, 1.0]])

    def denoise(xt: Tensor, t: float) -> Tensor:
        bar = float(noise.alpha_bar(t))
        gain = math.sqrt(bar) * cov @ torch.linalg.inv(bar * cov + (1 - bar) * torch.eye(2))
        return xt @ gain.T

    return denoise


def test_repaint_finds_what_goes_with_what_is_known() -> None:
    """x2 given x1 is N(ρ x1, 1 - ρ²); going over the way again is what brings both together."""
    noise, kept = schedule("linear"), torch.tensor([[True, False]])
    known = torch.tensor([1.2, 0.0]).view(1, 1, 1, 2).expand(4000, -1, -1, -1)
    start = torch.randn(4000, 1, 1, 2, generator=rng())
    ends = {}
    for turns in (1, 10):
        times = travelled(evenly(250, noise), 5, turns)
        *_, last = repaint(pair(noise), known, kept, start, times, noise, rng(1))
        assert torch.allclose(last.xt[..., 0], known[..., 0])
        ends[turns] = last.xt[:, 0, 0, 1]
    far = {turns: abs(end.mean().item() - RHO * 1.2) for turns, end in ends.items()}
    assert far[10] < 0.06 < 0.3 < far[1]
    assert ends[10].std().item() == pytest.approx(math.sqrt(1 - RHO**2), abs=0.03)


def test_the_way_goes_back_where_it_should() -> None:
    assert travelled([9, 8, 7, 6, 5, 4], 2, 2) == [9, 8, 7, 9, 8, 7, 6, 5, 7, 6, 5, 4]
    assert travelled([3, 2, 1], 5, 9) == [3, 2, 1]


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("made", [Hidden(KEPT), Coarse(4), Blurred(8, 1.0)], ids=lambda a: type(a).__name__)
def test_any_sampler_ends_in_an_image_of_which_all_is_true_that_is_known(
    sampler: SamplerName, made: Degradation
) -> None:
    noise = schedule("cosine")
    true = torch.rand(1, 1, 8, 8, generator=rng()) * 2 - 1
    y = made.take(true)
    denoise = Consistent(lambda xt, t: torch.tanh(xt), made, y)
    way = SAMPLERS[sampler]
    *_, last = way.run(denoise, torch.randn(2, 1, 8, 8, generator=rng()), way.times(12, noise), noise, rng())
    assert torch.allclose(made.take(last.xt), y.expand(2, -1, -1, -1), atol=0.05)
