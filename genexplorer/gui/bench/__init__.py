"""Measurements of the window for `genexplorer bench`."""

from . import answers, atlas, player, playground, seeds, start, strips, training
from .window import OpenDesk


def add_rows(open_desk: OpenDesk) -> None:
    """Let them be measured on windows that `open_desk` opens."""
    for part in (answers, player, playground, seeds, strips, training):
        part.add_rows(open_desk)
    atlas.add_rows()
    start.add_rows()
