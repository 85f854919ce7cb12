"""Ways from noise to images, as far as they have come: kept frame by frame, with what branches off."""

from dataclasses import replace

import numpy as np

from genexplorer.engine.denoise import Denoise, Frame, Start
from genexplorer.gui.images import Pixels

_BUDGET = 300_000_000  # bytes of one way's frames; of more, only every second, third … is kept


class Trajectory:
    """What a query has answered so far, after the frames that it shares with the way that it branches from."""

    def __init__(self, query: Denoise, parent: "Trajectory | None" = None, since: int = 0) -> None:
        self.query, self.parent, self.since = query, parent, since
        self.frames: list[Frame] = parent.frames[:since] if parent is not None else []
        self.count: int = parent.count if parent is not None else query.way.steps + 1
        """How many frames it will have."""
        self.depth: int = 0 if parent is None else parent.depth + 1
        self._every: int = parent._every if parent is not None else 0
        self._before = parent.frames[since] if parent is not None else None

    @property
    def whole(self) -> bool:
        return len(self.frames) >= self.count

    def add(self, frame: Frame) -> None:
        """The next one; those that are there already, of a query that is asked again, are replaced."""
        if not self._every:
            size = 4 * frame.xt.nbytes + frame.state.nbytes
            self._every = max(1, -(-size * (frame.count + 1) // _BUDGET))
        last = frame.number == frame.count
        if frame.number % self._every and not last:
            return
        place = self.since + -(-frame.number // self._every)
        self.count = self.since + -(-frame.count // self._every) + 1
        if self._before is not None:  # what the shared past took, counts too
            frame = replace(frame, calls=frame.calls + self._before.calls, ms=frame.ms + self._before.ms)
        self.frames[place : place + 1] = [frame]

    def cut(self) -> None:
        """No more will come."""
        self.count = len(self.frames)

    def branch(self, at: int, seed: int) -> "Trajectory":
        """The same past up to a frame, and other noise from there on; at the end, from the last step before it."""
        at = max(0, min(at, len(self.frames) - 1, self.count - 2))
        found = self.frames[at]
        start = Start(found.state.astype(np.float32), found.t, True, found.told)
        return Trajectory(replace(self.query, seed=seed, start=start), self, at)


def tiled(pixels: Pixels, ground: tuple[int, int, int]) -> Pixels:
    """Images (N, C, H, W) in a square as far as they go, (C, H', W'), a pixel or two of the ground between them."""
    count, channels, height, width = pixels.shape
    if count == 1:
        one: Pixels = pixels[0]
        return one
    columns, gap = columns_of(count), gap_of(height)
    rows = -(-count // columns)
    shown = np.array(ground if channels == 3 else [round(sum(ground) / 3)] * channels, np.uint8)
    sheet = np.empty((channels, rows * (height + gap) - gap, columns * (width + gap) - gap), np.uint8)
    sheet[:] = shown[:, None, None]
    for n, image in enumerate(pixels):
        top, left = n // columns * (height + gap), n % columns * (width + gap)
        sheet[:, top : top + height, left : left + width] = image
    return sheet


def columns_of(count: int) -> int:
    return int(np.ceil(np.sqrt(count)))


def gap_of(height: int) -> int:
    return 1 if height < 24 else 2


def faded(a: Pixels, b: Pixels, part: float) -> Pixels:
    """Between two pictures, 0 for a and 1 for b."""
    weight = round(256 * part)
    if weight == 0:
        return a
    return ((a.astype(np.uint16) * (256 - weight) + b.astype(np.uint16) * weight + 128) >> 8).astype(np.uint8)


def apart(a: Pixels, b: Pixels) -> float:
    """Root of the mean squared difference of pictures of one shape; black is 0 and white 1."""
    return float(np.sqrt(np.mean(((a.astype(np.float32) - b) / 255) ** 2)))


def took(frame: Frame) -> str:
    """What it took so far."""
    time = f"{frame.ms:.0f} ms" if frame.ms < 1000 else f"{frame.ms / 1000:.1f} s"
    return f"{frame.calls} call{'s' if frame.calls != 1 else ''} · {time}"
