"""Diffusion models: Ho et al. 2020, "Denoising Diffusion Probabilistic Models", and what came after.

Which noise is added when, what the network says of it, and what counts how much are settings; the well-known
combinations have names.
"""

from contextlib import nullcontext
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from genexplorer.core.abilities import Denoises
from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Metrics, Model, ModelRecipe
from genexplorer.core.precision import quick
from genexplorer.core.recipe import knob
from genexplorer.core.schedule import Schedule, T
from genexplorer.networks.backbone import check_examples
from genexplorer.networks.conditions import SEEN, Conditions, draw_seen, keep_seen
from genexplorer.networks.diffusion_bound import between, first_nll, last_kl, time_at
from genexplorer.networks.guidance import Remembered
from genexplorer.networks.predictions import PredictionName, image, min_snr, target
from genexplorer.networks.samplers import SamplerName, denoised, noised
from genexplorer.networks.schedules import ScheduleName, schedule
from genexplorer.networks.timed_mlp import TimedMLP
from genexplorer.networks.unet import UNet, sizes

BINS = 10
"""Parts of the times seen in training, equally often, of each of which the loss is told: "loss/0", the least noise …"""
_WIDEST = 4  # times the first width


class DiffusionRecipe(ModelRecipe):
    """Settings of a network that sees the image in noise."""

    training: ClassVar = {
        "steps": 10_000,
        "batch_size": 64,
        "lr": 1e-3,
        "warmup": 200,
        "ema": 0.999,
        "preview_every": 500,
        "save_every": 500,
    }

    schedule: ScheduleName = knob("cosine", "How much noise there is at which time.")
    prediction: PredictionName = knob(
        "v", "What the network says: the noise, the image, v in between, the way from one to the other, or EDM's mix."
    )
    times: Literal["uniform", "middle", "edm"] = knob(
        "uniform", "Which times are seen in training: all alike, more of the middle, or by EDM's noise.", advanced=True
    )
    min_snr: float = knob(
        5.0, "No time counts for more than this signal-to-noise ratio; 0 for no weights.", ge=0, le=1000, advanced=True
    )
    self_condition: bool = knob(False, "Show the network what it saw in the step before (Chen et al. 2023).")
    condition: tuple[str, ...] = knob((), "Labels of the data set that images are made for: digit, or smile, glasses …")
    unsaid: float = knob(
        0.1, "How often a condition is not told, so that guidance has something to differ from.", ge=0, le=1,
        advanced=True,
    )  # fmt: skip
    patch: Literal[1, 2, 4] = knob(
        1, "Pixels along each side that the network sees as one: quicker, and finest details are harder."
    )
    width: int = knob(
        32, "Channels where images are largest; they double as maps halve, up to four times.", ge=8, le=256
    )
    blocks: int = knob(1, "Residual blocks at each size.", ge=1, le=8)
    hidden: int = knob(128, "Units of a hidden layer, for points.", ge=8, le=8192)
    depth: int = knob(3, "Hidden layers, for points.", ge=1, le=8)
    sampler: SamplerName = knob("dpmpp", "How samples are drawn where nothing else is said.")
    sample_steps: int = knob(20, "In how many steps.", ge=1, le=T)
    cfg_scale: float = knob(
        1.5, "How much conditions are stressed: 1 as in the data, more than there (Ho & Salimans 2022).", ge=0, le=20
    )

    def build(self, spec: DataSpec) -> "Diffusion":
        check_examples(self.name, spec)
        if self.width % 8:
            raise UserError(f"{self.name}: width should be a multiple of 8, got {self.width}.")
        return ConditionalDiffusion(self, spec) if self.condition else Diffusion(self, spec)

    def network(self, spec: DataSpec, conditions: int) -> nn.Module:
        """(x (B, inputs, …), t (B,), y (B, conditions) or None) to (B, *shape)."""
        inputs = spec.shape[0] * (2 if self.self_condition else 1)
        if not spec.is_image:
            return TimedMLP(inputs, spec.shape[0], self.hidden, self.depth, conditions)
        size = -(-spec.size // self.patch)
        widths = [self.width * min(2**level, _WIDEST) for level in range(len(sizes(size)))]
        return UNet(inputs, spec.channels, widths, self.blocks, conditions, self.patch)


@MODELS.register("ddpm")
class DDPM(DiffusionRecipe):
    title = "DDPM"
    about = "Noise is added little by little, and a network learns the way back (Ho et al. 2020)."


@MODELS.register("edm")
class EDM(DiffusionRecipe, schedule="edm", prediction="edm", times="edm", min_snr=0.0):
    title = "EDM"
    about = "Diffusion at its clearest: any noise, so scaled that the network has an even task (Karras et al. 2022)."


@MODELS.register("flow")
class Flow(DiffusionRecipe, schedule="straight", prediction="velocity", times="middle", min_snr=0.0):
    title = "Flow matching"
    about = "Straight ways from noise to images, which need few steps (Liu et al. 2023, Lipman et al. 2023)."


class Diffusion(Model):
    """x̂0(x_t, t), the mean of all images that may be in x_t."""

    def __init__(self, recipe: DiffusionRecipe, spec: DataSpec, conditions: int = 0) -> None:
        super().__init__()
        self.recipe = recipe
        self.shape = spec.shape
        self.bounded = spec.is_image
        self.network = recipe.network(spec, conditions)

    @property
    def schedule(self) -> Schedule:
        return schedule(self.recipe.schedule)

    def said(self, xt: Tensor, t: Tensor, y: Tensor | None, before: Tensor | None) -> Tensor:
        """What the network says of x_t at t (B,), given conditions y (B, dim) and what it saw before, x̂0."""
        if self.recipe.self_condition:
            xt = torch.cat([xt, torch.zeros_like(xt) if before is None else before], 1)
        found: Tensor = self.network(xt, t - 1, y)
        return found.float()

    def denoise(self, xt: Tensor, t: float, before: Tensor | None = None) -> Tensor:
        return self.clipped(self.seen(xt, torch.full((len(xt),), t, device=xt.device), None, before))

    def clipped(self, x0: Tensor) -> Tensor:
        """Images are within [-1, 1]; points may lie anywhere."""
        return x0.clamp(-1, 1) if self.bounded else x0

    def seen(self, xt: Tensor, t: Tensor, y: Tensor | None, before: Tensor | None = None) -> Tensor:
        """x̂0 of x_t at t (B,), of any size."""
        a, s = (part.view(-1, *(1,) * (xt.ndim - 1)) for part in self.schedule.parts(t))
        return image(self.recipe.prediction, self.said(xt, t, y, before), xt, a, s)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return drawn(self, self.recipe, self.shape, num, rng)

    def conditions_of(self, batch: Batch) -> Tensor | None:
        """y of a batch's labels, (B, dim); rows of zeros for those to whom it is not told."""
        return None

    def loss(self, batch: Batch) -> Metrics:
        """Mean of ‖said - target‖² over times and noise: Ho et al. 2020, algorithm 1, for what is predicted here."""
        x0, recipe = batch.x, self.recipe
        u = evenly_spread(batch)
        t = self.time(u)
        eps = batch.randn(*self.shape)
        a, s = (part.view(-1, *(1,) * (x0.ndim - 1)) for part in self.schedule.parts(t))
        xt, y, before = a * x0 + s * eps, self.conditions_of(batch), None
        if recipe.self_condition:  # Chen et al. 2023, "Analog Bits", algorithm 1: for half of them
            with torch.no_grad():
                before = self.seen(xt, t, y) * (batch.rand(*(1,) * (x0.ndim - 1)) < 0.5)
        said = self.said(xt, t, y, before)
        wrong = (said - target(recipe.prediction, x0, eps, a, s)).square().flatten(1).mean(1)
        metrics = self.by_time(wrong.detach(), u)
        if recipe.min_snr:
            wrong = wrong * min_snr(recipe.prediction, recipe.min_snr, a, s).flatten()
        return {"loss": wrong.mean(), **metrics}

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """A bound on log p(x) by one time for each image, spread evenly over all that are asked together.

        Images are told by their 256 levels, in nats of a probability, where a point has a density.
        """
        t = time_at(spread(len(x), rng), self.schedule)
        a, s = (part.view(-1, *(1,) * (x.ndim - 1)) for part in self.schedule.parts(t))
        xt = a * x + s * torch.randn(x.shape, generator=rng, device=rng.device)
        x1 = noised(x, torch.randn(x.shape, generator=rng, device=rng.device), 1.0, self.schedule)
        seen = self.clipped(self.seen(xt, t.float(), None))
        kl = last_kl(x, self.schedule) + between(x, seen, t, self.schedule)
        recon = first_nll(x, x1, self.denoise(x1, 1.0), self.schedule, self.bounded)
        return {"elbo": -recon - kl, "recon": recon, "kl": kl}

    def by_time(self, wrong: Tensor, u: Tensor) -> Metrics:
        """The mean in each tenth of the times; none where there are too few to have some in each."""
        if len(u) < 2 * BINS:
            return {}
        belongs = torch.nn.functional.one_hot((u * BINS).long().clamp(max=BINS - 1), BINS).float()
        means = (wrong @ belongs) / belongs.sum(0)
        return {f"loss/{part}": mean for part, mean in enumerate(means)}

    def time(self, u: Tensor) -> Tensor:
        """Times in 1…T of which a share u (B,) in [0, 1) of those seen in training is lower."""
        match self.recipe.times:
            case "uniform":
                return (u * T).floor() + 1
            case "middle":  # Esser et al. 2024, section 3.1: logit-normal
                t = T * torch.sigmoid(torch.special.ndtri(u.double().clamp(1e-6, 1 - 1e-6)))
            case "edm":  # Karras et al. 2022, table 1: ln σ ~ N(-1.2, 1.2²)
                t = self.schedule.time(torch.exp(-1.2 + 1.2 * torch.special.ndtri(u.double().clamp(1e-6, 1 - 1e-6))))
        return t.clamp(1, T).float()


def evenly_spread(batch: Batch) -> Tensor:
    """u ~ U(0, 1) for each row of the batch, (B,), spread over those of all processes."""
    return spread(len(batch.x) * batch.world, batch.rng)[batch.rank :: batch.world]


def spread(num: int, rng: torch.Generator) -> Tensor:
    """u ~ U(0, 1), (num,), at equal distances: their mean varies less (Kingma et al. 2021, appendix I.1)."""
    return (torch.rand(1, generator=rng, device=rng.device) + torch.arange(num, device=rng.device) / num) % 1


class ConditionalDiffusion(Diffusion):
    """x̂0(x_t, t, y), y standing for labels as `Conditions` writes them; where y is not told, over all of them."""

    def __init__(self, recipe: DiffusionRecipe, spec: DataSpec) -> None:
        labels = Conditions(spec, recipe.condition)
        super().__init__(recipe, spec, labels.dim + 1)  # and one number that tells that there are some
        self.labels = labels
        self.conditions = labels.labels
        self.seen_labels: Tensor
        self.register_buffer("seen_labels", torch.zeros(SEEN, len(self.conditions)))

    def written(self, values: Tensor) -> Tensor:
        """Values (B, K) as y (B, dim + 1)."""
        return torch.cat([self.labels.write(values), torch.ones(len(values), 1, device=values.device)], 1)

    def conditions_of(self, batch: Batch) -> Tensor:
        values = batch.labels[:, self.labels.columns]
        if self.training:
            keep_seen(self.seen_labels, values, batch.step)
        return self.written(values) * (batch.rand(1) >= self.recipe.unsaid)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return GivenDiffusion(self, self.written(self.likely(num, rng))).sample(num, rng)

    def given(self, y: Tensor) -> "GivenDiffusion":
        return GivenDiffusion(self, self.written(y[None]))

    def likely(self, num: int, rng: torch.Generator) -> Tensor:
        return draw_seen(self.seen_labels, num, rng)

    def told(self, values: Tensor, cfg_scale: float, against: Tensor | None = None) -> "GivenDiffusion":
        away = None if against is None else self.written(against[None])
        return GivenDiffusion(self, self.written(values), cfg_scale, away)


class GivenDiffusion(Model):
    """A conditional one where y, (1, dim) or a row for each image, is known, and stressed by `cfg_scale`.

    `against`, (1, dim), is what it is led away from; all zeros say nothing.
    """

    def __init__(
        self, whole: ConditionalDiffusion, y: Tensor, cfg_scale: float | None = None, against: Tensor | None = None
    ) -> None:
        super().__init__()
        self.whole, self.y = whole, y
        self.against = torch.zeros_like(y[:1]) if against is None else against
        self.cfg_scale = whole.recipe.cfg_scale if cfg_scale is None else cfg_scale

    @property
    def schedule(self) -> Schedule:
        return self.whole.schedule

    def denoise(self, xt: Tensor, t: float, before: Tensor | None = None) -> Tensor:
        """x̂0 = x̂0(x_t) + w (x̂0(x_t, y) - x̂0(x_t)): Ho & Salimans 2022, eq. 6, linear in what is predicted."""
        y, w = self.y.expand(len(xt), -1), self.cfg_scale
        times = torch.full((len(xt),), t, device=xt.device)
        if w == 1:
            return self.whole.clipped(self.whole.seen(xt, times, y, before))
        twice = (2, *(1,) * (xt.ndim - 1))
        ys = torch.cat([y, self.against.expand(len(xt), -1)])
        both = self.whole.seen(xt.repeat(twice), times.repeat(2), ys, None if before is None else before.repeat(twice))
        told, untold = both.chunk(2)
        return self.whole.clipped(untold + w * (told - untold))

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return drawn(self, self.whole.recipe, self.whole.shape, num, rng)


def drawn(model: Denoises, recipe: DiffusionRecipe, shape: tuple[int, ...], num: int, rng: torch.Generator) -> Tensor:
    """New examples (num, *shape), in the way that the recipe says."""
    noise = torch.randn(num, *shape, generator=rng, device=rng.device)
    with quick(rng.device.type) if len(shape) == 3 else nullcontext():
        x = denoised(recipe.sampler, Remembered(model), noise, recipe.sample_steps, model.schedule, rng)
    return x.clamp(-1, 1) if len(shape) == 3 else x
