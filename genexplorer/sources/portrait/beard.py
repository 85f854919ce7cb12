"""Beards, from stubble to full: drawn below the lips."""

from collections.abc import Iterator

import torch

from .frame import Frame
from .layers import Box, Layer, Part
from .mouth import HEIGHT
from .sdf import bell, cover, ellipse, ridge, step

BOX = Box(-0.75, -0.15, 0.75, 0.9)

#                         none stubble moust goatee full
_JAW = torch.tensor([0.0, 1.0, 0.0, 0.0, 1.0])
_CHIN = torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0])
_LIP = torch.tensor([0.0, 0.8, 1.0, 1.0, 1.0])
_DENSE = torch.tensor([0.0, 0.36, 0.96, 0.94, 0.96])
_OUT = torch.tensor([0.0, -0.01, -0.01, 0.02, 0.055])


def beard(frame: Frame) -> Iterator[Layer]:
    at, pixel = frame.at, frame.pixel
    dense = frame.of_class(at.beard, _DENSE)
    if not bool((dense > 0).any()):
        return
    outline = BOX.cut(frame.outline)
    place = frame.feature(0.0, HEIGHT, BOX, out=-0.1)
    x, y = place.x, place.y
    side = x.abs()
    down = step(0.1, 0.4, y)
    edge = outline - frame.of_class(at.beard, _OUT) * down
    line = 0.02 - 0.42 * step(0.17, 0.44, side) + 0.05 * ridge(side - 0.16, 0.05)
    jaw = torch.maximum(edge, line + 0.02 - y)
    goatee = torch.maximum(edge, ellipse(x, y - 0.07, 0.165, 0.19))
    droop = 0.07 * (side / 0.16).square() - 0.05 * at.smile * (0.3 - (side / 0.16).square() * 0.8)
    lip = torch.maximum((y + 0.062 - droop * 0.6).abs() - 0.034 * (1.15 - (side / 0.2).square()), side - 0.185)
    lip = lip * 0.8

    soft = 0.03
    diffuse = 1.0 / (1.0 + 2.5 * (dense < 0.5))  # stubble has no edge
    shown = torch.maximum(
        cover(jaw * diffuse, pixel, soft) * frame.of_class(at.beard, _JAW),
        torch.maximum(
            cover(goatee * diffuse, pixel, soft) * frame.of_class(at.beard, _CHIN),
            cover(lip * diffuse, pixel, soft) * frame.of_class(at.beard, _LIP),
        ),
    )
    fade = max(0.0, 1.0 - (pixel * 16) ** 2)
    strands = fade * 0.10 * torch.sin(x * 75 + torch.sin(y * 28) * 1.4 + y * 12 * torch.sign(x))
    light = 0.62 + 0.35 * BOX.cut(frame.lit) + strands - 0.25 * bell(x, y - 0.14, 0.12, 0.05)
    colour = torch.lerp(frame.hair, frame.hair * frame.skin, 0.25) * light
    yield Layer(Part.BEARD, BOX, shown * dense * cover(edge, pixel, 0.03), colour)
