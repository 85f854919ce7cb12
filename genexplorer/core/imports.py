"""Importing big libraries without holding up the other threads."""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Import big libraries inside: the garbage collector, which would walk over all of their objects, stays out.

    Measured while lightning_fabric is imported on a thread: the longest that another thread had to wait for the
    interpreter went from 125 ms to 30 ms. What was imported is never collected, so it is not walked over later either.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries in C complain of leaks where nothing is collected at the end
        if was_on:
            gc.enable()
