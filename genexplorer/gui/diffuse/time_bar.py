"""The slider of time: a step of the sampler after the other, and smoothly from one to the next."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from genexplorer.gui.transport import Transport

_SECONDS = 1.6  # that a way takes at first, where that makes it slower than the display


class TimeBar(Transport):
    """Each step of the sampler is a few frames of the display: all but the first fade to the next step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.per = 1
        self._arrived = 0
        self.tell: Callable[[], tuple[str, str]] = lambda: ("", "")
        """What is said beside it, and the widest that may be."""
        super().__init__(parent)
        self.loop.setChecked(False)
        self._slider.setAccessibleName("Time")
        self._slider.setToolTip("From noise on the left to the image on the right; arrow keys step, Space plays")
        self._label.setToolTip("The time t, and ᾱ: √ᾱ of the image is left in the state")
        self.expect_steps(0)

    def expect_steps(self, count: int, smooth: bool = True) -> None:
        """Moments that there will be; `smooth` where fading is not too much work."""
        refresh = max(self.screen().refreshRate(), 30.0)
        self.per = max(1, round(_SECONDS * refresh / max(count - 1, 1))) if smooth else 1
        self._arrived = 0
        self._index = min(self._index, max(0, (count - 1) * self.per))
        self.expect((count - 1) * self.per + 1 if count else 0)

    def arrive_steps(self, count: int) -> None:
        self._arrived = count
        self.arrive(max(0, (count - 1) * self.per + 1) if count else 0)

    def place(self) -> float:
        """The moment that is shown, also between two."""
        return self._index / self.per

    def moment(self) -> int:
        """The one that is shown, or was last."""
        return self._index // self.per

    def show_moment(self, moment: int) -> None:
        self.show_frame(moment * self.per)

    def step(self, by: int) -> None:
        """To the next moment or the one before, around the ends."""
        self.pause()
        if self._arrived:
            there = self.moment() + by if by > 0 or self._index % self.per == 0 else self.moment()
            self.show_moment(there % self._arrived)

    def words(self) -> tuple[str, str]:
        return self.tell()
