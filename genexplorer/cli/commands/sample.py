"""Draw new images from a run."""

from dataclasses import dataclass
from pathlib import Path

from tyro.conf import Positional

from genexplorer.cli.console import err
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint
from genexplorer.core.errors import UserError

HELP = {"sample RUN": "draw new images"}


@dataclass
class Sample:
    run: Positional[str]
    """A run, or a checkpoint's file."""
    num: int = 64
    """How many images."""
    seed: int = 0
    """The same number draws the same images."""
    out: Path = Path("grid.png")
    """The PNG to write."""


def run(arguments: list[str], home: Path | None) -> None:
    given = parse(Sample, "sample", arguments, "Draw new images from a run.")
    import torch

    from genexplorer.core.abilities import Samples
    from genexplorer.core.data import to_uint8
    from genexplorer.engine.previews import write_sheet

    if not 1 <= given.num <= 65536:
        raise UserError(f"--num should be 1 to 65536, got {given.num}.")
    checkpoint = open_checkpoint(given.run, home)
    model = checkpoint.model()
    if not isinstance(model, Samples):
        raise UserError(f"A {checkpoint.recipe.name} draws no new images; choose a run of another family.")
    with torch.inference_mode():
        images = to_uint8(model.sample(given.num, torch.Generator().manual_seed(given.seed)))
    if not given.out.parent.is_dir():
        raise UserError(f"There is no folder {given.out.parent} to write {given.out.name} to; make it first.")
    write_sheet(given.out, images, columns=max(1, round(given.num**0.5)))
    err.print(f"{given.num} images in {given.out}", markup=False)
