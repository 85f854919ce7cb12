"""Measure a run on its test images."""

import dataclasses
from pathlib import Path
from typing import Annotated

from genexplorer.cli.console import check_file, show_table, watch, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint, open_store

HELP = {"evaluate RUN": "measure a run"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclasses.dataclass
    class Evaluate:
        run: Annotated[Positional[str], conf.arg(metavar="RUN")]
        """A run, or a checkpoint's file."""
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write the numbers as JSON to this file; - is standard output."""
        seed: int = 0
        """Where the measures draw at random."""

    given = parse(Evaluate, "evaluate", arguments, "Measure a run on its test images.")
    if given.json:
        check_file(given.json)
    from genexplorer.engine.evaluate import evaluate

    checkpoint = open_checkpoint(given.run, home)
    values = watch(evaluate(checkpoint, open_store(home).cache, given.seed))
    if given.json:
        write_json(given.json, {name: dataclasses.asdict(value) for name, value in values.items()})
        return
    rows = [
        {
            "measure": name,
            "value": f"{value.value:.4g}" + (f" ± {value.error:.2g}" if value.error is not None else ""),
            "unit": value.unit,
        }
        for name, value in values.items()
    ]
    show_table(rows)
