"""Mouth: lips, teeth, tongue."""

from collections.abc import Iterator

import torch

from . import palette
from .frame import Frame
from .layers import Layer, Part
from .sdf import bell, cover, length, ridge, step, stroke

HEIGHT = 0.355
_MIDDLE, _WIDE, _HIGH = 0.081, 0.24, 0.21  # what the widest mouth takes, with the shade below it


def mouth(frame: Frame) -> Iterator[Layer]:
    at, pixel = frame.at, frame.pixel
    window, place = frame.close_up(0.0, HEIGHT + _MIDDLE, _WIDE, _HIGH, out=-0.1)
    half = 0.135 + 0.035 * at.smile.clamp_min(0) - 0.02 * at.mouth_open * (1 - at.smile.clamp_min(0)) + 0.01 * at.jaw
    x, y = place.x, place.y + _MIDDLE
    t = x / half
    bow = 1.0 - t * t
    seam = 0.062 * at.smile * (0.55 - t * t)
    gape = 0.115 * at.mouth_open
    upper, lower = seam - 0.35 * gape * bow, seam + gape * bow
    cupid = 1.0 - 0.30 * ridge(t, 0.16)
    thin = 1.0 - 0.5 * frame.old
    top = upper - (0.022 + 0.020 * at.lips) * thin * cupid * bow
    low = lower + (0.028 + 0.030 * at.lips) * thin * bow
    slope = 1.0 / torch.sqrt(1.0 + (0.9 * t * (at.smile.abs() + at.mouth_open)).square())

    chin = bell(x, y - low - 0.035, half * 0.6, 0.022) * 0.42
    corners = bell(x.abs() - half - 0.012, y - seam, 0.022, 0.03) * (0.30 + 0.3 * at.smile.clamp_min(0))
    skin = cover(window.cut(frame.outline), pixel, 0.03)
    yield Layer(Part.SHADE, window, (chin + corners) * skin, frame.shadow)

    red = torch.lerp(frame.skin, palette.fixed("#c8323c", x), 0.42 + 0.12 * at.lips - 0.28 * frame.old)
    red = red * (1 - 0.18 * at.skin)
    form = (0.80 + 0.30 * step(-0.01, 0.03, y - (lower + upper) * 0.5)).clamp(0, 1.1)
    lips = cover(torch.maximum(top - y, y - low) * slope, pixel)
    yield Layer(Part.LIPS, window, lips, (red * form).clamp_(0, 1))
    gloss = bell(x - 0.03 * at.light, y - (lower + low) * 0.5, half * 0.38, 0.010) * (0.25 + 0.35 * at.lips)
    yield Layer(Part.SHADE, window, gloss, palette.fixed("#ffeae6", x))

    inside = cover(torch.maximum(upper - y, y - lower) * slope, pixel)
    inside = inside * step(0.0, 0.05, at.mouth_open)
    yield Layer(Part.MOUTH, window, inside, palette.fixed("#4a1118", x))
    tongue = cover(length(x / 1.3, y - lower - 0.035) - 0.078, pixel, 0.02)
    yield Layer(Part.MOUTH, window, tongue * inside, palette.fixed("#c9505a", x))
    teeth = cover(y - upper - 0.012 - 0.30 * gape - 0.01 * bow, pixel) * cover(x.abs() - half * 0.82, pixel, 0.02)
    ivory = palette.fixed("#fffaf0", x) - 0.22 * t.square().clamp_max(1) - 0.25 * step(0.025, 0.0, y - upper)
    yield Layer(Part.MOUTH, window, teeth * inside, ivory)

    line = stroke((y - seam) * slope, 0.006, pixel) * step(half * 1.06, half * 0.92, x.abs())
    yield Layer(Part.MOUTH, window, line * step(0.12, 0.0, at.mouth_open) * 0.8, red * 0.42)
