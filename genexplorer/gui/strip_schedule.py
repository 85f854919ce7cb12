"""When film strips are asked for: at once after a single change, and at rest while a hand moves on."""

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QTimer

from genexplorer.engine.axes import Axes
from genexplorer.engine.query import Query
from genexplorer.engine.strips import Strips

from .axis_column import AxisColumn
from .session import Session

_REST_MS, _MOVING_S = 30, 0.1  # a hand that moves a slider brings something new within two frames


class StripSchedule(QObject):
    """Asks for those that can be seen and are out of date; what it has asked already comes without being asked anew."""

    def __init__(self, session: Session, column: AxisColumn, ask: Callable[[Query], None], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._column, self._ask = session, column, ask
        self.held_back = False
        """Whether something else has the code in hand, and will change it again."""
        self._asked: Strips | None = None
        self._of: Axes | None = None  # the axes that were shown then: a late answer is of no use to others
        self._cut = False  # whether another question was asked since
        self._stirred = 0.0  # when the code changed last
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._ask_now)
        column.unexposed.connect(self.wait)

    def hear(self, query: Query) -> None:
        """Another question is asked: it drops the rest of an answer."""
        self._cut = not isinstance(query, Strips)

    def stir(self) -> None:
        """The code has changed."""
        moving, self._stirred = self._moving, time.perf_counter()
        if not moving and not self.held_back:
            self._ask_now()

    def wait(self) -> None:
        self._rest.start(_REST_MS if self._moving else 0)

    def go_on(self) -> None:
        """Something was answered: what was cut short for it is asked again."""
        if not self._rest.isActive() and self._column.stale()[0]:
            self.wait()

    def stop(self) -> None:
        self._rest.stop()

    def take(self, query: Strips, answer: list[tuple[int, np.ndarray]]) -> None:
        if query is self._asked and self._of is self._column.axes:
            for axis, pictures in answer:
                self._column.expose(axis, query.z, pictures)

    @property
    def _moving(self) -> bool:
        return time.perf_counter() - self._stirred < _MOVING_S

    def _ask_now(self) -> None:
        (axes, vectors, steps), asked = self._column.stale(), self._asked
        if self._of is not self._column.axes:
            asked = None
        checkpoint, z = self._session.checkpoint, self._session.code.z
        coming = asked is not None and not self._cut and np.array_equal(asked.z, z)
        if coming and asked is not None and set(axes) <= set(asked.axes.tolist()):
            return
        if axes and not self.held_back and checkpoint is not None:
            self._asked, self._of = Strips(checkpoint, z.copy(), vectors, steps, np.array(axes)), self._column.axes
            self._ask(self._asked)
