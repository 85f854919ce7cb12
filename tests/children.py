"""What runs in processes of their own: a module with a name of its own, for a child finds it by that name."""

import os

from genexplorer.cli import run


def command(arguments: list[str], log: str) -> None:
    """In the child: what `python -m genexplorer ARGUMENTS` does, its output in a file."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os._exit(run(arguments))
