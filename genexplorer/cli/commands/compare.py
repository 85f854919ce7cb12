"""Train several recipes alike over several seeds, and measure them side by side."""

import dataclasses
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, Annotated, Any

from genexplorer.cli.console import check_file, err, show_table, watch, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.progress import show_training
from genexplorer.cli.store import load_plugins, open_store
from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.core.metric import Value
    from genexplorer.engine.runs import Run, RunInfo, RunStore

HELP = {"compare NAME or FILE …": "train recipes alike over several seeds, and measure them side by side"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclasses.dataclass
    class Compare:
        recipes: Annotated[Positional[tuple[str, ...]], conf.arg(metavar="RECIPE")]
        """Files like a run.json, one for each column; or `wae`, the comparison of that name that ships."""
        seeds: int = 3
        """How often each recipe is trained."""
        folder: Annotated[Path | None, conf.arg(metavar="DIR")] = None
        """Train on the pictures in this folder instead of the recipes' own data."""
        steps: int | None = None
        """Train for so many steps instead of the recipes' own."""
        metrics: tuple[str, ...] = ("frechet", "kernel", "neighbours", "reconstruction")
        """What is measured."""
        images: int = 10_000
        """Images that are judged, and samples that are drawn, at most."""
        inception: Annotated[Path | None, conf.arg(metavar="FILE")] = None
        """Compare images by Inception-v3 in this TorchScript file instead of by a network of the data's own."""
        accelerator: str = "auto"
        """Where to train: auto, cpu, cuda or mps."""
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write every run's numbers as JSON to this file; - is standard output."""

    about = "Train recipes over several seeds and measure them. Runs that are there already are gone on with, or used."
    given = parse(Compare, "compare", arguments, about)
    if given.json:
        check_file(given.json)
    if given.seeds < 1:
        raise UserError(f"--seeds should be at least 1, got {given.seeds}.")
    load_plugins()
    from genexplorer.engine.evaluate import Asked, evaluate
    from genexplorer.engine.settings import Hardware
    from genexplorer.engine.train import train

    asked = Asked(given.metrics, images=given.images, inception=given.inception)
    hardware, store = Hardware.parse({"accelerator": given.accelerator}), open_store(home)
    columns = {path.stem: _changed(path, given.folder, given.steps) for path in _files(given.recipes)}
    found: dict[str, list[dict[str, Value]]] = {name: [] for name in columns}
    for seed in range(given.seeds):  # all recipes with one seed first: a first answer comes early
        for name, info in columns.items():
            chosen = _run(store, f"{name}-seed{seed}", info, seed)
            show_training(chosen, train(chosen, hardware))
            found[name].append(watch(evaluate(chosen.checkpoint(), store.cache, asked)))
    if given.json:
        write_json(
            given.json,
            {
                name: [{key: dataclasses.asdict(value) for key, value in values.items()} for values in seeds]
                for name, seeds in found.items()
            },
        )
        return
    show_table(_rows(found))
    err.print(f"Mean and standard deviation over {given.seeds} seeds.", markup=False)


def _files(recipes: tuple[str, ...]) -> list[Path]:
    from genexplorer.core.resources import resource

    files: list[Path] = []
    for name in recipes:
        shipped = resource("comparisons") / name
        files += sorted(shipped.glob("*.json")) if not name.endswith(".json") and shipped.is_dir() else [Path(name)]
    stems = [path.stem for path in files]
    if not files or len(set(stems)) < len(stems):
        raise UserError("Say what to compare: recipe files of different names, or `wae`.")
    return files


def _changed(path: Path, folder: Path | None, steps: int | None) -> "RunInfo":
    from genexplorer.core.data import DATASETS
    from genexplorer.engine.runs import RunInfo

    info = RunInfo.read(path)
    if folder is not None:
        size = {"size": info.data.size} if "size" in type(info.data).model_fields else {}  # type: ignore[attr-defined]
        info = dataclasses.replace(info, data=DATASETS["folder"].parse({"path": folder, **size}))
    if steps is not None:
        info = dataclasses.replace(info, train=type(info.train).parse({**info.train.to_json(), "steps": steps}))
    return info


def _run(store: "RunStore", name: str, info: "RunInfo", seed: int) -> "Run":
    """The run of this name, which must be of the same recipes; made where there is none."""
    wanted = dataclasses.replace(info, train=type(info.train).parse({**info.train.to_json(), "seed": seed}))
    if not (store.folder / name).exists():
        return store.create(wanted, name)
    there = store.find(name)
    if there.info() != wanted:
        raise UserError(f"There is a run called {name!r} with other settings; rename it, or give another --home.")
    return there


def _rows(found: "dict[str, list[dict[str, Value]]]") -> list[dict[str, Any]]:
    """A row for each measure, a column for each recipe, the unit last."""
    rows = []
    first = next(iter(found.values()))[0]
    for measure, value in first.items():
        told = {}
        for name, seeds in found.items():
            values = [values[measure].value for values in seeds if measure in values]
            spread = f" ± {stdev(values):.2g}" if len(values) > 1 else ""
            told[name] = f"{mean(values):.4g}{spread}" if values else "–"
        rows.append({"measure": measure, **told, "unit": value.unit})
    return rows
