"""Write a run's model as a small folder that opens anywhere."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

from genexplorer.cli.console import err
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint
from genexplorer.core.errors import UserError

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
        format: Literal["genexplorer", "diffusers"] = "genexplorer"
        """Ours, or of a diffusion model a pipeline that diffusers opens."""
        label: Annotated[list[str], conf.arg(metavar="NAME=VALUE")] = dataclasses.field(default_factory=list)
        """For diffusers, whose pipeline is told none: what it should always draw, of a model trained on labels."""

    about = "Write a run's model in 16 bits, with test images and named sliders beside it; or for another program."
    given = parse(Export, "export", arguments, about)
    checkpoint = open_checkpoint(given.run, home)
    if given.format == "diffusers":
        from genexplorer.engine.interchange import export_pipeline
        from genexplorer.engine.told import values_told

        values = values_told(checkpoint.conditions, given.label) if given.label else ()
        err.print(f"A pipeline for diffusers in {export_pipeline(checkpoint, given.out, values)}", markup=False)
        return
    if given.label:
        raise UserError("--label is for --format diffusers; our own format keeps the model whole.")
    from genexplorer.engine.shipped import export_small

    small = export_small(checkpoint, given.out)
    megabytes = small.path.stat().st_size / 1e6
    err.print(f"{small.path} ({megabytes:.1f} MB)", markup=False)
