"""The training that goes on beside the window: its start, pause, stop, and what becomes of it when the window goes."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from genexplorer.core.errors import Failure, UserError
from genexplorer.engine.fabric import get_ready
from genexplorer.engine.jobs import Ended, Job
from genexplorer.engine.runs import Run
from genexplorer.engine.settings import Hardware
from genexplorer.engine.train import Saved, train
from genexplorer.gui.jobs import Poll
from genexplorer.gui.session import Session


class Training(QObject):
    """One run at a time. It is opened with its start; what was open before comes back where the start is refused."""

    told = Signal(list)  # events of the training
    ended = Signal(object)  # Ended
    changed = Signal()  # it began, paused, went on, or ended

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.session = session
        self.run: Run | None = None
        self.batch_size = 0
        self.all_cores = False
        self._poll: Poll | None = None
        self._getting_ready: threading.Thread | None = None
        self._next: Callable[[], Run] | None = None
        self._before = session.run, session.checkpoint

    @property
    def threads(self) -> int:
        """How many the next one takes: all cores, or one less, which is the window's."""
        cores = os.cpu_count() or 1
        return cores if self.all_cores else max(1, cores - 1)

    @property
    def going(self) -> bool:
        """Also while it pauses."""
        return self._poll is not None

    @property
    def paused(self) -> bool:
        return self._poll is not None and self._poll.job.paused

    @property
    def seen(self) -> bool:
        """Whether its run is the open one."""
        return self.run is not None and self.session.run is not None and self.session.run.path == self.run.path

    def get_ready(self) -> None:
        """Somebody may be about to start one."""
        if self._getting_ready is None:
            self._getting_ready = threading.Thread(target=get_ready, name="genexplorer-ready")
            self._getting_ready.start()

    def is_ready(self) -> bool:
        return self._getting_ready is not None and not self._getting_ready.is_alive()

    def go_on(self, run: Run) -> None:
        """Train a run to its end."""
        if self.going:
            self.session.failed.emit("A run is being trained already; stop it first.")
            return
        threads = self.threads
        self.run, self._before = run, (self.session.run, self.session.checkpoint)
        self.batch_size = run.info().train.batch_size
        self.session.open_run(run)
        self._poll = Poll(Job(lambda: train(run, Hardware(threads=threads)), "genexplorer-train", threads), self)
        self._poll.batch.connect(self._receive)
        self._poll.ended.connect(self._end)
        self.changed.emit()

    def go_over_to(self, make: Callable[[], Run]) -> None:
        """Train another run: what is being trained is stopped and saved before."""
        if self.going:
            self._next = make
            self.stop()
            return
        try:
            run = make()
        except (UserError, Failure) as error:
            self.session.failed.emit(str(error))
            return
        self.go_on(run)

    def pause(self) -> None:
        """Pause, or go on from a pause; or go on with the open run that was stopped."""
        if self._poll is not None:
            job = self._poll.job
            job.resume() if job.paused else job.pause()
            self.changed.emit()
        elif self.session.run is not None:
            self.go_on(self.session.run)

    def stop(self) -> None:
        """After the step that it is in, and saved."""
        if self._poll is not None:
            self._poll.job.stop()

    def shut(self) -> None:
        """Stop, save, and wait for it."""
        self._next = None
        if self._poll is not None:
            self._poll.finish()
            self._poll = None
        if self._getting_ready is not None:
            self._getting_ready.join()

    def hand_over(self) -> None:
        """Let a process of its own go on with the run: it resumes bit-exactly, so nothing is lost."""
        self.shut()
        if self.run is not None:
            command = [sys.executable, "-m", "genexplorer", "train", "--resume", str(self.run.path)]
            null = subprocess.DEVNULL
            subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True)

    def _receive(self, events: list[Any]) -> None:
        if self.seen and any(isinstance(event, Saved) for event in events):
            self.session.refresh()
        self.told.emit(events)

    def _end(self, ended: Ended) -> None:
        assert self.run is not None
        self._poll = None
        if self.seen and not self.run.path.exists():
            self._go_back()
        self.session.refresh()
        self.ended.emit(ended)
        self.changed.emit()
        make, self._next = self._next, None
        if make is not None:
            self.go_over_to(make)

    def _go_back(self) -> None:
        run, checkpoint = self._before
        if run is not None and run.path.exists():
            self.session.open_run(run)
        elif checkpoint is not None:
            self.session.open_alone(checkpoint)
        else:
            self.session.close_run()
