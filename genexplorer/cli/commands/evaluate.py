"""Measure a run on its test images."""

import dataclasses
from pathlib import Path

from tyro.conf import Positional

from genexplorer.cli.console import watch, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint, open_store

HELP = {"evaluate RUN": "measure a run"}


@dataclasses.dataclass
class Evaluate:
    run: Positional[str]
    """A run, or a checkpoint's file."""
    json: str = "-"
    """Where to write the numbers; - is standard output."""
    seed: int = 0
    """Where the measures draw at random."""


def run(arguments: list[str], home: Path | None) -> None:
    given = parse(Evaluate, "evaluate", arguments, "Measure a run on its test images.")
    from genexplorer.engine.evaluate import evaluate

    checkpoint = open_checkpoint(given.run, home)
    values = watch(evaluate(checkpoint, open_store(home).cache, given.seed))
    write_json(given.json, {name: dataclasses.asdict(value) for name, value in values.items()})
