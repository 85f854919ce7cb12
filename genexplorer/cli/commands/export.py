"""Write a run's model as a small folder that opens anywhere."""

import dataclasses
from pathlib import Path
from typing import Annotated

from genexplorer.cli.console import err
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint

HELP = {"export RUN --out DIR": "a small copy of its model that opens anywhere"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclasses.dataclass
    class Export:
        run: Annotated[Positional[str], conf.arg(metavar="RUN")]
        """A run, or a checkpoint's file."""
        out: Annotated[Path, conf.arg(metavar="DIR")]
        """The folder to write."""

    about = "Write a run's model in 16 bits, with test images and named sliders beside it."
    given = parse(Export, "export", arguments, about)
    from genexplorer.engine.shipped import export_small

    small = export_small(open_checkpoint(given.run, home), given.out)
    megabytes = small.path.stat().st_size / 1e6
    err.print(f"{small.path} ({megabytes:.1f} MB)", markup=False)
