"""A side of a comparison in a process of its own: its allocator and its threads are nobody else's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from genexplorer.core.errors import Failure

from .rounds import Side
from .rows import Missing

_CHILD = """
import sys
from genexplorer.cli import load_plugins
load_plugins()
from genexplorer.engine.bench.turns import serve
serve(*sys.argv[1:])
"""
_RATE, _MISSING = "RATE", "MISSING"


@contextmanager
def in_process(module: str, function: str, *arguments: str) -> Iterator[Side]:
    """The side that `module.function`, a context manager, gives in a new process; Missing where it says so there."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, module, function, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None and child.stdout is not None
    given, told = child.stdin, child.stdout

    def turn(seconds: float) -> float:
        given.write(f"{seconds}\n")
        given.flush()
        for line in told:
            word, _, rest = line.strip().partition(" ")
            if word == _RATE:
                return float(rest)
            if word == _MISSING:
                raise Missing(rest)
        raise Failure(f"{function} ended before its turn was over.")

    try:
        yield turn
    finally:
        given.close()
        child.wait(60)
        told.close()


def serve(module: str, function: str, *arguments: str) -> None:
    """Take a turn for each number of seconds that is read, until there are no more."""
    try:
        with getattr(import_module(module), function)(*arguments) as turn:
            for line in sys.stdin:
                sys.stdout.write(f"{_RATE} {turn(float(line))}\n")
                sys.stdout.flush()
    except Missing as missing:
        sys.stdout.write(f"{_MISSING} {missing}\n")
