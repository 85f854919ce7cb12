"""What there is: models, data sets, runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from genexplorer.cli.console import check_file, out, show_table, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.store import load_plugins, open_store
from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.engine.runs import Run

HELP = {"list [models|datasets|runs]": "what there is"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclass
    class List:
        what: Annotated[Positional[str], conf.arg(metavar="[WHAT]")] = "runs"
        """models, datasets or runs."""
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write it as JSON to this file; - is standard output."""

    given = parse(List, "list", arguments, "What there is.")
    if given.json:
        check_file(given.json)
    from genexplorer.core.data import DATASETS
    from genexplorer.core.model import MODELS

    load_plugins()
    rows: list[dict[str, Any]]
    match given.what:
        case "models":
            rows = [{"name": name, "title": MODELS[name].title, "about": MODELS[name].about} for name in MODELS]
        case "datasets":
            rows = [{"name": name, "title": DATASETS[name].title, "about": DATASETS[name].about} for name in DATASETS]
        case "runs":
            rows = [_describe(found) for found in open_store(home).list()]
        case other:
            raise UserError(f"There is no list of {other!r}; choose models, datasets or runs.")
    if given.json:
        write_json(given.json, rows)
    elif rows:
        show_table(rows)
    else:
        out.print("No runs yet: train one with `genexplorer train vae digits`.", markup=False)


def _describe(found: "Run") -> dict[str, Any]:
    rows = found.metrics()
    row: dict[str, Any] = {"name": found.name, "model": "?", "data": "?", "step": rows[-1]["step"] if rows else 0}
    try:
        info = found.info()
        row |= {"model": info.model.name, "data": info.data.name}
    except UserError:
        pass
    return row | {"status": found.status()}
