"""Learning on the plane, step by step, with all that can be seen of it: after GAN Lab (Kahng et al. 2019)."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes, Denoises, Draws
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, Batch, Data, DatasetRecipe, KnowsDensity
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS, Model, ModelRecipe
from genexplorer.networks.adversarial import Game
from genexplorer.networks.guidance import Remembered
from genexplorer.networks.samplers import dpmpp, evenly
from genexplorer.sources.dots import REACH
from genexplorer.statistics.plane import Plane, js, kl

from .settings import TrainRecipe
from .train import Order, stream

KINDS = ("ring", "grid", "moons", "spiral", "pinwheel", "drawn")
_PLAIN: dict[str, Any] = {"latent_dim": 2, "hidden": 64}
FAMILIES: dict[str, tuple[dict[str, Any], float]] = {  # what suits points, and the learning rate
    "gan": ({**_PLAIN, "depth": 3}, 1e-3),
    "r3gan": ({**_PLAIN, "depth": 3, "gamma": 0.1}, 1e-3),
    "wgan_gp": ({**_PLAIN, "depth": 3, "gamma": 1.0}, 1e-3),
    "sngan": ({**_PLAIN, "depth": 3}, 2e-3),
    "lsgan": ({**_PLAIN, "depth": 3}, 1e-3),
    "vae": ({**_PLAIN, "depth": 3, "sigma": 0.06}, 2e-3),
    "ddpm": ({}, 2e-3),
    "flow": ({}, 2e-3),
}
_SHOWN, _JUDGED, _PULLED = 400, 2000, 64  # points: shown, that the divergences are told from, that have an arrow
_HEAT, _LINES = 32, 21  # cells along a side of the heat map, and lines of the grid of z
_OUTERMOST = 0.02  # share of z beyond the outermost line, on each side
_FPS = 32.0
_JUDGE_S = 0.1  # between divergences that are told while it plays
_TURNS = 100  # steps after which a player that was not asked to move is waited for no longer
_ADRIFT = {"wasserstein", "relativistic"}  # games in which all scores may rise together, and nothing is changed
_CHIP = 240
_STRIDES, _WAYS = 12, 48  # from noise to points while they are watched, and points whose way is shown
_SIGMA, _FIELD = 0.2, 13  # the noise at which the field of a model that denoises is shown, and its arrows along a side


@runtime_checkable
class Plays(Protocol):
    """A model in which a generator plays for what a discriminator says."""

    game: Game

    def discriminate(self, x: Tensor) -> Tensor:
        """Scores (B,) of points (B, 2)."""


@dataclass(frozen=True)
class Setup:
    """What is played with. `start` has weights to begin with, of the same recipe."""

    data: DatasetRecipe
    model: ModelRecipe
    lr: float = 1e-3
    batch_size: int = 128
    seed: int = 0
    start: Checkpoint | None = None


def setup_for(family: str, data: DatasetRecipe, seed: int = 0) -> Setup:
    """A family with settings that suit points."""
    values, lr = FAMILIES[family]
    return Setup(data, MODELS[family].parse(values), lr, seed=seed)


@dataclass(frozen=True)
class Frame:
    """What can be seen after a step; the plane reaches from -REACH to REACH.

    real, fake: points (N, 2), the fake ones of the same z every time.
    heat: σ(D(x)) at the middles of cells, (cells, cells), rows from low y to high y; without a discriminator how
    densely points are made, from ½ for nowhere to 0 for where most are; None while neither is known.
    manifold: where a grid of z goes, (lines, lines, 2), each cell as likely as any other; None where z is not 2-D.
    ways: where points come from, (K, S, 2), of a model that goes there in steps from noise; None of others.
    pull_at, pull: arrows and where they begin, (K, 2): -∂L_G/∂x at the first of the fake points, each as if it were the
    only one; or of a model that denoises, from points with noise of σ = 0.2 to the mean of what may be in them,
    σ² ∇ log p_σ(x) (Robbins 1956; Miyasawa 1961). None without either.
    moves: how often each group of weights moved.
    kl, js: KL(p ‖ q) and the Jensen-Shannon divergence of the true density p and 2,000 made points, in nats, told from
    shares of cells (`statistics/plane`). None while there are newer ones ten times a second.
    """

    setup: Setup
    step: int
    moves: Mapping[str, int]
    real: np.ndarray
    fake: np.ndarray
    heat: np.ndarray | None
    manifold: np.ndarray | None
    ways: np.ndarray | None
    pull_at: np.ndarray | None
    pull: np.ndarray | None
    losses: Mapping[str, float]
    kl: float | None
    js: float | None


@dataclass(frozen=True)
class Chips:
    """A few points of each kind of distribution, by its name, (N, 2)."""

    points: Mapping[str, np.ndarray]


class Turns:
    """Optimizers of which only some let their weights move."""

    def __init__(self, model: Model, settings: TrainRecipe) -> None:
        self.only: frozenset[str] | None = None  # None: all
        self.asked: set[str] = set()
        self.moves: dict[str, int] = {}
        self._clip = settings.clip
        groups = model.groups()
        self._paces = {name: group.lr for name, group in groups.items()}
        self._all = {
            name: torch.optim.AdamW(
                list(group.parameters), lr=settings.lr * group.lr, betas=group.betas, weight_decay=0.0, fused=True
            )
            for name, group in groups.items()
        }
        self.moves = dict.fromkeys(groups, 0)

    def set_lr(self, lr: float) -> None:
        for name, optimizer in self._all.items():
            optimizer.param_groups[0]["lr"] = lr * self._paces[name]

    def step(self, loss: Tensor, group: str = "all") -> None:
        self.asked.add(group)
        if self.only is not None and group not in self.only:
            return
        optimizer = self._all[group]
        own = [weight for weight in optimizer.param_groups[0]["params"] if weight.requires_grad]
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss, inputs=own)
        if self._clip:
            torch.nn.utils.clip_grad_norm_(own, self._clip)
        optimizer.step()
        self.moves[group] += 1


class Round:
    """One model and its optimizers, from its first weights on."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.step, self.losses = 0, dict[str, float]()
        self.plane = Plane()
        self.data = self._load(setup.data)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(setup.seed)
            self.model = setup.model.build(self.data.spec)
        if setup.start is not None:
            self.model.load_state_dict(setup.start.model().state_dict())
        if not isinstance(self.model, Decodes | Denoises):
            raise UserError(f"A {setup.model.name} makes no points of codes or of noise; choose another family.")
        self.turns = Turns(self.model, TrainRecipe.suiting(type(setup.model), lr=setup.lr))
        self.rng, codes = torch.Generator(), torch.Generator().manual_seed(setup.seed)
        dim = self.model.latent_dim if isinstance(self.model, Decodes) else 2
        if isinstance(self.model, Draws):
            self.z = self.model.draw(_JUDGED, codes)
        else:
            self.z = torch.randn(_JUDGED, dim, generator=codes)
        line = torch.linspace(_OUTERMOST, 1 - _OUTERMOST, _LINES)
        normal = math.sqrt(2) * torch.erfinv(2 * line - 1)
        self.grid = torch.cartesian_prod(normal, normal) if dim == 2 else None
        field = torch.linspace(-REACH, REACH, _FIELD + 2)[1:-1]
        self.field = torch.cartesian_prod(field, field)
        self.dense: np.ndarray | None = None
        middles = (torch.arange(_HEAT) + 0.5) * (2 * REACH / _HEAT) - REACH
        self.cells = torch.cartesian_prod(middles, middles).flip(1)  # rows of y, x within

    def change(self, setup: Setup) -> None:
        """Other data, or another pace, for the same weights."""
        if setup.data != self.setup.data:
            self.data = self._load(setup.data)
        self.turns.set_lr(setup.lr)
        self.setup = setup

    def _load(self, recipe: DatasetRecipe) -> Data:
        if not isinstance(recipe, KnowsDensity):
            raise UserError(f"The density of {recipe.name} is not known; choose points2d.")
        data = drain(recipe.load(Path()))
        self.p = self.plane.of_density(recipe.density)
        self.real = data.train.images.take(torch.arange(min(_SHOWN, len(data.train))))
        self.seen = self.real.numpy()  # the same array in every frame: whoever draws it can tell that it is
        self.order = Order(len(data.train), self.setup.batch_size, self.setup.seed)
        return data

    def move(self, only: frozenset[str] | None = None) -> None:
        """A step as training takes it; with `only`, where no other group may move, as many as it takes until one of
        these is asked to."""
        self.turns.only = only
        self.turns.asked.clear()
        for _ in range(_TURNS):
            self.step += 1
            mine = self.order.indices(self.step)
            self.rng.manual_seed(stream(self.setup.seed, self.step))
            train = self.data.train
            batch = Batch(train.images.take(mine), train.labels[mine], self.rng, self.step, total=len(train))
            self.metrics = self.model.train_step(batch, self.turns)
            if only is None or self.turns.asked & only:
                break

    def frame(self, judged: bool = True) -> Frame:
        """Nothing is changed by looking. The divergences are worked out where it is to be `judged`."""
        model = self.model.eval()
        with torch.no_grad():
            z = self.z if judged else self.z[:_SHOWN]
            found, ways = self.made(z if self.grid is None else torch.cat([z, self.grid]))
            made, led = found[: len(z)], found[len(z) :]
            if not bool(made.isfinite().all()):
                raise Failure("The numbers grew beyond all bounds. Reset, and choose a lower learning rate.")
            grid = led.view(_LINES, _LINES, 2).numpy() if len(led) else None
            heat = self.heat(made[:_SHOWN])
            if self.step:
                self.losses |= {
                    name: float(value) for name, value in self.metrics.items() if value.isfinite() and "/" not in name
                }
        fake = made[:_SHOWN]
        at, pull = self.arrows(fake[:_PULLED])
        model.train()
        q = self.plane.of_points(made) if judged else None
        if heat is None and q is not None:
            self.dense = self.plane.shown(q, REACH).numpy()
        seen = (self.seen, fake.numpy(), self.dense if heat is None else heat, grid, ways, at, pull)
        far = (None, None) if q is None else (kl(self.p, q), js(self.p, q))
        return Frame(self.setup, self.step, dict(self.turns.moves), *seen, dict(self.losses), *far)

    def made(self, z: Tensor) -> tuple[Tensor, np.ndarray | None]:
        """Points (N, 2) of codes, or of noise; and then the way of the first ones, (K, S, 2)."""
        if isinstance(self.model, Decodes):
            return self.model.decode(z), None
        assert isinstance(self.model, Denoises)
        noise = self.model.schedule
        moments = list(dpmpp(Remembered(self.model), z, evenly(_STRIDES, noise), noise, self.rng))
        return moments[-1].xt, torch.stack([moment.xt[:_WAYS] for moment in moments], 1).numpy()

    def heat(self, made: Tensor) -> np.ndarray | None:
        """σ(D(x)): one half where D sees no difference. Where scores can drift, and where labels are 0 and 1, they are
        counted from the middle between those of real and made points, and from one half."""
        if not isinstance(self.model, Plays):
            return None
        scores, game = self.model.discriminate(self.cells), getattr(self.setup.model, "game", "")
        if game in _ADRIFT:
            scores = scores - (self.model.discriminate(self.real).mean() + self.model.discriminate(made).mean()) / 2
        elif game == "least_squares":
            scores = scores - 0.5
        return scores.sigmoid().view(_HEAT, _HEAT).numpy()

    def arrows(self, x: Tensor) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Where arrows begin, and where they lead, (K, 2) each; of an adversary from made points x (K, 2)."""
        if isinstance(self.model, Plays):
            return x.numpy(), self.pull(self.model, x)
        if not isinstance(self.model, Denoises):
            return None, None
        with torch.no_grad():
            noisy = self.field / (1 + _SIGMA**2) ** 0.5
            seen = self.model.denoise(noisy, float(self.model.schedule.time(_SIGMA)))
        return self.field.numpy(), (seen - self.field).numpy()

    def pull(self, model: Plays, x: Tensor) -> np.ndarray:
        """-∂L_G/∂x at points (K, 2): where the generator's loss would have each go."""
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            scores = model.discriminate(x)
            if model.game.relative:
                scores = scores - model.discriminate(self.real[: len(x)]).detach()
            (slope,) = torch.autograd.grad(model.game.g(scores) * len(x), x)
        return np.asarray(-slope.numpy())


@dataclass(frozen=True)
class Begin:
    """Start again, with this."""

    setup: Setup


@dataclass(frozen=True)
class Change:
    """Go on with this, whose model and seed are the same."""

    setup: Setup


@dataclass(frozen=True)
class Move:
    """One step of these groups of weights; of all, where none are named."""

    only: frozenset[str] | None = None


@dataclass(frozen=True)
class Play:
    """Step after step, as quick as can be, until something else is asked for."""

    fps: float = _FPS


@dataclass(frozen=True)
class Look:
    """Stand still, and show what there is."""


@dataclass(frozen=True)
class Show:
    """Chips of all kinds of data, like this one."""

    data: DatasetRecipe


Wish = Begin | Change | Move | Play | Look | Show


class Table:
    """Where one round at a time is played: each wish is answered with frames, the newest being the truth."""

    def __init__(self) -> None:
        self._round: Round | None = None

    def answer(self, wish: Wish) -> Iterator[Frame | Chips]:
        match wish, self._round:
            case Show(data), _:
                yield chips(data)
            case Begin(setup), _:
                self._round = None
                self._round = Round(setup)
                yield self._round.frame()
            case _, None:
                return
            case Change(setup), played:
                played.change(setup)
                yield played.frame()
            case Move(only), played:
                played.move(only)
                yield played.frame()
            case Play(fps), played:
                yield from play(played, fps)
            case Look(), played:
                yield played.frame()


def play(played: Round, fps: float = _FPS) -> Iterator[Frame]:
    """Steps without an end, and about so many frames a second, as far as to look takes no longer than to learn; 0 for
    one after each step."""
    due = judge = 0.0
    while True:
        played.move()
        now = time.perf_counter()
        if not fps or now >= due:
            judged = not fps or now >= judge
            frame = played.frame(judged)
            spent = time.perf_counter() - now
            due, judge = now + max(1 / fps if fps else 0, 2 * spent), now + _JUDGE_S if judged else judge
            yield frame


def chips(data: DatasetRecipe) -> Chips:
    """Of every kind that can be drawn without strokes, and of strokes where there are some."""
    values, found = data.model_dump(), {}
    for kind in KINDS:
        if kind != "drawn" or values.get("strokes"):
            like = DATASETS[data.name].parse({**values, "kind": kind, "num": 10 * _CHIP, "seed": 0})
            found[kind] = drain(like.load(Path())).train.images.take(torch.arange(_CHIP)).numpy()
    return Chips(found)
