"""Measure runs on their test images, side by side."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from genexplorer.cli.console import check_file, out, show_table, watch, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.store import load_plugins, open_checkpoint, open_store
from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.core.metric import Value

HELP = {"evaluate RUN [RUN …]": "measure runs, side by side"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclasses.dataclass
    class Evaluate:
        runs: Annotated[Positional[tuple[str, ...]], conf.arg(metavar="RUN")]
        """Runs, checkpoints' files, or models that come with the program."""
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write the numbers as JSON to this file; - is standard output."""
        metrics: Annotated[tuple[str, ...], conf.arg(metavar="NAME …")] = ()
        """Only these; without it all that take little time. `list metrics` names them."""
        images: int = 10_000
        """Images that are judged, and samples that are drawn, at most."""
        draws: int = 500
        """Draws for each image where log p(x) is estimated."""
        inception: Annotated[Path | None, conf.arg(metavar="FILE")] = None
        """Compare images by Inception-v3 in this TorchScript file instead of by a network of the data's own."""
        seed: int = 0
        """Where the measures draw at random."""

    about = "Measure runs on their test images. What was measured before of the same weights is not measured again."
    given = parse(Evaluate, "evaluate", arguments, about)
    if not given.runs:
        raise UserError("Say what to measure: genexplorer evaluate RUN [RUN …]; `genexplorer list` names the runs.")
    if given.json:
        check_file(given.json)
    load_plugins()
    from genexplorer.engine.evaluate import Asked, evaluate

    asked = Asked(given.metrics, given.seed, given.images, given.draws, given.inception)
    checkpoints = {name: open_checkpoint(name, home) for name in given.runs}
    cache = open_store(home).cache
    found = {name: watch(evaluate(checkpoint, cache, asked)) for name, checkpoint in checkpoints.items()}
    if given.json:
        write_json(
            given.json,
            {name: {key: dataclasses.asdict(value) for key, value in values.items()} for name, values in found.items()},
        )
        return
    rows = _rows(found)
    if not rows:
        out.print("Nothing that was asked for can be measured of these.", markup=False)
        return
    show_table(rows)


def _rows(found: "dict[str, dict[str, Value]]") -> list[dict[str, Any]]:
    """A row for each measure, a column for each run, the unit last."""
    rows = []
    for measure in dict.fromkeys(name for values in found.values() for name in values):
        unit = next(values[measure].unit for values in found.values() if measure in values)
        told = {Path(run).stem: _told(values.get(measure)) for run, values in found.items()}
        rows.append({"measure": measure, **told, "unit": unit})
    return rows


def _told(value: "Value | None") -> str:
    if value is None:
        return "–"
    if value.low is not None and value.high is not None:
        return f"{value.value:.4g} ({value.low:.3g}–{value.high:.3g})"
    return f"{value.value:.4g}" + (f" ± {value.error:.2g}" if value.error is not None else "")
