"""A long question on a thread of its own, so that short ones are answered meanwhile."""

from PySide6.QtCore import QObject, Signal

from genexplorer.engine.jobs import Ended, Job
from genexplorer.engine.query import Query, answer

from .jobs import Poll


class Background(QObject):
    """One at a time: starting another, or `stop`, leaves the one before unheard."""

    parts = Signal(list)
    ended = Signal(object)  # str | None: what went wrong, in one sentence

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._name = name
        self._poll: Poll | None = None

    @property
    def running(self) -> bool:
        return self._poll is not None

    def start(self, query: Query) -> None:
        self.stop()
        poll = Poll(Job(lambda: answer(query), self._name, 1), self, 50)
        self._poll = poll
        poll.batch.connect(lambda parts: self.parts.emit(parts) if self._poll is poll else None)
        poll.ended.connect(lambda ended: self._end(poll, ended))

    def pause(self) -> None:
        """Until `resume`, after the step that it is in."""
        if self._poll is not None:
            self._poll.job.pause()

    def resume(self) -> None:
        if self._poll is not None:
            self._poll.job.resume()

    def stop(self) -> None:
        """At once for whoever listens; the thread ends after the step that it is in."""
        if self._poll is not None:
            self._poll.job.stop()
            self._poll = None

    def _end(self, poll: Poll, ended: Ended) -> None:
        if poll is self._poll:
            self._poll = None
            self.ended.emit(ended.error)
        poll.deleteLater()
