"""The search for a code that draws the original better, as it is seen: the sliders follow it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from genexplorer.engine.query import Query
from genexplorer.engine.refine import Refine, Refined

from .picture_side import PictureSide
from .session import Session
from .strip_schedule import StripSchedule


class Refinement(QObject):
    """All of it is one step of the history; whoever moves the code meanwhile calls `end`."""

    drawn = Signal(object, object)  # z, picture
    ended = Signal()

    def __init__(
        self, session: Session, left: PictureSide, strips: StripSchedule, ask: Callable[[Query], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._left, self._strips, self._ask = session, left, strips, ask
        self._query: Refine | None = None
        self.moves = False
        """Whether the change of the code that is heard now is its own doing."""
        left.photo.refine_asked.connect(self.begin)
        left.photo.cancel_asked.connect(self.end)

    @property
    def going(self) -> bool:
        return self._query is not None

    def begin(self) -> None:
        checkpoint, original, code = self._session.checkpoint, self._left.pictures.original, self._session.code
        if checkpoint is not None and original is not None:
            self.end()
            self._query = Refine(checkpoint, original, code.z.copy(), code.held)
            self._strips.held_back = True
            self._left.begin_search()
            self._ask(self._query)

    def take(self, query: Refine, found: Refined) -> None:
        if query is not self._query:
            return
        self.moves = True
        self._session.code.drag(found.z)
        self.moves = False
        self.drawn.emit(found.z, found.picture)
        self._left.photo.set_progress(found.step / found.steps)
        if found.step == found.steps:
            self.end()

    def end(self) -> None:
        """What was found so far stays."""
        query, self._query = self._query, None
        if query is not None:
            self._strips.held_back = False
            self._session.code.commit("Refine", query.z)
            self._left.photo.set_progress(None)
            self.ended.emit()
            self._strips.wait()
