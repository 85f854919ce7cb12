"""Hair: what falls behind the head, and what lies on it. One formula; a cut is a row of its numbers."""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from .frame import Frame
from .layers import Box, Layer, Part
from .scene import HAIR, Scene
from .sdf import circle, cover, ellipse, length, ridge, smooth_intersection, step

FALL = Box(top=-0.75)
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
        x, y = FALL.cut(frame.head.x) + 0.05 * frame.turn, FALL.cut(frame.head.y)
        end = torch.where(back < 0.9, 0.42 + 0.2 * at.hair_length, 0.5 + 0.6 * at.hair_length)
        above = y - end
        low = step(-0.2, 0.6, y)
        ripple = (y * 13.0).add_(1.0).sin_().mul_(low).mul_(0.035 * wave)
        half = low.mul_(0.07 * wave + 0.08 * at.hair_length).add_(frame.half_width + self.of("side") + 0.01)
        half = half.sub_(step(-0.25, 0.12, above), alpha=0.06)
        side = x.abs()
        locks = (x * 31.0).sin_()
        below = smooth_intersection((side - half).add_(ripple), above.add_(locks, alpha=0.012), 0.16)
        below = torch.maximum(below, -0.12 - y)
        dome = ellipse(x, y + 0.12, half, 0.45 + self.of("top"))
        strands = self._strands((y * -8.0).add_(42.0).mul_(x).add_(ripple, alpha=60.0), 42.0)
        beside = step(0.12, 0.5, side)
        light = (x * (0.10 * at.light)).add_(beside, alpha=0.45).add_(strands, alpha=0.14).add_(0.42)
        light = light.sub_(step(0.3, 1.0, y), alpha=0.12)
        sheen = ridge((y - 0.15).sub_(strands * (0.1 * wave)), 0.14).mul_(beside)
        sheen = sheen.mul_((strands * 0.4).add_(0.6))
        colour = (frame.hair * light).addcmul_(frame.hair.sqrt() * 0.16, sheen)
        return Layer(Part.HAIR, FALL, cover(torch.minimum(dome, below), pixel).mul_(back > 0), colour)

    def _knot(self) -> Layer:
        frame, at = self.frame, self.frame.at
        x, y = CROWN.cut(frame.head.x) + 0.05 * frame.turn, CROWN.cut(frame.head.y) + 0.69
        knot = circle(x, y, 0.17)
        swirl = self._strands(length(x - 0.03, y + 0.02) * 60 + torch.atan2(y, x) * 2, 60.0)
        light = 0.72 + 0.5 * (at.light * x - y) + 0.12 * swirl - 1.2 * (knot + 0.08).clamp_min(0)
        alpha = cover(knot, frame.pixel) * (self.of("bun") > 0)
        return Layer(Part.HAIR, CROWN, alpha, frame.hair * light)

    def _strands(self, phase: Tensor, frequency: float) -> Tensor:
        """Strands in locks, about -1…1; the fine ones fade where the pixels are too coarse for them."""
        fade = math.exp(-((frequency * self.frame.pixel / 2.6) ** 2))
        locks = (phase * 0.31).add_(0.8).sin_().mul_((phase * 0.117).add_(2.0).sin_())
        return torch.add(phase, locks, alpha=2.0).sin_().mul_(0.5 * fade).add_(locks, alpha=0.7)

    @cached_property
    def below_hairline(self) -> Tensor:
        """Distance below the hairline, to first order; negative where there is hair. (N, 1, h, w) over TOP"""
        frame, short = self.frame, self.of("back") < 0.1
        x = TOP.cut(frame.head.x) - 0.14 * frame.turn
        half, bend = frame.half_width, self.of("round")
        u = x.clamp(-half, half)
        line = (u - self.of("part")).abs_().add_(u).mul_(0.5 * self.of("sweep"))
        line = line.add_(self.of("line") - 0.07 * frame.old * short)
        side = x.abs()
        rise = torch.where(short & (self.of("side") < 0.09), 1.6, 0.15)
        t = (u * (1.0 / half)).square_().square_()
        bent = (t * (1.0 - bend)).add_(bend)
        mix = t.div_(bent)  # t / (t + bend (1 - t)): from the line in the middle to the drop at the side
        down = (side - half * 0.96).clamp_min_(0.0).mul_(-rise).add_(self.of("drop")).sub_(line).mul_(mix)
        height = line.add_(down)
        if bool((self.of("fringe") > 0).any()):
            jag = torch.add(x * 47.0, side, alpha=9.0).add_(2.0).sin_().mul_(0.5)
            jag = jag.add_((x * 29.0).add_(1.0).sin_(), alpha=0.6)
            height = height.addcmul_(jag.mul_(self.of("fringe")), 1.0 - mix)
        steep = down.mul_(4.0 * bend).div_(bent.mul_(u.abs_().clamp_min_(0.1)))  # the height's slope along x
        steep = steep.masked_fill_(side >= half, 0.0).add_(rise)
        return (TOP.cut(frame.head.y) - height).mul_(steep.square_().add_(1.0).rsqrt_())

    def shadow(self) -> Iterator[Layer]:
        """The soft shadow that the fringe throws on the face."""
        frame = self.frame
        dark = (self.below_hairline * (-1 / 0.12)).add_(1.0).clamp_(0.0, 1.0).square_()
        face = cover(TOP.cut(frame.outline), frame.pixel)
        yield Layer(Part.SHADE, TOP, dark.mul_(face).mul_(0.55 * self.of("dense")), frame.shadow)

    def front(self) -> Iterator[Layer]:
        """The hair on the head."""
        frame, pixel = self.frame, self.frame.pixel
        x, y = TOP.cut(frame.head.x) + 0.03 * frame.turn, TOP.cut(frame.head.y)
        lit = TOP.cut(frame.lit)
        top, side, part, lumps = (self.of(name) for name in ("top", "side", "part", "lumps"))
        cap = ellipse(x, y + (0.12 + top * 0.25), frame.half_width + side, 0.49 + top * 0.75)
        if bool((self.of("lift") > 0).any()):
            cap = cap.sub_(ridge(x - 0.08, 0.5).mul_(step(0.0, -0.45, y)).mul_(0.7 * self.of("lift")))
        texture = self._strands((x - part).mul_(38.0).div_((y + 1.1).clamp_min_(0.22)), 55.0)
        if bool((lumps > 0).any()):
            curls = torch.add(x * 27, (y * 13).sin_(), alpha=2.5).sin_()
            curls = curls.mul_(torch.add(y * 25, (x * 12).add_(1).sin_(), alpha=2.5).sin_()).mul_(0.6)
            curly = (lumps > 0).float()
            texture = texture.lerp_(curls, curly)
            angle = torch.atan2(x, -0.12 - y)
            bulge = torch.add((angle * 8.0).add_(0.4).sin_().abs_(), (angle * 15.0).sin_(), alpha=0.5)
            cap = cap.sub_(bulge.mul_(lumps))
        shape = smooth_intersection(cap, self.below_hairline, 0.05)

        form = (lit * 0.42).add_(0.64).sub_(cap.add_(0.05).clamp_min_(0.0)).add_(texture, alpha=0.13)
        u, v = x.mul_(1.0 / (0.5 + side)), (y + 0.05).mul_(1.0 / (0.62 + top))
        ring = u.square_().addcmul_(v, v).add_(texture, alpha=0.05).sub_(0.60)
        sheen = ridge(ring, 0.16).mul_(texture.mul_(0.5).add_(0.5)).mul_((lit * 0.6).add_(0.4)).mul_(step(0.1, -0.3, y))
        shine = (frame.hair.sqrt() * 0.75 + 0.12) * 0.30
        colour = (frame.hair * form).addcmul_(shine, sheen)
        yield Layer(Part.HAIR, TOP, cover(shape, pixel, 0.008).mul_(self.of("dense")), colour)
