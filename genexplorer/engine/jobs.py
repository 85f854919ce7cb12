"""Work on a background thread, without Qt: a Job walks an iterator, a Mailbox keeps the newest request only."""

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from genexplorer.core.errors import Failure, UserError

Request = TypeVar("Request")


@dataclass(frozen=True)
class Ended:
    """The last event of every job. `error` is one sentence, or None where all went well."""

    error: str | None = None
    cause: BaseException | None = None


def explain(error: BaseException) -> str:
    """One sentence for any error."""
    if isinstance(error, UserError | Failure):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory; choose a smaller batch size, size or width."
    return (
        f"Something went wrong that should not have ({type(error).__name__}: {error}); the run is kept as last saved."
    )


class Job:
    """Pulls the iterator on a thread of its own; `drain` gives what it told since the last call.

    Pause is to stop pulling, stop is to close the iterator: both within one step.
    """

    _AHEAD = 256  # events that may wait to be drained, before the job waits too

    def __init__(self, work: Callable[[], Iterable[Any]], name: str, threads: int = 0) -> None:
        self._work, self._threads = work, threads
        self._events: queue.Queue[Any] = queue.Queue()
        self._room = threading.Semaphore(self._AHEAD)
        self._go = threading.Event()
        self._go.set()
        self._stop = threading.Event()
        self.thread = threading.Thread(target=self._walk, name=name, daemon=True)
        self.thread.start()

    @property
    def alive(self) -> bool:
        return self.thread.is_alive()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    def pause(self) -> None:
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def stop(self) -> None:
        """Ask it to end after the step that it is in; `Ended` comes when it has."""
        self._stop.set()
        self._go.set()
        self._room.release()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for its end; whether it came."""
        self.thread.join(timeout)
        return not self.thread.is_alive()

    def drain(self) -> list[Any]:
        """All events since the last call; never waits."""
        events = []
        while True:
            try:
                events.append(self._events.get_nowait())
            except queue.Empty:
                return events
            self._room.release()

    def _walk(self) -> None:
        _own_threads(self._threads)
        ended = Ended()
        try:
            work = iter(self._work())
            try:
                for event in work:
                    self._events.put(event)
                    self._room.acquire()
                    self._go.wait()
                    if self._stop.is_set():
                        break
            finally:
                close = getattr(work, "close", None)
                if close:
                    close()
        except BaseException as error:  # told to whoever drains, never swallowed
            ended = Ended(explain(error), error)
        self._events.put(ended)


class Mailbox(Generic[Request]):
    """Holds the newest request of each kind only: an older one that was not begun is never answered."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: dict[object, Request] = {}
        self._closed = False
        self._resting = False

    def post(self, request: Request, kind: object = None) -> None:
        with self._changed:
            self._requests[kind] = request
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def waiting(self) -> bool:
        """Whether another request is there, so that the rest of the answer in the making is to be dropped."""
        return bool(self._requests) or self._closed

    @property
    def idle(self) -> bool:
        """Whether all that was posted is answered, and whoever answers waits for more."""
        return self._resting and not self._requests

    def take(self) -> Request | None:
        """The request that waits longest, waiting for one; None once closed."""
        with self._changed:
            self._resting = True
            self._changed.wait_for(lambda: self._requests or self._closed)
            self._resting = False
            return None if self._closed else self._requests.pop(next(iter(self._requests)))


@dataclass(frozen=True)
class Reply(Generic[Request]):
    """A part of the answer to a request; `error` is one sentence where there is none."""

    request: Request
    answer: Any
    error: str | None = None


def respond(mailbox: Mailbox[Request], answer: Callable[[Request], Iterable[Any]]) -> Iterator[Reply[Request]]:
    """Answer the newest request again and again; drop the rest of an answer once a newer request waits."""
    while (request := mailbox.take()) is not None:
        try:
            for part in answer(request):
                yield Reply(request, part)
                if mailbox.waiting:
                    break
        except Exception as error:
            yield Reply(request, None, explain(error))


def _own_threads(threads: int) -> None:
    """torch's thread count holds per Python thread: the busy one leaves a core to the window."""
    if threads and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
