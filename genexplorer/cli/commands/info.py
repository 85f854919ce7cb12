"""Versions, devices, folders."""

from dataclasses import dataclass
from pathlib import Path

from genexplorer.cli.console import out
from genexplorer.cli.options import parse

HELP = {"info": "versions, devices, folders"}


@dataclass
class Info:
    """Nothing to choose."""


def run(arguments: list[str], home: Path | None) -> None:
    parse(Info, "info", arguments, "Versions, devices and folders, to copy when you ask for help.")
    from genexplorer.engine.diagnostics import diagnostics
    from genexplorer.engine.home import home_folder

    found = diagnostics(home_folder(home))
    width = max(map(len, found))
    for name, value in found.items():
        out.print(f"{name:>{width}}  {value}", markup=False)
