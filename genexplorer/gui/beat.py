"""When which frame is due: a clock without a timer."""


class Beat:
    """Each frame has its own time, counted from the start, so that no delay adds up.

    There is a tick for each frame, or, where frames are quicker than the display, for each of the display's.
    """

    def __init__(self) -> None:
        self.start(0.0, 1.0, 1.0)

    def start(self, now: float, fps: float, refresh: float) -> None:
        """Begin at `now`, in seconds; rates per second."""
        self._began, self._fps, self._rate, self._tick = now, fps, min(fps, refresh), 0

    def due(self) -> float:
        """The time of the next tick."""
        return self._began + (self._tick + 1) / self._rate

    def advance(self, now: float) -> tuple[int, int] | None:
        """Frames since the start, and how many ticks passed unseen before this one; None before the next tick."""
        tick = int((now - self._began) * self._rate + 1e-6)
        if tick <= self._tick:
            return None
        missed, self._tick = tick - self._tick - 1, tick
        return int(tick * self._fps / self._rate + 1e-6), missed
