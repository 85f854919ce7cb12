"""Hair: what falls behind the head, and what lies on it. One formula; a cut is a row of its numbers."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from .frame import Frame
from .layers import WHOLE, Layer, Part
from .scene import HAIR
from .sdf import circle, cover, ellipse, smooth_union, step


class Cut(NamedTuple):
    """What sets one hair style apart, in canvas units."""

    dense: float = 1.0
    top: float = 0.08  # how far it stands above the skull
    side: float = 0.05  # … and beside it
    line: float = -0.33  # height of the hairline in the middle of the forehead
    part: float = 0.0  # where the hair is parted
    sweep: float = 0.0  # slant of the hairline
    drop: float = 0.0  # down to where hair covers the side of the face
    round: float = 3.0  # how suddenly the hairline drops there
    lumps: float = 0.0  # height of the curls on the outline
    fringe: float = 0.0  # jaggedness of the hairline
    lift: float = 0.0  # a quiff
    back: float = 0.0  # hair behind the shoulders
    wave: float = 0.0  # waves of that hair
    bun: float = 0.0


CUTS: dict[str, Cut] = {
    "bald": Cut(dense=0.0),
    "buzz": Cut(dense=0.8, top=0.012, side=0.008, line=-0.36, drop=0.0, round=4.0),
    "short": Cut(top=0.09, side=0.045, line=-0.32, sweep=0.10, drop=0.02, round=5.0, fringe=0.022),
    "side part": Cut(top=0.11, side=0.05, line=-0.34, part=-0.2, sweep=0.28, drop=0.02, round=5.0, lift=0.03),
    "quiff": Cut(top=0.10, side=0.045, line=-0.36, part=0.1, sweep=-0.10, drop=0.0, round=5.0, lift=0.12, fringe=0.012),
    "bangs": Cut(top=0.11, side=0.085, line=-0.15, drop=0.35, round=9.0, fringe=0.02, back=1.0),
    "bob": Cut(top=0.12, side=0.10, line=-0.30, part=0.16, sweep=-0.22, drop=0.42, round=5.0, back=0.45),
    "long": Cut(top=0.10, side=0.08, line=-0.36, drop=0.40, round=2.6, back=1.0),
    "wavy": Cut(top=0.13, side=0.11, line=-0.34, part=-0.14, sweep=0.18, drop=0.40, round=4.0, back=1.0, wave=1.0),
    "curly": Cut(top=0.15, side=0.10, line=-0.28, drop=0.05, round=4.0, lumps=0.026, fringe=0.035),
    "afro": Cut(top=0.24, side=0.26, line=-0.32, drop=0.08, round=4.0, lumps=0.016, fringe=0.012),
    "bun": Cut(top=0.06, side=0.03, line=-0.37, drop=0.0, round=3.5, bun=1.0),
}
_TABLE = torch.tensor([CUTS[name] for name in HAIR])  # (styles, numbers)


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
        frame, at, pixel = self.frame, self.frame.at, self.frame.pixel
        back, bun = self.of("back"), self.of("bun")
        if bool((back > 0).any()):
            x, y = frame.head.x + 0.05 * frame.turn, frame.head.y
            end = torch.where(back < 0.9, 0.42 + 0.2 * at.hair_length, 0.55 + 0.6 * at.hair_length)
            wave = self.of("wave")
            ripple = 0.035 * wave * torch.sin(y * 13.0 + 1.0) * step(-0.2, 0.2, y)
            flare = 0.07 * wave + 0.10 * step(0.1, 0.9, y) * at.hair_length
            half = frame.half_width + self.of("side") + 0.02 + flare * step(-0.2, 0.6, y)
            below = torch.maximum(x.abs() - half + ripple, y - end - 0.06 * (1 - (x / half).square()))
            dome = ellipse(x, y + 0.12, half, 0.45 + self.of("top"))
            fall = torch.where(y < -0.12, dome, smooth_max(below, -y - 0.3))
            strands = self._strands(x * (42.0 - 8.0 * y) + 6.0 * ripple * 10, 42.0)
            inner = step(0.12, 0.5, x.abs()) * 0.45
            light = 0.42 + inner + 0.10 * at.light * x + 0.14 * strands - 0.12 * step(0.3, 1.0, y)
            sheen = 0.16 * torch.exp(-((y - 0.15 - 0.1 * torch.sin(x * 9)) / 0.14).square()) * step(0.3, 0.5, x.abs())
            colour = frame.hair * light + sheen * frame.hair.sqrt() * (0.6 + 0.4 * strands)
            yield Layer(Part.HAIR, WHOLE, cover(fall, pixel) * (back > 0), colour.clamp_(0, 1))
        if bool((bun > 0).any()):
            x, y = frame.head.x + 0.05 * frame.turn, frame.head.y + 0.69
            knot = circle(x, y, 0.17)
            swirl = self._strands(torch.hypot(x - 0.03, y + 0.02) * 60 + torch.atan2(y, x) * 2, 60.0)
            light = 0.72 + 0.5 * (at.light * x - y) + 0.12 * swirl - 1.2 * (knot + 0.08).clamp_min(0)
            yield Layer(Part.HAIR, WHOLE, cover(knot, pixel) * (bun > 0), (frame.hair * light).clamp_(0, 1))

    def _strands(self, phase: Tensor, frequency: float) -> Tensor:
        """Two beating waves in -1…1; they fade where the pixels are too coarse for them."""
        fade = math.exp(-((frequency * self.frame.pixel / 2.6) ** 2))
        broad = torch.sin(phase * 0.31 + 0.8) * torch.sin(phase * 0.117 + 2.0)
        return broad * 0.7 + torch.sin(phase + 2.0 * broad) * (0.5 * fade)

    def _hairline(self) -> Tensor:
        """Height of the hairline above each pixel of the face, in head coordinates. (N, 1, H, W)"""
        frame = self.frame
        x = frame.head.x - 0.14 * frame.turn
        half = frame.half_width
        t = (x / half).clamp(-1.15, 1.15)
        retreat = -0.05 * frame.old * (self.of("back") < 0.1)
        line = self.of("line") + retreat + self.of("sweep") * (t * half - self.of("part")).abs() * 0.5
        line = line + self.of("sweep") * t * 0.22
        jag = self.of("fringe") * torch.sin(x * 34.0 + 5.0 * x * x)
        mix = t.abs().pow(self.of("round")).clamp_max(1.0)
        sideburn = self.of("drop") - 1.6 * (x.abs() - half * 0.98).clamp_min(0.0) * (self.of("back") < 0.1)
        return line + jag * (1 - mix) + (sideburn - line) * mix

    def shadow(self) -> Iterator[Layer]:
        """The soft shadow that the fringe throws on the face."""
        frame = self.frame
        self.line = self._hairline()
        gap = frame.head.y - self.line
        dark = (1.0 - gap * (1 / 0.13)).clamp_(0.0, 1.0).square_()
        face = cover(frame.outline, frame.pixel)
        yield Layer(Part.SHADE, WHOLE, dark * face * (0.55 * self.of("dense")), frame.shadow)

    def front(self) -> Iterator[Layer]:
        """The hair on the head, in front of the ears' upper half."""
        frame, pixel = self.frame, self.frame.pixel
        dense = self.of("dense")
        x, y = frame.head.x + 0.03 * frame.turn, frame.head.y
        angle = torch.atan2(x, 0.12 - y)
        bumps = self.of("lumps") * (torch.sin(angle * 13.0) + 0.6 * torch.sin(angle * 21.0 + 1.0))
        lift = self.of("lift") * torch.exp(-((x - 0.10) / 0.34).square()) * step(0.0, -0.45, y)
        top, side = self.of("top"), self.of("side")
        cap = ellipse(x, y + 0.12 + top * 0.25, frame.half_width + side, 0.49 + top * 0.75) - bumps - lift * 0.7
        shape = torch.maximum(cap, y - self.line)

        part = self.of("part")
        fan = (x - part) / (0.75 + y + 0.35).clamp_min(0.22)
        curl = self.of("lumps") * 40
        strands = self._strands(fan * 38.0 + curl * torch.sin(y * 30 + x * 9), 55.0)
        form = 0.64 + 0.42 * frame.lit - 1.0 * (cap + 0.05).clamp_min(0.0)
        ring = torch.hypot(x / (0.5 + side), (y + 0.05) / (0.62 + top)) - 0.78 + 0.03 * torch.sin(fan * 24)
        sheen = (
            torch.exp(-(ring / 0.10).square()) * (0.5 + 0.5 * strands) * (0.4 + 0.6 * frame.lit) * step(0.1, -0.3, y)
        )
        root = 0.22 * torch.exp(-((y - self.line) / 0.05).square())
        colour = frame.hair * (form + 0.13 * strands - root) + (0.30 * sheen) * (frame.hair.sqrt() * 0.75 + 0.12)
        yield Layer(Part.HAIR, WHOLE, cover(shape, pixel, 0.008) * dense, colour.clamp_(0, 1))


def smooth_max(a: Tensor, b: Tensor) -> Tensor:
    """What lies in both shapes, with a rounded seam."""
    return -smooth_union(-a, -b, 0.1)
