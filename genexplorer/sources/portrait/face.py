"""The face's own form: skin, cheeks, nose, freckles, and what age does to it."""

from collections.abc import Iterator

import torch

from . import palette
from .frame import Frame
from .layers import Box, Layer, Part
from .sdf import bell, cover, ridge, step, stroke

FACE = Box(-0.68, -0.68, 0.68, 0.68)
CHEEKS = Box(-0.8, -0.15, 0.8, 0.55)
BROW = Box(-0.7, -0.6, 0.7, 0.15)
FOLDS = Box(-0.65, 0.0, 0.65, 0.65)
HOLLOWS = Box(-0.7, -0.35, 0.7, 0.6)


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
    rosy = (shown[0] + shown[1]) * inside * (0.15 + 0.5 * at.blush) * (1.0 - 0.6 * frame.old)
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
    wide = 0.068 + 0.024 * at.nose_size + 0.010 * frame.old
    tip = 0.19 + 0.035 * at.nose_length + 0.012 * frame.old
    middle = -0.126  # of what the largest nose takes
    window, place = frame.close_up(0.0, tip + middle, 0.245, 0.255, out=0.07)
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


def hollows(frame: Frame) -> Iterator[Layer]:
    """What age takes from under the cheekbones and from the temples, and the bags that it leaves below the eyes."""
    old = frame.old
    if not bool((old > 0).any()):
        return
    shown: torch.Tensor | float = 0.0
    for side in (-1.0, 1.0):
        place = frame.feature(side * 0.26, 0.24, HOLLOWS)
        x, y = place.x * side, place.y
        shown = shown + bell(x + 0.4 * y, y - 0.06, 0.06, 0.10) * 0.55
        shown = shown + bell(x - 0.10, y + 0.36, 0.07, 0.11) * 0.4
        shown = shown + bell(x + 0.075, y + 0.085, 0.10, 0.03) * 0.6
    skin = cover(HOLLOWS.cut(frame.outline) + 0.01, frame.pixel, 0.04)
    yield Layer(Part.SHADE, HOLLOWS, torch.as_tensor(shown) * old * skin, frame.shadow)


def wrinkles(frame: Frame) -> Iterator[Layer]:
    """Folds from nose to mouth, which a smile also draws, and on to the chin; crow's feet; lines of the forehead."""
    at, pixel, old = frame.at, frame.pixel, frame.old
    fold = (old * 0.9 + 0.22 * at.smile.clamp_min(0)).clamp(0, 0.9)
    wide = 0.008 + 0.006 * old
    shown: torch.Tensor | float = 0.0
    for side in (-1.0, 1.0):
        place = frame.feature(side * 0.15, 0.29, FOLDS)
        x, y = place.x * side, place.y
        bow = x - 0.035 * at.smile - 0.35 * y + 2.2 * y * y
        shown = shown + stroke(bow, wide, pixel, 0.014) * ridge(y, 0.085) * fold
        down = x - 0.035 + 0.25 * (y - 0.15)
        shown = shown + stroke(down, 0.007, pixel, 0.014) * ridge(y - 0.16, 0.05) * (0.8 * old)
    skin = cover(FOLDS.cut(frame.outline), pixel, 0.03)
    yield Layer(Part.SHADE, FOLDS, torch.as_tensor(shown).clamp(0, 1) * skin, frame.shadow)
    if not bool((old > 0).any()):
        return
    place = frame.feature(0.0, -0.3, BROW)
    x, y = place.x, place.y
    shown = 0.0
    for v, reach in ((-0.065, 0.17), (0.0, 0.22), (0.062, 0.17)):
        line = y - v - 0.25 * x.square() + 0.006 * torch.sin(x * 30 + v * 90)
        shown = shown + stroke(line, 0.009, pixel, 0.014) * ridge(x, reach)
    shown = shown + stroke(x.abs() - 0.03, 0.006, pixel, 0.012) * ridge(y - 0.20, 0.035)
    for side in (-1.0, 1.0):
        place = frame.feature(side * 0.31, 0.03, BROW)
        x, y = place.x * side, place.y
        for slope in (-0.55, 0.0, 0.55):
            shown = shown + stroke(y - slope * x, 0.005, pixel, 0.010) * ridge(x - 0.05, 0.035) * 0.9
    skin = cover(BROW.cut(frame.outline), pixel, 0.03)
    yield Layer(Part.SHADE, BROW, (torch.as_tensor(shown) * old * skin).clamp_(0, 0.9), frame.shadow)
