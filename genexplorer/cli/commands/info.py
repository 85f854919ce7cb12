"""Versions, devices, folders."""

from pathlib import Path

from genexplorer.cli.console import out

HELP = {"info": "versions, devices, folders"}


def run(arguments: list[str], home: Path | None) -> None:
    from genexplorer.engine.diagnostics import diagnostics
    from genexplorer.engine.home import home_folder

    for name, value in diagnostics(home_folder(home)).items():
        out.print(f"{name:>14}  {value}", markup=False)
