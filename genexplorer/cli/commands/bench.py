"""Speed on this machine."""

import dataclasses
from pathlib import Path
from typing import Annotated

from genexplorer.cli.console import check_file, out, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.store import load_plugins
from genexplorer.core.errors import UserError

HELP = {"bench": "speed on this machine, as ratios"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf

    @dataclasses.dataclass
    class Bench:
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write the ratios as JSON to this file; - is standard output."""
        only: Annotated[str | None, conf.arg(metavar="NAME")] = None
        """Only this measurement."""
        minutes: Annotated[float, conf.arg(metavar="M")] = 5.0
        """How long each side of equal_time trains."""

    given = parse(Bench, "bench", arguments, "Measure speed on this machine, as ratios to a peer in the same run.")
    if not 0 < given.minutes < float("inf"):
        raise UserError(f"--minutes should be above 0, got {given.minutes:g}.")
    if given.json:
        check_file(given.json)
    from genexplorer.app import add_window_rows
    from genexplorer.engine.bench import bench

    load_plugins()
    add_window_rows()
    rows = []
    for row in bench(given.only, given.minutes):
        rows.append(dataclasses.asdict(row))
        if given.json != "-":
            out.print(f"{row.name:<28} {row.ratio:6.2f} {row.bound:<8} {row.what}", markup=False)
    if given.json:
        write_json(given.json, rows)
