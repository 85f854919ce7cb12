"""Distributions of points on the plane whose density is known in closed form."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

Kind = Literal["ring", "grid", "moons", "spiral", "pinwheel", "drawn"]
_EVEN = 96  # straight pieces that a curve is made of


class Distribution(Protocol):
    @property
    def parts(self) -> int:
        """How many Gaussians, arcs or arms there are."""

    def sample(self, num: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Points, float32 (num, 2), and which part each is of, (num,)."""

    def density(self, points: Tensor) -> Tensor:
        """p(x) at points (N, 2): float64 (N,), per unit of area."""


@dataclass(frozen=True)
class Pieces:
    """Noise N(0, σ² I) around straight pieces from `a` to `b`, (K, 2), as likely as they are by `weight`, (K,).

    Evenly along a piece. One of no length is a point, and what is around it a Gaussian.
    """

    a: Tensor
    b: Tensor
    weight: Tensor
    part: Tensor
    sigma: float

    @property
    def parts(self) -> int:
        return int(self.part.max()) + 1

    def sample(self, num: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        piece = torch.multinomial(self.weight, num, replacement=True, generator=rng)
        along = torch.rand(num, 1, generator=rng, dtype=torch.double)
        noise = torch.randn(num, 2, generator=rng, dtype=torch.double)
        places = self.a[piece] + along * (self.b - self.a)[piece] + self.sigma * noise
        return places.float(), self.part[piece]

    def density(self, points: Tensor) -> Tensor:
        """Across a piece of length L a Gaussian, along it (Φ(s / σ) - Φ((s - L) / σ)) / L, s from where it begins."""
        sigma, away = self.sigma, points.double()[:, None] - self.a  # (N, K, 2)
        length = (self.b - self.a).norm(dim=1)
        ahead = torch.where(length[:, None] > 0, self.b - self.a, torch.tensor([1.0, 0.0]).double())
        s = (away * ahead).sum(2) / ahead.norm(dim=1)
        across = (away.square().sum(2) - s.square()).clamp(min=0)
        drawn_out = (_phi(s / sigma) - _phi((s - length) / sigma)) / length.clamp(min=1e-12)
        along = torch.where(length > 1e-9, drawn_out, _bell(s.square(), sigma))
        return (self.weight / self.weight.sum() * _bell(across, sigma) * along).sum(1)


@dataclass(frozen=True)
class Pinwheel:
    """Gaussians around a hub, each drawn out along its own ray, turned by more the further out: Johnson et al. 2016.

    The turn, rate · exp(r / radius), is told here from the distance r alone, not from the way along the ray: then it
    keeps areas as they are, and the density is that of the Gaussians before they were turned.
    """

    parts: int
    sigma: float  # across a ray
    radius: float = 0.5
    spread: float = 0.15  # along a ray
    rate: float = 0.25

    def sample(self, num: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        part = torch.randint(self.parts, (num,), generator=rng)
        noise = torch.randn(num, 2, generator=rng, dtype=torch.double)
        x, y = self.radius + self.spread * noise[:, 0], self.sigma * noise[:, 1]
        r = torch.hypot(x, y)
        angle = torch.atan2(y, x) + self._turn(r) + part * (2 * math.pi / self.parts)
        return torch.stack([r * angle.cos(), r * angle.sin()], 1).float(), part

    def density(self, points: Tensor) -> Tensor:
        points = points.double()
        r = points.norm(dim=1)[:, None]
        arms = torch.arange(self.parts, dtype=torch.double) * (2 * math.pi / self.parts)
        angle = torch.atan2(points[:, 1], points[:, 0])[:, None] - self._turn(r) - arms
        along, across = r * angle.cos() - self.radius, r * angle.sin()
        return (_bell(along.square(), self.spread) * _bell(across.square(), self.sigma)).mean(1)

    def _turn(self, r: Tensor) -> Tensor:
        return self.rate * torch.exp(r / self.radius)


def distribution(kind: Kind, noise: float, modes: int, strokes: Sequence[float] = ()) -> Distribution:
    """`modes` are Gaussians of a ring, of a grid (the square next to it), or arms of a pinwheel.

    `strokes` are straight pieces, four numbers each: x and y of where it begins, and of where it ends.
    """
    match kind:
        case "ring":
            angle = torch.arange(modes, dtype=torch.double) * (2 * math.pi / modes)
            return _around(0.75 * torch.stack([angle.cos(), angle.sin()], 1), noise)
        case "grid":
            side = max(1, round(modes**0.5))
            line = torch.linspace(-0.75, 0.75, side, dtype=torch.double) if side > 1 else torch.zeros(1).double()
            return _around(torch.cartesian_prod(line, line), noise)
        case "moons":
            t = torch.linspace(0, math.pi, _EVEN + 1, dtype=torch.double)
            arcs = [torch.stack([t.cos(), t.sin()], 1), torch.stack([1 - t.cos(), 0.5 - t.sin()], 1)]
            return _along([(arc - torch.tensor([0.5, 0.25])) / 1.8 for arc in arcs], noise)
        case "spiral":
            t = torch.linspace(0, 1, _EVEN + 1, dtype=torch.double)
            r, angle = 0.1 + 0.75 * t, 2.2 * math.pi * t
            arm = torch.stack([r * angle.cos(), r * angle.sin()], 1)
            return _along([arm, -arm], noise)
        case "pinwheel":
            return Pinwheel(modes, noise)
    pieces = torch.tensor(strokes, dtype=torch.double).view(-1, 4)
    length = (pieces[:, 2:] - pieces[:, :2]).norm(dim=1).clamp(min=1e-3)  # a dot that is drawn counts a little too
    return Pieces(pieces[:, :2], pieces[:, 2:], length, torch.zeros(len(pieces), dtype=torch.long), noise)


def _around(centres: Tensor, sigma: float) -> Pieces:
    return Pieces(centres, centres, torch.ones(len(centres)).double(), torch.arange(len(centres)), sigma)


def _along(curves: Sequence[Tensor], sigma: float) -> Pieces:
    """Evenly along curves, each (K + 1, 2)."""
    a, b = torch.cat([curve[:-1] for curve in curves]), torch.cat([curve[1:] for curve in curves])
    part = torch.cat([torch.full((len(curve) - 1,), n) for n, curve in enumerate(curves)])
    return Pieces(a, b, (b - a).norm(dim=1), part, sigma)


def _phi(x: Tensor) -> Tensor:
    """The normal distribution function."""
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def _bell(squared: Tensor, sigma: float) -> Tensor:
    """The normal density of a number by its square."""
    return torch.exp(-0.5 * squared / sigma**2) / (sigma * math.sqrt(2 * math.pi))
