"""What long work tells while it goes on. Whoever pulls the iterator is the callback."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Progress:
    """`done` of `total` units of `what`; total 0 means that the end is not known."""

    what: str
    done: int
    total: int


def drain(work: Generator[Any, None, R]) -> R:
    """Run long work to its end, unwatched, and give its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: R = end.value
            return result
