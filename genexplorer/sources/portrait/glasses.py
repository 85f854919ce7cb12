"""Glasses: their shadow on the skin, lenses, frame, bridge and temples."""

from collections.abc import Iterator

import torch

from . import palette
from .eyes import HEIGHT, spacing
from .frame import Frame
from .layers import Box, Layer, Part
from .sdf import bell, box, cover, step, stroke

BOX = Box(-0.82, -0.36, 0.82, 0.4)

#                     none round square sunglasses
_WIDE = torch.tensor([0.1, 0.158, 0.168, 0.172])
_HIGH = torch.tensor([0.1, 0.158, 0.125, 0.140])
_CORNER = torch.tensor([0.1, 0.158, 0.045, 0.085])
_RIM = torch.tensor([0.0, 0.0105, 0.016, 0.014])
_DARK = torch.tensor([0.0, 0.07, 0.07, 0.93])
_RIM_COLOURS = ("#000000", "#8a6230", "#22222c", "#18161c")


def glasses(frame: Frame) -> Iterator[Layer]:
    at, pixel = frame.at, frame.pixel
    worn = (at.glasses > 0.5).float()
    if not bool(worn.any()):
        return
    wide, high, corner, rim, dark = (
        frame.of_class(at.glasses, table) for table in (_WIDE, _HIGH, _CORNER, _RIM, _DARK)
    )
    apart = (spacing(frame) + 0.01).clamp_min(wide + 0.03)
    sides = [frame.feature(s * apart, HEIGHT + 0.015, BOX, out=0.02) for s in (-1.0, 1.0)]
    left, right = (box(place.x, place.y, wide, high, corner) for place in sides)
    lens = torch.minimum(left, right)
    middle = frame.feature(0.0, HEIGHT, BOX, out=0.09)
    arch = middle.y + 0.02 - 2.0 * middle.x.square()
    bridge = stroke(arch, rim * 1.1, pixel) * cover(middle.x.abs() - (apart - wide), pixel)
    temple = stroke(middle.y + 0.03, rim, pixel) * cover(BOX.cut(frame.outline) - 0.02, pixel)
    temple = temple * torch.maximum(step(wide, wide + 0.03, -sides[0].x), step(wide, wide + 0.03, sides[1].x))
    shade = stroke(lens, 0.014, pixel, 0.06) * 0.4
    down = 0.45 * bell(lens.clamp_min(0), middle.y - 0.17, 0.05, 0.06) * (dark > 0.5)
    skin = cover(BOX.cut(frame.outline), pixel)
    yield Layer(Part.SHADE, BOX, (shade + down).clamp_(0, 1) * skin * worn, frame.shadow)

    glass = cover(lens, pixel)
    tint = torch.where(dark > 0.5, palette.hsv(at.clothes_hue, 0.35, 0.24), palette.fixed("#dff0ff", lens))
    fall = 1.0 + 1.6 * (dark > 0.5) * (middle.y + 0.05).clamp_min(0)
    yield Layer(Part.GLASSES, BOX, glass * dark * worn, (tint * fall).clamp_(0, 1))
    for place in sides:
        slant = place.x + place.y * 0.8 + 0.03
        shine = stroke(slant, 0.022, pixel, 0.02) + stroke(slant - 0.06, 0.008, pixel, 0.02)
        streak = shine * cover(box(place.x, place.y, wide, high, corner) + 0.03, pixel, 0.02)
        yield Layer(Part.SHADE, BOX, streak * worn * (0.16 + 0.12 * dark), palette.fixed("#ffffff", lens))

    metal = palette.hexes(_RIM_COLOURS).to(lens.device)[at.glasses[:, 0, 0, 0].long()][:, :, None, None]
    wire = torch.maximum(stroke(lens, rim, pixel), torch.maximum(bridge, temple))
    gleam = 1.0 + 0.5 * step(0.0, -0.12, sides[0].y)
    yield Layer(Part.GLASSES, BOX, wire * worn, (metal * gleam).clamp_(0, 1))
