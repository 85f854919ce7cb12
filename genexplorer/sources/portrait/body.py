"""Behind and below the face: background, clothes, neck."""

from collections.abc import Iterator

import torch
from torch import Tensor

from . import palette
from .frame import Frame
from .layers import WHOLE, Box, Layer, Part
from .sdf import bell, cover, ellipse, smooth_union, step, stroke

BUST = Box(-1, 0.2, 1, 1)
THROAT = Box(-0.5, 0.2, 0.5, 1)

#                           crew  v     shirt hoodie
_DEPTH = torch.tensor([0.14, 0.40, 0.34, 0.12])
_POINTED = torch.tensor([0.0, 1.0, 1.0, 0.0])
_COLLAR = torch.tensor([0.028, 0.022, 0.085, 0.11])
_PLAIN = torch.tensor([0.62, 0.55, 0.25, 0.45])


def background(frame: Frame) -> Iterator[Layer]:
    at = frame.at
    x, y = frame.grid()
    bright = 0.42 + 0.52 * at.background_light
    top = palette.hsv(at.background_hue, 0.42 - 0.16 * at.background_light, bright)
    low = palette.hsv((at.background_hue + 0.06) % 1.0, 0.5 - 0.16 * at.background_light, bright * 0.78)
    glow = bell(x - 0.35 * at.light, y + 0.25, 1.0, 0.9) * 0.22
    colour = torch.lerp(top, low, (y + 1.0) * 0.5)
    yield Layer(Part.BACKGROUND, WHOLE, torch.ones_like(bright), colour)
    yield Layer(Part.SHADE, WHOLE, glow, palette.fixed("#ffffff", top))


def clothes(frame: Frame) -> Iterator[Layer]:
    at, pixel = frame.at, frame.pixel
    x, y = frame.grid(BUST)
    side = x.abs()
    shoulder = 0.68 + 0.30 * (side / 0.9).square() * (side / 0.9).sqrt()
    body = cover((y - shoulder - 0.02 * (1 - side)) * -0.85, pixel)
    plain = frame.of_class(at.clothes, _PLAIN)
    cloth = palette.hsv(at.clothes_hue, plain, 0.72 + 0.22 * (1 - plain))
    fold = 0.07 * torch.sin(side * 16.0 + y * 9.0) * step(0.15, 0.5, side)
    light = (0.82 + 0.26 * at.light * x - 0.30 * (y - 0.85).clamp_min(-0.1) + fold * step(0.75, 1.0, y)).clamp(0.3, 1.1)
    yield Layer(Part.CLOTHES, BUST, body, cloth * light)


def neck(frame: Frame) -> Iterator[Layer]:
    """Neck and the skin that the collar leaves free, under the chin's shadow; then the collar."""
    at, pixel = frame.at, frame.pixel
    x, y = frame.grid(THROAT)
    lean = (THROAT.cut(frame.head.x) - x) * step(0.85, 0.45, y)
    x = x + lean
    side = x.abs()
    half = 0.185 + 0.025 * at.jaw + 0.015 * at.face_width
    throat = side - half - 0.10 * step(0.58, 0.86, y)
    depth = frame.of_class(at.clothes, _DEPTH)
    pointed = frame.of_class(at.clothes, _POINTED)
    wide = half + 0.06
    curve = torch.lerp(
        0.635 + depth * (1 - (side / wide).square()).clamp_min(-0.5), 0.635 + depth * (1 - side / wide), pointed
    )
    free = torch.maximum(throat, (y - curve) * 0.8)
    chin = THROAT.cut(frame.outline)
    turned = 0.75 + 0.5 * at.light * x / half - 0.35 * (side / half).square()
    light = (turned * step(-0.02, 0.30, chin + 0.05 * (y - 0.6)) + 0.05).clamp_(0.0, 1.0)
    bones = bell(side - 0.10, y - 0.80, 0.09, 0.018) * 0.25
    yield Layer(Part.NECK, THROAT, cover(free, pixel, 0.01), frame.on_skin(light - bones))
    yield from _collar(frame, curve - y, throat)


def _collar(frame: Frame, inside: Tensor, throat: Tensor) -> Iterator[Layer]:
    """A band below the neckline. inside: how far above the neckline a pixel is; (N, 1, h, w)."""
    at, pixel = frame.at, frame.pixel
    width = frame.of_class(at.clothes, _COLLAR)
    plain = frame.of_class(at.clothes, _PLAIN)
    band = stroke(inside + width * 0.8, width, pixel) * cover(throat - 0.05, pixel, 0.02)
    rim = palette.hsv(at.clothes_hue, plain * 0.9, 0.86 + 0.1 * (1 - plain))
    shade = 0.35 * stroke(inside + width * 2.2, 0.02, pixel, 0.05) * cover(throat - 0.05, pixel, 0.06)
    yield Layer(Part.SHADE, THROAT, shade, rim * 0.35)
    yield Layer(Part.CLOTHES, THROAT, band, rim * (0.88 + 0.15 * at.light * throat.clamp(-0.2, 0.2)))


def ears(frame: Frame, bare: Tensor) -> Iterator[Layer]:
    """Ears, where they are bare (N, 1, 1, 1) and not under hair."""
    at, pixel = frame.at, frame.pixel
    for side in (-1.0, 1.0):
        away = frame.turn * side  # > 0: this ear is turned away
        near = side * (frame.half_width + 0.01 - 0.16 * (-away).clamp_min(0) - 0.1 * away.clamp_min(0))
        window, place = frame.window(near, 0.04, 0.105, 0.15)
        x, y = place.x - near, place.y - 0.05
        long = 0.125 + 0.03 * frame.old
        shape = smooth_union(
            ellipse(x - 0.012 * side, y + 0.03, 0.075, long * 0.75),
            ellipse(x + 0.01 * side, y - 0.06, 0.045, 0.06),
            0.04,
        )
        light = (0.62 + 0.3 * side * at.light - 1.2 * (shape + 0.035).clamp_min(-0.03)).clamp(0, 1)
        hollow = bell(x - 0.008 * side, y + 0.02, 0.032, 0.055) * 0.55
        yield Layer(Part.EAR, window, cover(shape, pixel) * bare, frame.on_skin(light - hollow))
