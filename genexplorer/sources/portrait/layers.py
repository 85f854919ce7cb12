"""What geometry and shading hand to compositing: coverage and colour of one part on a box of the canvas."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from torch import Tensor


class Part(IntEnum):
    """What a pixel shows; SHADE only tints what lies below."""

    BACKGROUND = 0
    CLOTHES = 1
    HAIR = 2
    NECK = 3
    EAR = 4
    FACE = 5
    NOSE = 6
    LIPS = 7
    MOUTH = 8
    EYE = 9
    IRIS = 10
    BROW = 11
    BEARD = 12
    GLASSES = 13
    SHADE = 14


ZOOM, RISE = 0.87, -0.03  # the picture shows ±ZOOM, around x = 0 and y = RISE


class Box(NamedTuple):
    """A part of the canvas, in canvas units."""

    left: float = -1.0
    top: float = -1.0
    right: float = 1.0
    bottom: float = 1.0

    def slices(self, size: int) -> tuple[slice, slice]:
        """Rows and columns of an image of this size that the box touches."""

        def span(low: float, high: float) -> slice:
            first, last = (round((edge / ZOOM + 1) / 2 * size) for edge in (low, high))
            return slice(max(0, first), min(size, last))

        return span(self.top - RISE, self.bottom - RISE), span(self.left, self.right)


WHOLE = Box()


@dataclass(frozen=True)
class Layer:
    """`alpha` (N, 1, h, w) in 0…1 and `colour` (N, 3, h, w), or (N, 3, 1, 1), over the pixels of `box`.

    Colours are meant to lie in 0…1; what shines brighter is clipped at the end.
    """

    part: Part
    box: Box
    alpha: Tensor
    colour: Tensor
