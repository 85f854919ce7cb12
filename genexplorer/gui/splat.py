"""Dots written straight into pixels: tens of thousands within a frame, where a painter's circles take seconds."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

_FEW = 20_000  # dots that are drawn with all care within two frames
_BEHIND = np.uint32(48)  # of 256: how much of the dots shows that are not in front
_HALO = 1.0  # device pixels
_ODD, _EVEN = np.uint32(0x00FF00FF), np.uint32(0xFF00FF00)


def radius_for(num: int, ratio: float) -> float:
    """Device pixels: many dots are small ones, few are large."""
    points = float(np.clip(5.0 - 1.75 * np.log10(max(num, 300) / 300), 1.5, 5.0))
    return points * ratio


Stamp = tuple[list[tuple[int, int]], list[tuple[int, int, int]]]


@dataclass(frozen=True, eq=False)
class Dots:
    """A transparent picture that is `margin` device pixels larger on each side than what it is for."""

    image: QImage
    margin: int
    memory: np.ndarray  # where the image lives


def splat(
    xy: np.ndarray,
    colors: np.ndarray,
    size: QSize,
    radius: float,
    halo: int = 0,
    front: np.ndarray | None = None,
    smooth: bool = True,
) -> Dots:
    """Dots for a picture of `size` device pixels; later ones lie on top.

    xy is (N, 2) in device pixels, colors uint32 (N,), premultiplied ARGB. Where `front` (N,) is given, the others fade
    and lie behind. Few dots have a rim of the colour `halo` beneath them, all together, and hide each
    other whole. `smooth` takes a frame or two where they are many.
    """
    reach = int(np.ceil(radius + _HALO)) + 1
    margin = 2 * reach  # a dot's middle may lie `reach` outside and reach as far again: nothing is clipped
    width, height = size.width() + 2 * margin, size.height() + 2 * margin
    buffer = np.zeros((height, width), np.uint32)
    column, row = np.floor(xy[:, 0]).astype(np.int64), np.floor(xy[:, 1]).astype(np.int64)
    seen = (column >= -reach) & (column < size.width() + reach) & (row >= -reach) & (row < size.height() + reach)
    index = (row + margin) * width + column + margin
    flat, few = buffer.reshape(-1), int(np.count_nonzero(seen)) <= (_FEW if smooth else _FEW // 3)
    inner, edge = _stamp(round(radius * 4))
    stamp = (inner, edge if smooth or few else [])
    if front is not None:
        behind = seen & ~front
        _print(flat, index[behind], width, scaled(colors[behind], _BEHIND), stamp, few)
        seen &= front
    index, colors = index[seen], colors[seen]
    if halo and few:
        rim = _stamp(round((radius + _HALO) * 4))
        _print(flat, index, width, np.full(len(index), halo, np.uint32), rim, False)
    _print(flat, index, width, colors, stamp, few)
    image = QImage(buffer.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return Dots(image, margin, buffer)


def _print(flat: np.ndarray, index: np.ndarray, width: int, colors: np.ndarray, stamp: Stamp, ordered: bool) -> None:
    """Stamp a disc at every index. `ordered`: later discs hide earlier ones whole, instead of pixel by pixel."""
    inner, edge = stamp
    for dx, dy, cover in edge:
        at = index + (dy * width + dx)
        flat[at] = _over(colors, flat[at], cover)
    if not ordered:
        for dx, dy in inner:
            flat[index + (dy * width + dx)] = colors
        return
    top, order = np.zeros(len(flat), np.int32), np.arange(1, len(index) + 1, dtype=np.int32)
    for dx, dy in inner:
        at = index + (dy * width + dx)
        top[at] = np.maximum(top[at], order)  # of equal places the last is written, which is the largest
    hit = np.flatnonzero(top)
    flat[hit] = colors[top[hit] - 1]


@lru_cache(maxsize=64)
def _stamp(quarters: int) -> Stamp:
    """Offsets inside a disc, and those on its edge with how much of them it covers, of 256."""
    radius = quarters / 4
    reach = int(np.ceil(radius)) + 1
    inner, edge = [], []
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            cover = round(256 * min(1.0, max(0.0, radius + 0.5 - float(np.hypot(dx, dy)))))
            if cover >= 250:
                inner.append((dx, dy))
            elif cover > 8:
                edge.append((dx, dy, cover))
    return inner, edge


def _over(source: np.ndarray, ground: np.ndarray, cover: int) -> np.ndarray:
    """Premultiplied colours over others (Porter & Duff 1984), two channels at a time."""
    part = scaled(source, np.uint32(cover))
    rest = np.uint32(256) - ((part >> np.uint32(24)) * np.uint32(256) + np.uint32(128)) // np.uint32(255)
    return np.asarray(part + scaled(ground, rest), np.uint32)


def scaled(colors: np.ndarray, of_256: np.ndarray | np.uint32) -> np.ndarray:
    """Premultiplied colours made that much more transparent."""
    odd = (((colors & _ODD) * of_256) >> np.uint32(8)) & _ODD
    even = (((colors >> np.uint32(8)) & _ODD) * of_256) & _EVEN
    return np.asarray(odd | even, np.uint32)
