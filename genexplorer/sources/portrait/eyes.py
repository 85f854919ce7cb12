"""Eyes, lids, lashes and brows."""

from collections.abc import Iterator

import torch

from . import palette
from .frame import Frame, Place
from .layers import Box, Layer, Part, Window
from .sdf import bell, cover, length, step, stroke

LEFT, RIGHT = Box(-0.68, -0.24, 0.34, 0.28), Box(-0.34, -0.24, 0.68, 0.28)
HEIGHT = 0.03
_MIDDLE, _WIDE, _HIGH = -0.026, 0.2, 0.21  # what the largest eye takes, from lash to lash and from crease to bag


def spacing(frame: Frame) -> torch.Tensor:
    """How far each eye is from the middle. (N, 1, 1, 1)"""
    return 0.188 + 0.022 * frame.at.eye_spacing + 0.01 * frame.at.face_width


def eyes(frame: Frame) -> Iterator[Layer]:
    smaller = 1.0 / (1.0 + 0.16 * frame.at.eye_size + 0.06 * frame.young - 0.10 * frame.old)
    for side, box in ((-1.0, LEFT), (1.0, RIGHT)):
        u = side * spacing(frame)
        place = frame.feature(u, HEIGHT, box)
        skin = cover(box.cut(frame.outline) + 0.01, frame.pixel)  # a far eye ends at the temple
        yield Layer(Part.SHADE, box, _socket(place.x * smaller, place.y * smaller).mul_(skin), frame.shadow)
        window, place = frame.close_up(u, HEIGHT + _MIDDLE, _WIDE, _HIGH)
        yield from _eye(frame, window, Place(place.x * smaller, (place.y + _MIDDLE) * smaller), side)


def _socket(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return bell(x, y + 0.02, 0.17, 0.11).mul_(0.26)


def _eye(frame: Frame, window: Window, place: Place, side: float) -> Iterator[Layer]:
    at, pixel = frame.at, frame.pixel
    x, y = place.x, place.y
    half = 0.128
    t = x / half
    out = x * side  # grows towards the temple
    bow = 1.0 - t * t
    squint = at.smile.clamp_min(0) * 0.016
    droop = 0.16 * frame.old * out.clamp_min(-0.05)
    upper = -(0.145 * at.eye_open - 0.022) * bow - 0.06 * out * at.eye_open + droop
    lower = (0.022 + 0.032 * at.eye_open - squint) * bow - 0.05 * out * at.eye_open
    lower = torch.maximum(lower, upper)
    slope = 1.0 / torch.sqrt(1.0 + (t * 1.6 * at.eye_open).square())
    gap = torch.maximum(torch.maximum(upper - y, y - lower) * slope, x.abs() - half)
    skin = cover(window.cut(frame.outline) + 0.01, pixel)
    inside = cover(gap, pixel) * skin

    bags = stroke(y - lower - 0.045 - 0.02 * bow, 0.01, pixel, 0.03) * bow.clamp_min(0) * (0.12 + 0.7 * frame.old)
    crease_at = y - upper + 0.035 + 0.02 * at.eye_open
    crease = stroke(crease_at, 0.007, pixel, 0.012) * bow.clamp(0, 0.5) * 1.1
    beside = 1.0 - _socket(x, y) * skin  # what the socket left of the skin, so that the shades add up
    yield Layer(Part.SHADE, window, ((bags + crease) * skin / beside).clamp_(0, 0.9), frame.shadow)

    white = palette.fixed("#fdfaf6", x) - 0.42 * step(0.055, -0.01, y - upper) - 0.12 * t.square().clamp_max(1.0)
    yield Layer(Part.EYE, window, inside, white.clamp(0, 1))

    ix, iy = x - 0.034 * at.gaze, y + 0.012
    radius = length(ix, iy)
    eye = palette.iris(at.eye_hue)
    depth = (0.78 + 6.0 * iy).clamp(0.4, 1.4)  # light gathers opposite to where it comes in
    rim = step(0.055, 0.084, radius)
    ball = (eye * depth * (1.0 - 0.6 * rim)).clamp_(0, 1)
    lid = 0.5 * step(0.05, 0.0, y - upper)
    yield Layer(Part.IRIS, window, cover(radius - 0.079, pixel) * inside, ball * (1 - lid))
    yield Layer(Part.IRIS, window, cover(radius - 0.036, pixel) * inside, palette.fixed("#0d0a10", x))
    spark = cover(length(ix - 0.026 * (at.light + 0.6).sign(), iy + 0.028) - 0.021, pixel)
    spark = spark + 0.5 * cover(length(ix + 0.026 * (at.light + 0.6).sign(), iy - 0.03) - 0.011, pixel)
    yield Layer(Part.IRIS, window, (spark * inside).clamp_(0, 1) * 0.95, palette.fixed("#ffffff", x))

    wing = 0.012 * at.lashes
    along = step(half + 0.004 + wing, half - 0.02, out) * step(-half - 0.004, -half + 0.02, out)
    thick = 0.009 + (0.005 + 0.009 * at.lashes) * (0.6 + 0.5 * out / half).clamp(0.2, 1.2)
    thick = thick * (0.4 + 0.6 * (bow + 0.4 * out / half).clamp(0, 1))
    flick = 0.05 * at.lashes * step(0.6, 1.2, out / half)
    lashes = stroke((y - upper + flick + 0.004) * slope, thick, pixel) * along
    yield Layer(Part.EYE, window, lashes * skin * 0.95, torch.lerp(frame.hair * 0.35, palette.fixed("#1a1010", x), 0.6))
    rims = stroke((y - lower) * slope, 0.005, pixel) * along * 0.55
    yield Layer(Part.SHADE, window, rims * skin, frame.shadow * 0.75)


def brows(frame: Frame) -> Iterator[Layer]:
    at, pixel = frame.at, frame.pixel
    ink = torch.lerp(frame.hair * 0.78, palette.fixed("#2a1a16", frame.hair), 0.30 * (1 - 0.6 * at.grey))
    height = HEIGHT - 0.195 - 0.04 * at.brow_height - 0.012 * (at.eye_open - 0.7)
    for side in (-1.0, 1.0):
        window, place = frame.close_up(side * (spacing(frame) + 0.005), height, 0.19, 0.12)
        out, y = place.x * side, place.y
        arc = -0.03 + 2.1 * (out + 0.008).square() + 0.34 * at.brow_angle * out - 0.02 * out
        taper = (1.0 - (out / 0.155 - 0.05).square()).clamp_min(0.0)
        thick = (0.012 + 0.019 * at.brow_thickness) * (0.35 + 0.65 * taper) * step(0.17, 0.06, out + 0.02)
        shape = stroke(y - arc, thick + 0.002, pixel, 0.012) * step(-0.135, -0.105, out) * step(0.165, 0.13, out)
        yield Layer(Part.BROW, window, shape * 0.9, ink)
