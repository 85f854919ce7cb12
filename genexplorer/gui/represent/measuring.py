"""The measuring of a representation: what is known so far, and which checkpoint it is of."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.representation import Missing, Represent
from genexplorer.gui.background import Background
from genexplorer.gui.freshness import Kept
from genexplorer.gui.session import Session

_ANEW = "Measure the newest checkpoint in place of this one"
_LOAD = "Reads the data set, which is downloaded or made first if need be"


class Measuring(QObject):
    """A later checkpoint of the same run begins nothing anew: measuring takes up to minutes, so that is offered."""

    begun = Signal()  # nothing is known
    found = Signal(object)  # Knowledge | Disentangled | AgainstPCA
    told = Signal(str, int, int)  # what is being done, how much of it is, of how much (0: no telling)
    ended = Signal(object)  # str | None: what went wrong

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._kept = Kept(session)
        self._missing = self.complete = False
        self._work = Background("genexplorer-representation", self)
        self._work.parts.connect(self._take)
        self._work.ended.connect(self._end)

    @property
    def running(self) -> bool:
        return self._work.running

    def open(self, checkpoint: Checkpoint | None) -> None:
        if self._kept.open(checkpoint):
            return
        self.stop()
        self._missing = self.complete = False
        self.begun.emit()

    def explore(self, load: bool = False) -> None:
        """Measure the checkpoint that waits for it."""
        if self._kept.take() and self._kept.of is not None:
            self._missing = self.complete = False
            self._work.start(Represent(self._kept.of, self._session.store.cache, load))
            self.told.emit("Looking for what was measured before", 0, 0)

    def offer(self) -> tuple[str, str, str]:
        """While nothing is worked on: what is shown, what can be done about it, and what that does."""
        if self._kept.of is None:
            return "", "", ""
        text = f"Measured {self._kept.step()}"
        if self._missing:
            return "The images are not on this computer yet", "Load the images and measure", _LOAD
        if self._kept.behind:
            return text, self._kept.offer(), _ANEW
        if not self.complete:
            return f"{text}; cancelled before its end", "Go on", "Measure what is missing"
        return text, "", ""

    def accept(self) -> None:
        """Do what is offered."""
        if self._session.checkpoint is not None:
            if self._kept.of is None or self._kept.behind:
                self.begun.emit()
            self._kept.renew()
            self.explore(load=True)

    def stop(self) -> None:
        self._work.stop()

    def _take(self, parts: list[Any]) -> None:
        for part in parts:
            match part:
                case Progress(what, done, total):
                    self.told.emit(what, done, total)
                case Missing():
                    self._missing = True
                case _:
                    self.found.emit(part)

    def _end(self, error: str | None) -> None:
        self.complete = error is None and not self._missing
        self.ended.emit(error)
