"""Plays pictures at the display's rate, also while the rest of them are still being made."""

import numpy as np
from PySide6.QtWidgets import QWidget

from .images import ImageView, Pixels
from .transport import Transport


class Player(Transport):
    """Frames (N, C, H, W) uint8 from memory, above the controls that play them."""

    def __init__(self, empty: str = "Nothing to play yet", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: Pixels = np.zeros((0, 1, 1, 1), np.uint8)
        self.view = ImageView(empty)
        self.column.insertWidget(0, self.view, 1)
        self.set_frames(None)

    def set_frames(self, pixels: Pixels | None) -> None:
        """All of them at once, or none."""
        self.expect(0 if pixels is None else len(pixels))
        if pixels is not None:
            self.put(0, pixels)

    def expect(self, count: int) -> None:
        """So many frames are to come; those of a way of the same length are shown until then."""
        if count != len(self._frames):
            self._frames = np.zeros((count, *self._frames.shape[1:]), np.uint8)
        if not count:
            self.view.set_image(None)
        super().expect(count)

    def put(self, first: int, pixels: Pixels) -> None:
        """These frames, from this place on; they come in order."""
        if pixels.shape[1:] != self._frames.shape[1:]:
            self._frames, self._ready = np.zeros((len(self._frames), *pixels.shape[1:]), np.uint8), 0
        last = first + len(pixels)
        self._frames[first:last] = pixels
        if first <= self._index < last:
            self.view.set_image(self._frames[self._index])
        self.arrive(max(self._ready, last))

    def frames(self) -> Pixels:
        """Those that have come."""
        return self._frames[: self._ready]

    def draw_frame(self, index: int) -> None:
        self.view.set_image(self._frames[index])
