"""Draw new images from a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from genexplorer.cli.console import check_file, err
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint
from genexplorer.core.errors import UserError

HELP = {"sample RUN": "draw new images"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclass
    class Sample:
        run: Annotated[Positional[str], conf.arg(metavar="RUN")]
        """A run, or a checkpoint's file."""
        num: int = 64
        """How many images."""
        seed: int = 0
        """The same number draws the same images."""
        out: Annotated[Path, conf.arg(metavar="FILE")] = Path("grid.png")
        """The PNG to write."""

    given = parse(Sample, "sample", arguments, "Draw new images from a run.")
    if not 1 <= given.num <= 65536:
        raise UserError(f"--num should be 1 to 65536, got {given.num}.")
    if given.out.suffix.lower() != ".png":
        raise UserError(f"--out should name a PNG, as grid.png, got {given.out}.")
    check_file(given.out)
    import torch

    from genexplorer.core.abilities import Samples
    from genexplorer.engine.previews import picture_of, write_sheet

    checkpoint = open_checkpoint(given.run, home)
    model = checkpoint.model()
    if not isinstance(model, Samples):
        raise UserError(f"A {checkpoint.recipe.name} draws no new images; choose a run of another family.")
    with torch.inference_mode():
        images = picture_of(model.sample(given.num, torch.Generator().manual_seed(given.seed)))
    write_sheet(given.out, images, columns=max(1, round(given.num**0.5)))
    err.print(f"{given.num} images in {given.out}", markup=False)
