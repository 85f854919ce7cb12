"""The search for a code that draws the original, as it is seen: the sliders follow it."""

import numpy as np
from PySide6.QtCore import QObject, Signal

from genexplorer.core.events import Progress
from genexplorer.engine.inversion import FindCode
from genexplorer.engine.query import Query
from genexplorer.engine.refine import Refine, Refined

from .background import Background
from .picture_side import PictureSide
from .session import Session
from .strip_schedule import StripSchedule


class Refinement(QObject):
    """All of it is one step of the history; whoever moves the code meanwhile calls `end`."""

    drawn = Signal(object, object)  # z, picture
    ended = Signal()

    def __init__(self, session: Session, left: PictureSide, strips: StripSchedule, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._left, self._strips = session, left, strips
        self._work = Background("genexplorer-search", self)
        self._work.parts.connect(self._take)
        self._work.ended.connect(self._ended)
        self._text, self._before = "", np.zeros(0, np.float32)
        self.moves = False
        """Whether the change of the code that is heard now is its own doing."""
        left.photo.refine_asked.connect(self.begin)
        left.photo.cancel_asked.connect(self.end)

    @property
    def going(self) -> bool:
        return self._work.running

    def begin(self) -> None:
        """Look for a better code, from the one in hand on."""
        checkpoint, original, code = self._session.checkpoint, self._left.pictures.original, self._session.code
        if checkpoint is not None and original is not None:
            self.end()
            self._left.begin_search()
            self._start("Refine", Refine(checkpoint, original, code.z.copy(), code.held))

    def find(self, text: str) -> None:
        """Look for the original's code, wherever it may be."""
        checkpoint, original, code = self._session.checkpoint, self._left.pictures.original, self._session.code
        if checkpoint is not None and original is not None:
            self.end()
            self._start(text, FindCode(checkpoint, original, code.z.copy(), code.held))

    def end(self) -> None:
        """What was found so far stays."""
        if self.going:
            self._work.stop()
            self._finish()

    def shut(self) -> None:
        """End the thread."""
        self._work.stop()

    def _start(self, text: str, query: Query) -> None:
        self._text, self._before = text, self._session.code.z.copy()
        self._strips.held_back = True
        self._left.photo.set_progress(0)
        self._work.start(query)

    def _take(self, parts: list[Progress | Refined]) -> None:
        last = parts[-1]
        if isinstance(last, Progress):
            self._left.photo.set_progress(last.done / last.total, last.what)
            return
        self.moves = True
        self._session.code.drag(last.z)
        self.moves = False
        self.drawn.emit(last.z, last.picture)
        self._left.photo.set_progress(last.step / last.steps)

    def _ended(self, error: str | None) -> None:
        self._finish()
        if error:
            self._session.failed.emit(error)

    def _finish(self) -> None:
        self._strips.held_back = False
        self._session.code.commit(self._text, self._before)
        self._left.photo.set_progress(None)
        self.ended.emit()
        self._strips.wait()
