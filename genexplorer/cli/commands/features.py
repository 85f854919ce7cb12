"""Learn what images of a data set are compared by."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

from genexplorer.cli.console import check_file, err, watch
from genexplorer.cli.options import as_dataclass, parse
from genexplorer.cli.store import load_plugins, open_store
from genexplorer.core.errors import UserError

HELP = {"features DATASET --out FILE": "learn the network that samples and real images are compared by"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf

    load_plugins()
    from genexplorer.core.data import DATASETS
    from genexplorer.engine.features import make_features

    if not arguments or arguments[0].startswith("-"):
        raise UserError(f"Say of which data set: genexplorer features DATASET; there are {', '.join(DATASETS)}.")
    data = DATASETS[arguments[0]]
    settings = as_dataclass(data)
    fields: list[tuple[str, Any, Any]] = [
        ("out", Annotated[Path, conf.arg(metavar="FILE", help="The safetensors file to write.")], dataclasses.MISSING),
        ("data", settings, dataclasses.field(default_factory=settings)),
    ]
    about = f"Learn what images of {data.title} are compared by. Those in resources/features ship with the program."
    chosen: Any = parse(
        dataclasses.make_dataclass("Features", fields), f"features {arguments[0]}", arguments[1:], about
    )
    if chosen.out.suffix != ".safetensors":
        raise UserError(f"--out should name a safetensors file, as features.safetensors, got {chosen.out}.")
    check_file(chosen.out)
    watch(make_features(data.parse(vars(chosen.data)), open_store(home).cache, chosen.out))
    err.print(f"Features of {arguments[0]} in {chosen.out}", markup=False)
