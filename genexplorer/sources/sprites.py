"""Flat shapes with exactly known factors, after dSprites (Matthey et al. 2017), antialiased at any size."""

import math

import torch
from torch import Tensor

from ..core.data import Label
from .portrait.sdf import box, cover, ellipse, length

RENDERER_VERSION = 1
"""Goes up whenever the same factors give other pixels."""

SHAPES = ("square", "ellipse", "heart", "triangle", "star")
FACTORS: tuple[Label, ...] = (
    Label("shape", "class", SHAPES),
    Label("scale", "number", low=0.2, high=0.4),
    Label("rotation", "number", low=0.0, high=360.0, period=360.0),
    Label("x", "number", low=-0.5, high=0.5),
    Label("y", "number", low=-0.5, high=0.5),
)
"""Scale is the radius; scale, x and y are in canvas units (the canvas spans [-1, 1], y points down); degrees."""
HUE = Label("hue", "number", ("red", "green", "cyan", "violet"), period=1.0)
"""The further factor of coloured sprites: once around the colour circle."""

_PIXELS_AT_ONCE = 1 << 16


def factors(colour: bool) -> tuple[Label, ...]:
    return (*FACTORS, HUE) if colour else FACTORS


def sample(num: int, colour: bool, rng: torch.Generator) -> Tensor:
    """Factors, each drawn evenly and apart from the others: float32 (num, 5), or (num, 6) with a hue."""
    columns = []
    for factor in factors(colour):
        if factor.kind == "class":
            columns.append(torch.randint(len(factor.classes), (num,), generator=rng).float())
        else:
            columns.append(torch.rand(num, generator=rng) * (factor.high - factor.low) + factor.low)
    return torch.stack(columns, 1)


@torch.inference_mode()
def render(labels: Tensor, size: int) -> Tensor:
    """Draw sprites from their factors, (N, 5) or (N, 6); uint8 (N, 1 or 3, size, size), on black."""
    step = max(1, _PIXELS_AT_ONCE // size**2)
    chunks = [_render(labels[start : start + step], size) for start in range(0, len(labels), step)]
    return torch.cat(chunks) if chunks else torch.zeros(0, 3 if labels.shape[1] == 6 else 1, size, size).byte()


def _render(labels: Tensor, size: int) -> Tensor:
    index, scale, angle, left, top = (column[:, None, None] for column in labels[:, :5].unbind(1))
    line = (torch.arange(size, device=labels.device) + 0.5) * (2.0 / size) - 1.0
    x, y = line[None, None, :] - left, line[None, :, None] - top
    c, s = torch.cos(torch.deg2rad(angle)), torch.sin(torch.deg2rad(angle))
    x, y = (c * x + s * y) / scale, (c * y - s * x) / scale
    distance = torch.empty_like(x)
    for number, draw in enumerate((_square, _ellipse, _heart, _triangle, _star)):
        rows = (index[:, 0, 0] == number).nonzero()[:, 0]
        distance[rows] = draw(x[rows], y[rows])
    alpha = cover(distance * scale, 2.0 / size)[:, None]
    if labels.shape[1] == 6:
        hue = labels[:, 5, None] + torch.tensor([0.0, 2 / 3, 1 / 3], device=labels.device)
        bright = 0.6 + 0.4 * torch.cos(2 * math.pi * hue)  # (N, 3)
        alpha = alpha * bright[:, :, None, None]
    return alpha.mul(255.0).add_(0.5).to(torch.uint8)


def _square(x: Tensor, y: Tensor) -> Tensor:
    return box(x, y, 0.8, 0.8)


def _ellipse(x: Tensor, y: Tensor) -> Tensor:
    return ellipse(x, y, 1.0, 0.6)


def _heart(x: Tensor, y: Tensor) -> Tensor:
    """Inigo Quilez, iquilezles.org/articles/distfunctions2d, here of width 2 and around its middle."""
    u, v = x.abs() / 1.65, (0.95 - y) / 1.65
    lobe = length(u - 0.25, v - 0.75) - math.sqrt(2) / 4
    along = 0.5 * (u + v).clamp_min(0.0)
    point = torch.minimum(length(u, v - 1.0), length(u - along, v - along)) * torch.sign(u - v)
    return torch.where(u + v > 1.0, lobe, point) * 1.65


def _triangle(x: Tensor, y: Tensor) -> Tensor:
    return _spikes(x, y, 3, 0.5)


def _star(x: Tensor, y: Tensor) -> Tensor:
    return _spikes(x, y, 5, 0.45)


def _spikes(x: Tensor, y: Tensor, tips: int, inner: float) -> Tensor:
    """Exact distance to a star with tips at radius 1 and notches at `inner`; the first tip points up."""
    sector = math.pi / tips
    angle = torch.atan2(x, -y)
    radius = length(x, y)
    folded = (angle - 2 * sector * torch.round(angle / (2 * sector))).abs()
    u, v = radius * torch.cos(folded), radius * torch.sin(folded)
    ex, ey = inner * math.cos(sector) - 1.0, inner * math.sin(sector)
    along = (((u - 1.0) * ex + v * ey) / (ex * ex + ey * ey)).clamp(0.0, 1.0)
    outside = torch.sign((u - 1.0) * ey - v * ex)
    return length(u - 1.0 - along * ex, v - along * ey) * outside
