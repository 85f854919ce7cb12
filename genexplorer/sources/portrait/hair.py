"""Hair: what falls behind the head, and what lies on it. One formula; a cut is a row of its numbers."""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from .frame import Frame
from .layers import WHOLE, Box, Layer, Part
from .scene import HAIR, Scene
from .sdf import bump, circle, cover, ellipse, length, ridge, smooth_intersection, step

TOP = Box(-0.9, -0.9, 0.9, 0.5)
CROWN = Box(-0.45, -1, 0.45, -0.4)


class Cut(NamedTuple):
    """What sets one hair style apart, in canvas units."""

    dense: float = 1.0
    top: float = 0.08  # how far it stands above the skull
    side: float = 0.05  # … and beside it
    line: float = -0.33  # height of the hairline in the middle of the forehead
    part: float = 0.0  # where the hair is parted
    sweep: float = 0.0  # slant of the hairline
    drop: float = 0.0  # down to where hair covers the side of the face
    round: float = 1.0  # how suddenly the hairline drops there
    lumps: float = 0.0  # height of the curls on the outline
    fringe: float = 0.0  # jaggedness of the hairline
    lift: float = 0.0  # a quiff
    back: float = 0.0  # hair behind the shoulders
    wave: float = 0.0  # waves of that hair
    bun: float = 0.0


CUTS: dict[str, Cut] = {
    "bald": Cut(dense=0.0),
    "buzz": Cut(dense=0.8, top=0.012, side=0.008, line=-0.36, drop=0.0, round=1.6),
    "short": Cut(top=0.09, side=0.03, line=-0.32, sweep=0.10, drop=0.02, round=2.5, fringe=0.03),
    "side part": Cut(top=0.11, side=0.035, line=-0.34, part=-0.2, sweep=0.28, drop=0.02, round=2.5, lift=0.03),
    "quiff": Cut(top=0.10, side=0.045, line=-0.36, part=0.1, sweep=-0.10, drop=0.0, round=2.5, lift=0.11, fringe=0.02),
    "bangs": Cut(top=0.11, side=0.085, line=-0.15, drop=0.35, round=8.0, fringe=0.02, back=1.0),
    "bob": Cut(top=0.12, side=0.10, line=-0.30, part=0.16, sweep=-0.22, drop=0.42, round=2.5, back=0.45),
    "long": Cut(top=0.10, side=0.08, line=-0.36, drop=0.40, round=0.8, back=1.0),
    "wavy": Cut(top=0.13, side=0.11, line=-0.34, part=-0.14, sweep=0.18, drop=0.40, round=1.6, back=1.0, wave=1.0),
    "curly": Cut(top=0.15, side=0.10, line=-0.28, drop=0.05, round=1.6, lumps=0.026, fringe=0.035),
    "afro": Cut(top=0.24, side=0.26, line=-0.32, drop=0.08, round=1.6, lumps=0.016, fringe=0.012),
    "bun": Cut(top=0.06, side=0.03, line=-0.37, drop=0.0, round=1.3, bun=1.0),
}
_TABLE = torch.tensor([CUTS[name] for name in HAIR])  # (styles, numbers)


def falls(scene: Scene) -> Tensor:
    """Who has hair behind the shoulders, bool (N,)."""
    return _TABLE.to(scene.hair_style.device)[scene.hair_style.long(), Cut._fields.index("back")] > 0


class Hair:
    """The hair of one batch: distances first, then layers for behind, shadow and front."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        rows = _TABLE.to(frame.device)[frame.at.hair_style[:, 0, 0, 0].long()]
        self.cut = [column[:, None, None, None] for column in rows.unbind(1)]

    def of(self, name: str) -> Tensor:
        """One number of each portrait's cut, (N, 1, 1, 1)."""
        return self.cut[Cut._fields.index(name)]

    def behind(self) -> Iterator[Layer]:
        """Long hair behind neck and shoulders; a bun above the head."""
        if bool((self.of("back") > 0).any()):
            yield self._fall()
        if bool((self.of("bun") > 0).any()):
            yield self._knot()

    def _fall(self) -> Layer:
        frame, at, pixel = self.frame, self.frame.at, self.frame.pixel
        back, wave = self.of("back"), self.of("wave")
        x, y = frame.head.x + 0.05 * frame.turn, frame.head.y
        end = torch.where(back < 0.9, 0.42 + 0.2 * at.hair_length, 0.5 + 0.6 * at.hair_length)
        low = step(-0.2, 0.6, y)
        ripple = 0.035 * wave * torch.sin(y * 13.0 + 1.0) * low
        half = frame.half_width + self.of("side") + 0.01 + (0.07 * wave + 0.08 * at.hair_length) * low
        half = half - 0.06 * step(-0.25, 0.12, y - end)
        locks = 0.012 * torch.sin(x * 31.0)
        below = smooth_intersection(x.abs() - half + ripple, y - end + locks, 0.16)
        below = torch.maximum(below, -0.12 - y)
        dome = ellipse(x, y + 0.12, half, 0.45 + self.of("top"))
        strands = self._strands(x * (42.0 - 8.0 * y) + 60.0 * ripple, 42.0)
        beside = step(0.12, 0.5, x.abs())
        light = 0.42 + 0.45 * beside + 0.10 * at.light * x + 0.14 * strands - 0.12 * step(0.3, 1.0, y)
        sheen = 0.16 * ridge(y - 0.15 - 0.1 * wave * strands, 0.14) * beside
        colour = frame.hair * light + frame.hair.sqrt() * (sheen * (0.6 + 0.4 * strands))
        return Layer(Part.HAIR, WHOLE, cover(torch.minimum(dome, below), pixel) * (back > 0), colour)

    def _knot(self) -> Layer:
        frame, at = self.frame, self.frame.at
        x, y = frame.crop(frame.head.x, CROWN) + 0.05 * frame.turn, frame.crop(frame.head.y, CROWN) + 0.69
        knot = circle(x, y, 0.17)
        swirl = self._strands(length(x - 0.03, y + 0.02) * 60 + torch.atan2(y, x) * 2, 60.0)
        light = 0.72 + 0.5 * (at.light * x - y) + 0.12 * swirl - 1.2 * (knot + 0.08).clamp_min(0)
        alpha = cover(knot, frame.pixel) * (self.of("bun") > 0)
        return Layer(Part.HAIR, CROWN, alpha, frame.hair * light)

    def _strands(self, phase: Tensor, frequency: float) -> Tensor:
        """Strands in locks, about -1…1; the fine ones fade where the pixels are too coarse for them."""
        fade = math.exp(-((frequency * self.frame.pixel / 2.6) ** 2))
        locks = torch.sin(phase * 0.31 + 0.8) * torch.sin(phase * 0.117 + 2.0)
        return locks * 0.7 + torch.sin(phase + 2.0 * locks) * (0.5 * fade)

    @cached_property
    def below_hairline(self) -> Tensor:
        """Distance below the hairline, to first order; negative where there is hair. (N, 1, h, w) over TOP"""
        frame, short = self.frame, self.of("back") < 0.1
        x = frame.crop(frame.head.x, TOP) - 0.14 * frame.turn
        half, bend = frame.half_width, self.of("round")
        u = x.clamp(-half, half)
        line = self.of("line") - 0.05 * frame.old * short
        line = line + self.of("sweep") * (0.5 * (u - self.of("part")).abs() + 0.5 * u)
        side = x.abs()
        rise = torch.where(short & (self.of("side") < 0.09), 1.6, 0.15)
        down = self.of("drop") - rise * (side - half * 0.96).clamp_min_(0.0) - line
        t = (u / half).square_().square_()
        bent = t + bend * (1.0 - t)
        mix = t / bent
        jag = torch.sin(x * 29.0 + 1.0) * 0.6 + torch.sin(x * 47.0 + 2.0 + 9.0 * side) * 0.5
        height = line + self.of("fringe") * jag * (1.0 - mix) + down * mix
        steep = down * (4.0 * bend) * mix / (bent * u.abs().clamp_min_(0.1)) * (side < half) + rise
        return (frame.crop(frame.head.y, TOP) - height) * (steep * steep + 1.0).rsqrt_()

    def shadow(self) -> Iterator[Layer]:
        """The soft shadow that the fringe throws on the face."""
        frame = self.frame
        dark = (1.0 - self.below_hairline * (1 / 0.12)).clamp_(0.0, 1.0).square_()
        face = cover(frame.crop(frame.outline, TOP), frame.pixel)
        yield Layer(Part.SHADE, TOP, dark * face * (0.55 * self.of("dense")), frame.shadow)

    def front(self) -> Iterator[Layer]:
        """The hair on the head."""
        frame, pixel = self.frame, self.frame.pixel
        x, y = frame.crop(frame.head.x, TOP) + 0.03 * frame.turn, frame.crop(frame.head.y, TOP)
        lit = frame.crop(frame.lit, TOP)
        top, side, part, lumps = (self.of(name) for name in ("top", "side", "part", "lumps"))
        lift = self.of("lift") * ridge(x - 0.08, 0.5) * step(0.0, -0.45, y)
        cap = ellipse(x, y + 0.12 + top * 0.25, frame.half_width + side, 0.49 + top * 0.75) - lift * 0.7
        texture = self._strands((x - part) / (1.1 + y).clamp_min(0.22) * 38.0, 55.0)
        if bool((lumps > 0).any()):
            curls = torch.sin(x * 27 + 2.5 * torch.sin(y * 13)) * torch.sin(y * 25 + 2.5 * torch.sin(x * 12 + 1))
            curly = (lumps > 0).float()
            texture = torch.lerp(texture, curls * 0.6, curly)
            angle = torch.atan2(x, -0.12 - y)
            cap = cap - lumps * (torch.sin(angle * 8.0 + 0.4).abs() + 0.5 * torch.sin(angle * 15.0))
        shape = smooth_intersection(cap, self.below_hairline, 0.05)

        form = 0.64 + 0.42 * lit - 1.0 * (cap + 0.05).clamp_min(0.0)
        ring = (x / (0.5 + side)).square() + ((y + 0.05) / (0.62 + top)).square()
        sheen = bump(((ring - 0.60 + 0.05 * texture) / 0.16).square_()) * (0.5 + 0.5 * texture) * (0.4 + 0.6 * lit)
        shine = (frame.hair.sqrt() * 0.75 + 0.12) * (0.30 * sheen * step(0.1, -0.3, y))
        colour = frame.hair * (form + 0.13 * texture) + shine
        yield Layer(Part.HAIR, TOP, cover(shape, pixel, 0.008) * self.of("dense"), colour)
