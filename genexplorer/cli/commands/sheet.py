"""Runs side by side on one sheet: input, reconstruction, samples, nearest training image."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from genexplorer.cli.console import check_file, err, out, show_table, watch
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint, open_store
from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.engine.compare import Line

HELP = {"sheet RUN [RUN …]": "draw runs side by side: input, reconstruction, samples, nearest"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclass
    class Sheet:
        runs: Annotated[Positional[tuple[str, ...]], conf.arg(metavar="RUN")]
        """Runs, checkpoints' files, or models that come with the program."""
        out: Annotated[Path, conf.arg(metavar="FILE")] = Path("sheet.png")
        """The PNG to write."""
        csv: Annotated[Path | None, conf.arg(metavar="FILE")] = None
        """Write what was measured of them to this file too."""
        metrics: Annotated[tuple[str, ...], conf.arg(metavar="NAME …")] = ()
        """Measure these first, where they are not known. `list metrics` names them."""
        images: int = 10_000
        """Images that are judged, and samples that are drawn, at most."""
        num: int = 9
        """Images in each block."""
        seed: int = 0
        """Other test images, and other samples."""

    about = "Draw runs side by side, and tell what was measured of them, with the best where intervals do not overlap."
    given = parse(Sheet, "sheet", arguments, about)
    if not given.runs:
        raise UserError("Say what to draw: genexplorer sheet RUN [RUN …]; `genexplorer list` names the runs.")
    if not 1 <= given.num <= 64:
        raise UserError(f"--num should be 1 to 64, got {given.num}.")
    if given.out.suffix.lower() != ".png":
        raise UserError(f"--out should name a PNG, as sheet.png, got {given.out}.")
    for path in filter(None, (given.out, given.csv)):
        check_file(path)
    from genexplorer.engine import compare
    from genexplorer.engine.alike import Choice
    from genexplorer.engine.sheet import write_figure

    runs = [Choice(Path(name).stem, open_checkpoint(name, home)) for name in given.runs]
    shapes = {choice.checkpoint.spec.shape for choice in runs}
    if len(shapes) > 1:
        raise UserError(
            f"Runs on one sheet want images of one shape; these have {', '.join(map(str, sorted(shapes)))}."
        )
    cache = open_store(home).cache
    rows = watch(compare.draw_comparison(runs, cache, given.num, given.seed))
    write_figure(given.out, compare.sheet_rows(runs, rows))
    err.print(f"{len(runs)} runs in {given.out}", markup=False)
    if given.metrics:
        watch(compare.measure_runs(runs, cache, given.metrics, given.images))
    told = [each for place, choice in enumerate(runs) for each in compare.recall(choice, place, cache, given.images)]
    lines, names = compare.table(runs, told), [choice.name for choice in runs]
    if given.csv:
        compare.write_table(given.csv, names, lines)
    if lines:
        show_table([_row(line, names) for line in lines])
    else:
        out.print("Nothing was measured of them yet; say what to measure by --metrics.", markup=False)


def _row(line: "Line", names: list[str]) -> dict[str, str]:
    from genexplorer.engine.compare import told_of

    told = {
        name: told_of(value) + (" *" if place == line.best else "")
        for place, (name, value) in enumerate(zip(names, line.values, strict=True))
    }
    return {"measure": line.measure, **told, "unit": line.unit}
