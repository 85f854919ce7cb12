"""Several questions of one panel, one after the other: none drops another one's answer but of its own kind."""

from collections.abc import Callable

from genexplorer.engine.query import Query


class Errands:
    """A newer question takes the place of an older one of its kind. One of the `patient` kinds lets any other go first,
    and is asked anew after it: what it found until then should be kept where it finds it again."""

    def __init__(self, send: Callable[[Query], None], *patient: type[Query]) -> None:
        self._send, self._patient = send, patient
        self.now: Query | None = None
        self._waiting: dict[type[Query], Query] = {}

    def ask(self, query: Query) -> None:
        kind, now = type(query), self.now
        self._waiting.pop(kind, None)
        if now is None or type(now) is kind:
            self._start(query)
        elif isinstance(now, self._patient):
            self._waiting[type(now)] = now
            self._start(query)
        else:
            self._waiting[kind] = query

    def ended(self) -> None:
        """The answer is whole, or there is none: the next one, patient ones last."""
        self.now = None
        for kind in sorted(self._waiting, key=lambda kind: issubclass(kind, self._patient)):
            self._start(self._waiting.pop(kind))
            break

    def forget(self, kind: type[Query]) -> None:
        """It need not be asked any more, if it waits."""
        self._waiting.pop(kind, None)

    def clear(self) -> None:
        self.now = None
        self._waiting.clear()

    def _start(self, query: Query) -> None:
        self.now = query
        self._send(query)
