"""How fast it goes and how long it will take, steady enough to be believed."""

from collections import deque


class Pace:
    """The mean over the last steps. It is fed seconds of training alone: saves, previews and pauses do not count."""

    def __init__(self, window: int = 400) -> None:
        self._seen: deque[tuple[int, float]] = deque(maxlen=window)

    def add(self, step: int, seconds: float) -> None:
        if self._seen and step <= self._seen[-1][0]:
            self._seen.clear()
        self._seen.append((step, seconds))

    @property
    def steps_per_second(self) -> float:
        """0 while it is not known."""
        if len(self._seen) < 2:
            return 0.0
        (first, start), (last, end) = self._seen[0], self._seen[-1]
        return (last - first) / (end - start) if end > start else 0.0

    def remaining(self, steps: int) -> float:
        """Seconds for so many more steps; infinite while the pace is not known."""
        return steps / self.steps_per_second if self.steps_per_second else float("inf")

    def text(self, steps: int) -> str:
        """For a person: "41.2 steps/s, 2:05 left"."""
        if not self.steps_per_second:
            return ""
        seconds = round(self.remaining(steps))
        hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
        left = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
        return f"{self.steps_per_second:.1f} steps/s, {left} left"
