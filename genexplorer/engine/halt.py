"""A question whose only use is that it is newer than the one before."""

from collections.abc import Iterator
from typing import Any

from genexplorer.core.model import Model

from .query import Query


class Halt(Query):
    """Has no answer: what is being answered is dropped for it."""

    def answer(self, model: Model) -> Iterator[Any]:
        return iter(())
