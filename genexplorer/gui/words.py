"""Text that people did not write: paths and names of any length."""

import re

_LONG = re.compile(r"\S{32,}")
_JOINTS = re.compile(r"[/\\_.-]|[^/\\_.-]{24}")


def breakable(text: str) -> str:
    """The text with invisible places to break a line in words too long for one, which Qt would cut off otherwise."""
    return _LONG.sub(lambda word: _JOINTS.sub(lambda part: f"{part[0]}\u200b", word[0]), text)
