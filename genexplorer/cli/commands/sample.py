"""Draw new images from a run."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

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
        label: Annotated[list[str], conf.arg(metavar="NAME=VALUE")] = field(default_factory=list)
        """What to draw, of a model that was trained on labels: garment=bag smile=0.8."""
        sampler: Annotated[
            Literal["ddpm", "ddim", "heun", "dpmpp", "unipc", "euler", "euler_a"] | None,
            conf.arg(metavar="ddpm|ddim|heun|dpmpp|unipc|euler|euler_a"),
        ] = None
        """Of a diffusion model: how to come from noise to an image."""
        sample_steps: Annotated[int | None, conf.arg(metavar="N")] = None
        """Of a diffusion model: in how many steps."""
        cfg_scale: Annotated[float | None, conf.arg(metavar="W")] = None
        """Of a diffusion model: how much the label is stressed; 1 as in the data."""

    given = parse(Sample, "sample", arguments, "Draw new images from a run.")
    if not 1 <= given.num <= 65536:
        raise UserError(f"--num should be 1 to 65536, got {given.num}.")
    if given.sample_steps is not None and not 1 <= given.sample_steps <= 1000:
        raise UserError(f"--sample-steps should be 1 to 1000, got {given.sample_steps}.")
    if given.cfg_scale is not None and not 0 <= given.cfg_scale <= 100:
        raise UserError(f"--cfg-scale should be 0 to 100, got {given.cfg_scale:g}.")
    if given.out.suffix.lower() != ".png":
        raise UserError(f"--out should name a PNG, as grid.png, got {given.out}.")
    check_file(given.out)
    import torch

    from genexplorer.core.abilities import Conditional, Denoises, Samples
    from genexplorer.core.precision import quick
    from genexplorer.engine.denoise import Way, drawn_by, usual_way
    from genexplorer.engine.previews import picture_of, write_sheet
    from genexplorer.engine.told import values_told

    checkpoint = open_checkpoint(given.run, home)
    model = checkpoint.model()
    if (given.sampler, given.sample_steps, given.cfg_scale) != (None, None, None) and not isinstance(model, Denoises):
        raise UserError(
            f"A {checkpoint.recipe.name} has no sampler; leave --sampler, --sample-steps and --cfg-scale away."
        )
    values = values_told(checkpoint.conditions, given.label) if given.label else ()
    rng = torch.Generator().manual_seed(given.seed)
    with torch.inference_mode(), quick() if isinstance(model, Denoises) else nullcontext():
        if isinstance(model, Denoises):
            usual = usual_way(checkpoint)
            way = Way(
                given.sampler or usual.sampler,
                given.sample_steps or usual.steps,
                usual.cfg_scale if given.cfg_scale is None else given.cfg_scale,
                values,
            )
            x = drawn_by(model, way, checkpoint.spec.shape, given.num, rng)
        else:
            drawer = model.given(torch.tensor(values)) if values and isinstance(model, Conditional) else model
            if not isinstance(drawer, Samples):
                raise UserError(f"A {checkpoint.recipe.name} draws no new images; choose a run of another family.")
            x = drawer.sample(given.num, rng)
        images = picture_of(x.float())
    write_sheet(given.out, images, columns=max(1, round(given.num**0.5)))
    err.print(f"{given.num} images in {given.out}", markup=False)
