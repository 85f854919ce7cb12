"""Fit sliders to a run's attributes, and measure what each of them does."""

import dataclasses
from pathlib import Path
from typing import Annotated

from genexplorer.cli.console import check_file, show_table, watch, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.store import open_checkpoint, open_store

HELP = {"directions RUN": "name sliders after the data's labels, and measure them"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclasses.dataclass
    class Directions:
        run: Annotated[Positional[str], conf.arg(metavar="RUN")]
        """A run, or a checkpoint's file."""
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write effects and leakages as JSON to this file; - is standard output."""

    about = "Fit a direction for each attribute of the data, measure it with an independent probe, and keep it."
    given = parse(Directions, "directions", arguments, about)
    if given.json:
        check_file(given.json)
    from genexplorer.engine.naming import name_directions

    named = watch(name_directions(open_checkpoint(given.run, home), open_store(home).cache))
    assert named.effect is not None
    assert named.measured is not None and named.skill is not None and named.kept is not None
    names, selectivity, leaks, sizes = named.axes.names, named.selectivity, named.leaks, named.leak_sizes
    if given.json:
        numbers = {
            "effect": named.effect,
            "size": named.measured.size,
            "pixels": named.measured.pixels,
            "judge": named.skill,
            "kept": named.kept,
        }
        lists = {name: array.tolist() for name, array in numbers.items()}
        write_json(given.json, {"attributes": names, "methods": named.methods, **lists})
        return
    show_table(
        [
            {
                "slider": names[j],
                "effect": f"{named.effect[j, j]:+.2f} σ",
                "largest leak": f"{sizes[j]:+.2f} σ {names[leaks[j]]}",
                "ratio": f"{selectivity[j]:.1f}" if named.sure[j] else "unsure",
                "pixels": f"{named.measured.pixels[j]:.2f}",
                "identity": f"{named.kept[j]:.0%}",
                "judge sees": f"{max(0.0, float(named.skill[j])):.0%}",
                "fitted by": named.methods[j],
            }
            for j in (-selectivity).argsort()
        ]
    )
