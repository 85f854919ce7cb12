"""What geometry and shading hand to compositing: coverage and colour of one part on a box of the canvas."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

import torch
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


class Area(Protocol):
    """Where something is drawn: as many pixels in each picture."""

    def cut(self, whole: Tensor) -> Tensor:
        """Its pixels of whole pictures: (N, C, H, W) to (N, C, h, w)."""

    def paste(self, whole: Tensor, part: Tensor) -> None:
        """Put pixels that were cut back, in place."""


class Box(NamedTuple):
    """A part of the canvas, in canvas units; the same in each picture."""

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

    def cut(self, whole: Tensor) -> Tensor:
        """A view: what is drawn on it is drawn on the whole."""
        rows, columns = self.slices(whole.shape[3])
        return whole[:, :, rows, columns]

    def paste(self, whole: Tensor, part: Tensor) -> None:
        pass


WHOLE = Box()


class Window:
    """Rectangles of one size, each where its own picture needs it: what is small is drawn on few pixels."""

    def __init__(self, top: Tensor, left: Tensor, height: int, width: int, size: int) -> None:
        """top, left: (N, 1, 1, 1) whole numbers, such that all of it lies within pictures of this size."""
        steps = torch.arange(max(height, width), device=top.device)
        self.rows, self.columns = top + steps[:height, None], left + steps[:width]  # (N, 1, h, 1), (N, 1, 1, w)
        self._shape = height, width
        self._pixels = (self.rows * size + self.columns).flatten(2)  # (N, 1, h·w)

    def _of(self, whole: Tensor) -> Tensor:
        return self._pixels.expand(-1, whole.shape[1], -1)

    def cut(self, whole: Tensor) -> Tensor:
        return whole.flatten(2).gather(2, self._of(whole)).view(*whole.shape[:2], *self._shape)

    def paste(self, whole: Tensor, part: Tensor) -> None:
        whole.flatten(2).scatter_(2, self._of(whole), part.flatten(2))


@dataclass(frozen=True)
class Layer:
    """`alpha` (N, 1, h, w) in 0…1 and `colour` (N, 3, h, w) over the pixels of `area`, or 1 where all are alike.

    Colours are meant to lie in 0…1; what shines brighter is clipped at the end.
    """

    part: Part
    area: Area
    alpha: Tensor
    colour: Tensor
