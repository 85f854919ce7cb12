"""Strokes on a grid of pixels."""

import numpy as np


def stroke(shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float], radius: float) -> np.ndarray:
    """Which pixels of (H, W) a round brush covers on a straight way, bool (H, W); places are (x, y) in pixels.

    A pixel is covered where its middle lies within `radius` of the way; the one that the brush ends on always is.
    """
    height, width = shape
    x, y = np.arange(width)[None] + 0.5, np.arange(height)[:, None] + 0.5
    (x0, y0), (x1, y1) = start, end
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    covered: np.ndarray = np.hypot(x - x0 - along * dx, y - y0 - along * dy) <= radius
    column, row = int(np.floor(x1)), int(np.floor(y1))
    if 0 <= column < width and 0 <= row < height:
        covered[row, column] = True
    return covered
