"""Which command is meant, and what its end means to whoever called."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from genexplorer import __version__
from genexplorer.core.errors import Failure, UserError

from . import commands
from .console import err, out
from .options import take_option

_FIRST = ("gui", "train", "sample", "evaluate", "list")  # how the help begins; the others follow by name


def run(arguments: list[str]) -> int:
    """Carry out one command; the exit code is 0, 2 for what the person got wrong, 1 for what failed."""
    try:
        _dispatch(*take_option(arguments, "--home"))
    except UserError as error:
        err.print(str(error), style="red", markup=False)
        return 0 if err.quiet else 2  # the first of several processes says it; a launcher kills it when another fails
    except Failure as error:
        err.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _dispatch(arguments: list[str], home: str | None) -> None:
    first = arguments[0] if arguments else "gui"
    if first in ("-h", "--help", "help"):
        out.print(_help(), markup=False)
    elif first == "--version":
        out.print(__version__)
    else:
        name, rest = (first, arguments[1:]) if first in _names() else ("gui", arguments)
        _command(name).run(rest, Path(home) if home else None)


def _names() -> list[str]:
    names = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    return sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def _command(name: str) -> Any:
    return importlib.import_module(f"{commands.__name__}.{name}")


def _help() -> str:
    rows = [row for name in _names() for row in _command(name).HELP.items()]
    width = max(len(usage) for usage, _ in rows) + 2
    lines = "\n".join(f"  genexplorer {usage:<{width}}{about}" for usage, about in rows)
    return (
        f"genexplorer: train and explore small generative models.\n\n{lines}\n\n"
        "  --home DIR, or GENEXPLORER_HOME, says where runs live."
    )
