"""Questions to a thread in the background, whose answers come back on the window's own."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from genexplorer.engine.jobs import Job, Mailbox, respond

from .jobs import FRAME_MS, Poll


class Questions(QObject):
    """The newest question of each kind is answered; nothing ticks while none is open."""

    answered = Signal(list)  # list[Reply]

    def __init__(
        self, answer: Callable[[Any], Iterable[Any]], name: str, parent: QObject, every_ms: int = FRAME_MS
    ) -> None:
        super().__init__(parent)
        self._mailbox: Mailbox[Any] = Mailbox()
        self._poll = Poll(Job(lambda: respond(self._mailbox, answer), name, 1), self, every_ms, self._rests)
        self._poll.batch.connect(self.answered)

    @property
    def open(self) -> bool:
        """Whether something that was asked is not answered yet."""
        return not self._rests()

    def ask(self, request: object, kind: object = None) -> None:
        self._mailbox.post(request, kind)
        self._poll.wake()

    def shut(self) -> None:
        """End the thread."""
        self._mailbox.close()
        self._poll.finish()

    def _rests(self) -> bool:
        return self._mailbox.idle
