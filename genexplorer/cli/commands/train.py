"""Train a new run, or go on with one."""

import dataclasses
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from genexplorer.cli.console import err, out, show_table
from genexplorer.cli.options import as_dataclass, fields_of, parse, take_option
from genexplorer.cli.progress import show_training
from genexplorer.cli.store import load_plugins, open_store
from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.engine.runs import Run, RunInfo, RunStore
    from genexplorer.engine.settings import Hardware

HELP = {
    "train MODEL DATASET": "train; see `train MODEL DATASET --help` for every setting",
    "train --recipe FILE": "the settings of a run.json, or of a recipe written like one",
    "train --resume RUN": "go on where it stopped",
}

_RUN = "GENEXPLORER_RUN"  # tells the processes that Fabric starts which run the first one made


def run(arguments: list[str], home: Path | None) -> None:
    from genexplorer.engine.settings import is_leader
    from genexplorer.engine.train import train

    load_plugins()
    err.quiet = not is_leader()
    store = open_store(home)
    arguments, resumed = take_option(arguments, "--resume")
    if resumed:
        chosen, hardware = _resumed(store, resumed, arguments)
    elif set(arguments[:2]) & {"-h", "--help"}:
        _print_help()
        return
    else:
        chosen, hardware = _new(store, arguments)
    show_training(chosen, train(chosen, hardware))


def _resumed(store: "RunStore", name: str, arguments: list[str]) -> "tuple[Run, Hardware]":
    from genexplorer.engine.settings import Hardware

    found = store.find(name)
    fixed = next((word for word in arguments if word.startswith(("--model.", "--data.", "--train."))), None)
    if fixed:
        raise UserError(
            f"{fixed.partition('=')[0]} cannot be changed: a run goes on with the settings that it began with; "
            "train a new one for others."
        )
    settings = dataclasses.make_dataclass("Resume", fields_of(Hardware))
    return found, _hardware(parse(settings, f"train --resume {name}", arguments, f"Go on with {name}."))


def _new(store: "RunStore", arguments: list[str]) -> "tuple[Run, Hardware]":
    import tyro

    from genexplorer.core.data import DATASETS
    from genexplorer.core.model import MODELS
    from genexplorer.engine.runs import RunInfo
    from genexplorer.engine.settings import Hardware, TrainRecipe

    arguments, recipe = take_option(arguments, "--recipe")
    base = RunInfo.read(Path(recipe)) if recipe else None
    if base and not (arguments and not arguments[0].startswith("-")):
        arguments = [base.model.name, base.data.name, *arguments]
    names, arguments = arguments[:2], arguments[2:]
    if base and names != [base.model.name, base.data.name]:
        raise UserError(f"{recipe} is for {base.model.name} on {base.data.name}; leave MODEL and DATASET away.")
    if len(names) < 2 or any(name.startswith("-") for name in names):
        raise UserError(
            f"Say what to train on what: genexplorer train MODEL DATASET, where MODEL is {_or(MODELS)} "
            f"and DATASET is {_or(DATASETS)}."
        )
    model, data = MODELS[names[0]], DATASETS[names[1]]
    parts = {
        "model": as_dataclass(model, base.model if base else None),
        "data": as_dataclass(data, base.data if base else None),
        "train": as_dataclass(TrainRecipe, base.train if base else TrainRecipe.suiting(model)),
    }
    fields: list[tuple[str, Any, Any]] = [
        (part, cls, dataclasses.field(default_factory=cls)) for part, cls in parts.items()
    ]
    # torchrun takes --run for the beginning of an option of its own
    named = Annotated[
        str | None,
        tyro.conf.arg(aliases=["--name"], metavar="NAME", help="Name of the run; numbered by itself if not given."),
    ]
    settings = dataclasses.make_dataclass("Train", [*fields, ("run", named, None), *fields_of(Hardware)])
    about = f"{model.title}: {model.about}\n\n{data.title}: {data.about}"
    given: Any = parse(settings, f"train {names[0]} {names[1]}", arguments, about)
    info = RunInfo(model.parse(vars(given.model)), data.parse(vars(given.data)), TrainRecipe.parse(vars(given.train)))
    hardware = _hardware(given)  # a mistake there must not leave an empty run behind
    return _made(store, info, given.run), hardware


def _made(store: "RunStore", info: "RunInfo", name: str | None) -> "Run":
    """A new run, which the first of several processes makes and the others join."""
    from genexplorer.engine.settings import is_leader

    if not is_leader():
        name = os.environ.get(_RUN) or name or ""
        for _ in range(600):
            with suppress(UserError):
                return store.find(name)
            time.sleep(0.1)
        return store.find(name)
    if name is None and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UserError("Several processes were started for one run; give it a name with --name NAME.")
    made = store.create(info, name)
    os.environ[_RUN] = str(made.path.resolve())
    return made


def _hardware(given: Any) -> "Hardware":
    from genexplorer.engine.settings import Hardware

    return Hardware.parse({name: getattr(given, name) for name in Hardware.model_fields})


def _print_help() -> None:
    from genexplorer.core.data import DATASETS
    from genexplorer.core.model import MODELS

    out.print("genexplorer train MODEL DATASET [settings]    every setting: train MODEL DATASET --help", markup=False)
    out.print("genexplorer train --resume RUN                go on where it stopped", markup=False)
    kinds: dict[str, Any] = {"MODEL": MODELS, "DATASET": DATASETS}
    for kind, found in kinds.items():
        out.print()
        show_table([{kind: name, "": f"{found[name].title}. {found[name].about}"} for name in found])


def _or(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
