"""Polling: one timer per job drains its queue at frame rate and hands over one batch, on the window's own thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from genexplorer.engine.jobs import Ended, Job

FRAME_MS = 16


class Poll(QObject):
    """Watches a job until it ends; where `rests` says that nothing can come, not before it is woken."""

    batch = Signal(list)
    ended = Signal(object)  # Ended

    def __init__(
        self, job: Job, parent: QObject, every_ms: int = FRAME_MS, rests: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(parent)
        self.job = job
        self._rests = rests
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._timer.start(every_ms)

    @property
    def ticking(self) -> bool:
        return self._timer.isActive()

    def wake(self) -> None:
        """Look again from now on."""
        if not self._timer.isActive():
            self._timer.start()

    def drain(self) -> None:
        rests = self._rests()  # asked before: what comes between the two is seen the next time
        events = self.job.drain()
        ended = events.pop() if events and isinstance(events[-1], Ended) else None
        if rests and not events:
            self._timer.stop()
        if events:
            self.batch.emit(events)
        if ended:
            self._timer.stop()
            self.ended.emit(ended)

    def finish(self) -> None:
        """Stop the job, wait for it, and hear no more of it."""
        self._timer.stop()
        self.job.stop()
        self.job.join()
