"""Signed distances (negative inside) and the coverage of a pixel that follows from them.

Distances are in canvas units: y points down, and `pixel` is the width of one pixel.
Everything broadcasts; coordinates come as (N, 1, h, w) or (1, 1, h, w), parameters as (N, 1, 1, 1) or numbers.
Arguments are left as they are; what a function made itself it changes in place, which costs a third of a new tensor.
"""

import math

import torch
from torch import Tensor

Value = Tensor | float


def length(x: Tensor, y: Tensor) -> Tensor:
    """Distance from the origin (quicker than hypot; nothing here overflows)."""
    return torch.addcmul(x * x, y, y).sqrt_()


def circle(x: Tensor, y: Tensor, radius: Value) -> Tensor:
    """Exact distance to a circle around the origin."""
    return length(x, y) - radius


def ellipse(x: Tensor, y: Tensor, rx: Value, ry: Value) -> Tensor:
    """Distance to an axis-aligned ellipse, to first order around its edge."""
    ix, iy = 1.0 / rx, 1.0 / ry
    u, v = (x * ix).square_(), (y * iy).square_()
    square = u + v  # r²
    slope = u.mul_(ix * ix) + v.mul_(iy * iy)
    return (square - square.sqrt()).mul_(slope.clamp_min_(1e-8).rsqrt_())


def box(x: Tensor, y: Tensor, rx: Value, ry: Value, corner: Value = 0.0) -> Tensor:
    """Exact distance to a box with half sides rx, ry, whose corners are rounded by `corner`."""
    u, v = x.abs() - (rx - corner), y.abs() - (ry - corner)
    inside = torch.maximum(u, v).clamp_max_(0.0)
    return length(u.clamp_min_(0.0), v.clamp_min_(0.0)).add_(inside).sub_(corner)


def segment(x: Tensor, y: Tensor, ax: Value, ay: Value, bx: Value, by: Value) -> Tensor:
    """Exact distance to the straight line from a to b (never negative)."""
    dx, dy = bx - ax, by - ay
    px, py = x - ax, y - ay
    along = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp_(0.0, 1.0)
    return length(px - along * dx, py - along * dy)


def smooth_intersection(a: Tensor, b: Tensor, radius: float) -> Tensor:
    """What lies in both shapes, the seam rounded over `radius`."""
    return torch.maximum(a, b).add_(_seam(a, b, radius))


def smooth_union(a: Tensor, b: Tensor, radius: float) -> Tensor:
    """The nearer of two shapes, their seam rounded over `radius` (polynomial smooth minimum)."""
    return torch.minimum(a, b).sub_(_seam(a, b, radius))


def _seam(a: Tensor, b: Tensor, radius: float) -> Tensor:
    """How deep the rounding of a seam goes: max(0, radius - |a - b|)² / (4 radius)."""
    return (a - b).abs_().sub_(radius).clamp_max_(0.0).square_().mul_(0.25 / radius)


def cover(distance: Tensor, pixel: float, softness: float = 0.0) -> Tensor:
    """Part of each pixel that lies inside, 0…1; `softness` widens the edge, in canvas units."""
    width = math.hypot(pixel, softness)
    return (distance * (-1.0 / width)).add_(0.5).clamp_(0.0, 1.0)


def stroke(distance: Tensor, half_width: Value, pixel: float, softness: float = 0.0) -> Tensor:
    """Part of each pixel under a line of this half width along the zero of `distance`.

    Lines thinner than a pixel grow faint instead of vanishing.
    """
    width = math.hypot(pixel, softness)
    half = half_width * (1.0 / width)
    away = distance.abs().mul_(-1.0 / width)
    if isinstance(half, Tensor):
        return torch.minimum(away + (half + 0.5), (half * 2.0).clamp_max_(1.0)).clamp_min_(0.0)
    return away.add_(half + 0.5).clamp_(0.0, min(1.0, 2.0 * half))


def bump(square: Tensor) -> Tensor:
    """exp(-square) nearly, but exactly 0 from square = 4 on: no denormal numbers, which cost a hundredfold."""
    return _bump(square * 0.25)


def _bump(quarter: Tensor) -> Tensor:
    """The bump of four times this, in place: max(0, 1 - quarter)⁴."""
    return quarter.clamp_max_(1.0).sub_(1.0).square_().square_()


def ridge(x: Tensor, radius: Value) -> Tensor:
    """A soft line along x = 0: 1 in its middle, about 1/e at `radius`, gone at twice that."""
    return _bump((x * (0.5 / radius)).square_())


def bell(x: Tensor, y: Tensor, rx: Value, ry: Value) -> Tensor:
    """A soft bump: 1 at the origin, about 1/e at (rx, 0) and (0, ry), gone at twice that."""
    v = y * (0.5 / ry)
    return _bump(torch.addcmul((x * (0.5 / rx)).square_(), v, v))


def step(low: Value, high: Value, x: Tensor) -> Tensor:
    """Smoothstep: 0 below `low`, 1 above `high`; falls instead where low > high."""
    t = ((x - low) * (1.0 / (high - low))).clamp_(0.0, 1.0)
    return (t * -2.0).add_(3.0).mul_(t).mul_(t)
