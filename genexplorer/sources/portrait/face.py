"""The face's own form: skin, cheeks, nose, wrinkles, freckles."""

from collections.abc import Iterator

import torch

from . import palette
from .frame import Frame
from .layers import Box, Layer, Part
from .sdf import bell, cover, ridge, step, stroke

FACE = Box(-0.68, -0.68, 0.68, 0.68)
CHEEKS = Box(-0.8, -0.15, 0.8, 0.55)
BROW = Box(-0.7, -0.6, 0.7, 0.1)


def skin(frame: Frame) -> Iterator[Layer]:
    outline = FACE.cut(frame.outline)
    light = (FACE.cut(frame.lit) - (outline + 0.10).clamp_min_(0.0) * 1.3).clamp_(0.0, 1.0)
    yield Layer(Part.FACE, FACE, cover(outline, frame.pixel), frame.on_skin(light))


def cheeks(frame: Frame) -> Iterator[Layer]:
    at = frame.at
    rise = 0.03 * at.smile.clamp_min(0)
    inside = cover(CHEEKS.cut(frame.outline) + 0.02, frame.pixel, 0.04)
    shown = []
    for side in (-1.0, 1.0):
        place = frame.feature(side * 0.25, 0.215 - rise, CHEEKS)
        shown.append(bell(place.x, place.y, 0.13, 0.095))
    rosy = (shown[0] + shown[1]) * inside * (0.15 + 0.5 * at.blush)
    yield Layer(Part.SHADE, CHEEKS, rosy, frame.blush)


def freckles(frame: Frame) -> Iterator[Layer]:
    at = frame.at
    if not bool((at.freckles > 0).any()):
        return
    place = frame.feature(0.0, 0.2, CHEEKS)
    x, y = place.x, place.y
    dots = torch.sin(x * 61.0 + 2.0 * torch.sin(y * 23.0)) * torch.sin(y * 67.0 + 2.5 * torch.sin(x * 19.0))
    where = ridge(x.abs() - 0.17, 0.13) * ridge(y, 0.06) * cover(CHEEKS.cut(frame.outline), frame.pixel)
    alpha = step(0.35, 0.75, dots) * where * (0.65 * at.freckles)
    yield Layer(Part.SHADE, CHEEKS, alpha, torch.lerp(frame.skin, frame.shadow, 1.1).clamp(0, 1))


def nose(frame: Frame) -> Iterator[Layer]:
    at = frame.at
    wide = 0.066 + 0.018 * at.nose_size + 0.008 * frame.old
    tip = 0.19 + 0.035 * at.nose_length
    middle = -0.126  # of what the largest nose takes
    window, place = frame.close_up(0.0, tip + middle, 0.225, 0.245, out=0.07)
    x, y = place.x, place.y + middle
    sunk = 0.05 * torch.tan(frame.yaw)  # the back of the nose runs from the tip to the root, which stands off less
    back = x + sunk * (y * (-1 / 0.28)).clamp_(0.0, 1.0)
    dark = torch.tanh(3.0 * at.light + 1.6 * frame.turn)  # which side lies in the shade
    bridge = bell(back + dark * wide * 0.9, y + 0.13, wide * 0.55, 0.12) * 0.30
    under = bell(x + dark * 0.012, y - 0.062, wide * 1.15, 0.028) * 0.7
    wings = bell(x.abs() - wide * 1.05, y - 0.022, 0.022, 0.034) * 0.42
    yield Layer(Part.SHADE, window, (bridge + under + wings).clamp_(0.0, 0.85), frame.shadow)
    ball = bell(x, y, wide * 0.95, 0.05) * 0.30
    yield Layer(Part.SHADE, window, ball, torch.lerp(frame.blush, frame.skin, 0.4))
    nostrils = bell(x.abs() - wide * 0.48, y - 0.045, 0.02, 0.011) * 0.75
    yield Layer(Part.NOSE, window, nostrils, frame.shadow * 0.5)
    shine = bell(x - dark * 0.014, y + 0.012, 0.022, 0.017) * 0.6
    shine = shine + bell(back - dark * 0.012, y + 0.13, 0.014, 0.09) * 0.28
    yield Layer(Part.SHADE, window, shine, palette.fixed("#fff4e8", frame.skin))


def wrinkles(frame: Frame) -> Iterator[Layer]:
    """Forehead lines, crow's feet, bags, and the folds from nose to mouth, which a smile also draws."""
    at, pixel, old = frame.at, frame.pixel, frame.old
    fold = (old * 0.75 + 0.22 * at.smile.clamp_min(0)).clamp(0, 0.8)
    box = Box(-0.65, 0.0, 0.65, 0.6)
    shown: torch.Tensor | float = 0.0
    for side in (-1.0, 1.0):
        place = frame.feature(side * 0.15, 0.29, box)
        x, y = place.x * side, place.y
        bow = x - 0.035 * at.smile - 0.35 * y + 2.2 * y * y
        shown = shown + stroke(bow, 0.008, pixel, 0.012) * ridge(y, 0.085)
    skin = cover(box.cut(frame.outline), pixel, 0.03)
    yield Layer(Part.SHADE, box, torch.as_tensor(shown) * fold * skin, frame.shadow)
    if not bool((old > 0).any()):
        return
    place = frame.feature(0.0, -0.3, BROW)
    lines = sum(
        (
            stroke(
                place.y - v - 0.25 * place.x.square() + 0.006 * torch.sin(place.x * 30 + v * 90), 0.006, pixel, 0.012
            )
            * ridge(place.x, w)
            for v, w in ((-0.055, 0.17), (0.0, 0.2), (0.055, 0.15))
        ),
        start=torch.zeros_like(place.x),
    )
    yield Layer(Part.SHADE, BROW, (lines * old * 0.6).clamp_(0, 1), frame.shadow)
