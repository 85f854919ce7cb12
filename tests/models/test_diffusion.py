"""Diffusion models: what is learnt, what conditions and guidance do, and points whose density is known."""

from typing import Any

import pytest
import torch

from genexplorer.core.abilities import Conditional, Denoises
from genexplorer.core.data import Batch, DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS
from genexplorer.core.schedule import T
from genexplorer.models.diffusion import BINS, ConditionalDiffusion, Diffusion, evenly_spread
from genexplorer.networks.guidance import Remembered, Steers

SPEC = DataSpec((1, 8, 8), (Label("kind", "class", ("a", "b", "c")), Label("thick", "binary")))
TINY = {"width": 8, "sample_steps": 3}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(name: str = "ddpm", spec: DataSpec = SPEC, **settings: Any) -> Diffusion:
    torch.manual_seed(0)
    model = MODELS[name].parse(TINY | settings).build(spec)
    assert isinstance(model, Diffusion)
    return model


def batch(num: int = 32, step: int = 1, shape: tuple[int, ...] = SPEC.shape) -> Batch:
    x = torch.rand(num, *shape, generator=rng(step)) * 2 - 1
    return Batch(x, torch.stack([torch.arange(num) % 3, torch.arange(num) % 2], 1).float(), rng(step), step)


def test_the_loss_of_noise_foretold_is_its_mean_square() -> None:
    """A network that says nothing, of eps: E‖eps‖² per pixel is 1."""
    model = built(prediction="eps", min_snr=0.0)
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    assert model.loss(batch(512))["loss"].item() == pytest.approx(1, abs=0.03)


def test_the_loss_is_told_of_every_tenth_of_the_times() -> None:
    metrics = built(min_snr=0.0).loss(batch(64))
    tenths = [metrics[f"loss/{part}"].item() for part in range(BINS)]
    assert sum(tenths) / BINS == pytest.approx(metrics["loss"].item(), rel=0.05)
    assert set(built().loss(batch(6))) == {"loss"}


def test_times_are_spread_evenly_over_all_processes() -> None:
    whole = evenly_spread(batch(20))
    halves = [evenly_spread(Batch(torch.zeros(10, 1), torch.zeros(10, 0), rng(1), 1, r, 2)) for r in range(2)]
    assert torch.allclose(torch.stack(halves, 1).flatten(), whole)
    assert (whole.sort().values.diff() - 0.05).abs().max() < 1e-5


@pytest.mark.parametrize(("name", "times"), [("ddpm", "uniform"), ("flow", "middle"), ("edm", "edm")])
def test_which_times_are_seen(name: str, times: str) -> None:
    t = built(name).time((torch.arange(1000) + 0.5) / 1000)
    assert t.min() >= 1 and t.max() <= T and (t.diff() >= 0).all()
    middle = {"uniform": 0.5, "middle": 0.683, "edm": None}[times]
    if middle is None:  # half of EDM's noise is below e^-1.2
        assert built(name).schedule.sigma(t[500]).item() == pytest.approx(0.301, rel=0.02)
    else:  # of a logit-normal 68.3 % are within sigmoid(±1)
        low, high = torch.sigmoid(torch.tensor([-1.0, 1.0])) * T if times == "middle" else torch.tensor([250.0, 750.0])
        assert ((t > low) & (t < high)).float().mean().item() == pytest.approx(middle, abs=0.01)


def test_a_condition_is_untold_as_often_as_said_and_guidance_goes_from_there() -> None:
    model = built(condition=("kind", "thick"))
    assert isinstance(model, ConditionalDiffusion) and isinstance(model, Conditional)
    told = torch.cat([model.conditions_of(batch(64, step)) for step in range(40)])
    assert (told == 0).all(1).float().mean().item() == pytest.approx(0.1, abs=0.02)
    model.eval()
    assert isinstance(model, Steers) and isinstance(model, Denoises)
    values, apart = torch.tensor([2.0, 1.0]).expand(4, -1), torch.tensor([0.0, 1.0])
    xt, t = torch.randn(4, *SPEC.shape, generator=rng()), 300.0
    one, none = model.told(values, 1.0).denoise(xt, t), model.denoise(xt, t)
    away = model.told(values, 3.0, apart).denoise(xt, t)
    with torch.no_grad():
        assert not torch.allclose(one, none)
        assert torch.allclose(model.told(values, 0.0).denoise(xt, t), none, atol=1e-5)
        whole = (none + 2.5 * (one - none)).clamp(-1, 1)
        clear = (one.abs() < 1) & (none.abs() < 1)  # where neither was clipped
        assert torch.allclose(model.told(values, 2.5).denoise(xt, t)[clear], whole[clear], atol=1e-4)
        theirs = model.told(apart[None], 1.0).denoise(xt, t)
        clear &= theirs.abs() < 1
        assert torch.allclose(away[clear], (theirs + 3 * (one - theirs)).clamp(-1, 1)[clear], atol=1e-4)


def test_what_was_seen_before_is_shown_to_a_network_that_wants_it() -> None:
    model = built(self_condition=True).eval()
    xt = torch.randn(2, *SPEC.shape, generator=rng())
    remembered = Remembered(model)
    first, second = remembered(xt, 500), remembered(xt, 500)
    assert torch.equal(first, model.denoise(xt, 500)) and torch.equal(second, model.denoise(xt, 500, first))
    assert not torch.equal(first, second)


def test_a_mixture_of_points_is_learnt() -> None:
    """Two clusters: after some steps, samples lie in them, in their shares."""
    model = built(spec=DataSpec((2,)), hidden=64, depth=3, sample_steps=20)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    centres = torch.tensor([[-0.6, 0.2], [0.5, -0.4]])
    for step in range(1, 1001):
        generator = rng(step)
        kind = (torch.rand(256, generator=generator) < 0.75).long()
        x = centres[kind] + 0.05 * torch.randn(256, 2, generator=generator)
        loss = model.loss(Batch(x, torch.zeros(256, 0), generator, step))["loss"]
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    model.eval()
    with torch.no_grad():
        made = model.sample(2000, rng())
    far = torch.cdist(made, centres)
    assert (far.min(1).values < 0.2).float().mean() > 0.95
    assert (far.argmin(1) == 1).float().mean().item() == pytest.approx(0.75, abs=0.06)


def test_a_width_that_no_group_divides_is_refused() -> None:
    with pytest.raises(UserError, match="multiple of 8"):
        MODELS["ddpm"].parse({"width": 12}).build(SPEC)
