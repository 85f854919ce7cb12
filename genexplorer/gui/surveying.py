"""The survey of many images' scores, in the background: first what there is to compare with, then the scores."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.others import LookForOthers, Other
from genexplorer.engine.survey import Apart, Scored, Survey

from .background import Background
from .session import Session


class Surveying(QObject):
    """One checkpoint at a time. What is known of it stays while another comparison is asked for."""

    listed = Signal(tuple)  # of Other
    changed = Signal()  # own, other or apart
    told = Signal(object)  # Progress | None: nothing goes on
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.own: Scored | None = None
        self.other: Scored | None = None
        self.apart: Apart | None = None
        self.against: Other | None = None
        self.draws = 1
        self.cut = False  # by the person, before it was done
        self._of: Checkpoint | None = None
        self._looking = False
        self._work = Background("genexplorer-survey", self)
        self._work.parts.connect(self._add)
        self._work.ended.connect(self._end)

    @property
    def running(self) -> bool:
        return self._work.running

    def clear(self) -> None:
        """Forget all."""
        self.stop()
        self._of = self.own = self.other = self.apart = self.against = None
        self.cut = False
        self.changed.emit()

    def open(self, checkpoint: Checkpoint) -> None:
        """List what there is to compare with, then survey."""
        self.clear()
        self._of, self._looking = checkpoint, True
        self._work.start(LookForOthers(checkpoint, self._session.store))

    def survey(self, draws: int, against: Other | None) -> None:
        if self._of is None:
            return
        if draws != self.draws:
            self.own = None
        self.draws, self.against, self.cut = draws, against, False
        self.other = self.apart = None
        self.changed.emit()
        if not self._looking:
            self._work.start(Survey(self._of, self._session.store.cache, draws, against))

    def cancel(self) -> None:
        """What is known so far stays."""
        self.stop()
        self.cut = True
        self.changed.emit()

    def stop(self) -> None:
        self._work.stop()
        self._looking = False
        self.told.emit(None)

    def _add(self, parts: list[Any]) -> None:
        for part in parts:
            match part:
                case tuple():
                    self.listed.emit(part)
                case Progress():
                    self.told.emit(part)
                case Scored(other=False):
                    self.own = part
                case Scored():
                    self.other = part
                case Apart():
                    self.apart = part
        self.changed.emit()

    def _end(self, error: str | None) -> None:
        self.told.emit(None)
        if error is not None:
            self.failed.emit(error)
        if self._looking:
            self._looking = False
            self.survey(self.draws, self.against)
