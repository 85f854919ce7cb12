"""The command line: the same recipes, the same iterators, shown as progress."""

import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar

import tyro
from rich.console import Console
from tyro.conf import Positional

from genexplorer import __version__
from genexplorer.core.errors import Failure, UserError

_ABOUT = """genexplorer: train and explore small generative models.

  genexplorer [gui] [PATH…]              the desktop app; a run, a checkpoint, a folder of images, a picture
  genexplorer train MODEL DATASET        train; see `train MODEL DATASET --help` for every setting
  genexplorer train --resume RUN         go on where it stopped
  genexplorer sample RUN                 draw new images
  genexplorer evaluate RUN               measure a run
  genexplorer list [models|datasets|runs]
  genexplorer info                       versions, devices, folders
  genexplorer bench                      speed on this machine, as ratios
  genexplorer tour --out DIR             pictures of every panel

  --home DIR, or GENEXPLORER_HOME, says where runs live."""

_RUN = "GENEXPLORER_RUN"  # tells the processes that Fabric starts which run the first one made

_err = Console(stderr=True, highlight=False)
_out = Console(highlight=False, soft_wrap=True)
R = TypeVar("R")


def run(arguments: list[str]) -> int:
    """Carry out one command; the exit code is 0, 2 for what the person got wrong, 1 for what failed."""
    arguments, home = _take_option(arguments, "--home")
    if arguments[:1] in (["-h"], ["--help"]):
        _out.print(_ABOUT, markup=False)
        return 0
    if arguments[:1] == ["--version"]:
        _out.print(__version__)
        return 0
    name = arguments[0] if arguments and arguments[0] in _COMMANDS else "gui"
    rest = arguments[1:] if arguments[:1] == [name] else arguments
    try:
        _COMMANDS[name](rest, Path(home) if home else None)
    except UserError as error:
        _err.print(str(error), style="red", markup=False)
        return 0 if _err.quiet else 2  # the first of several processes says it; a launcher kills it when another fails
    except Failure as error:
        _err.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def load_plugins() -> None:
    """Find every family, data set and metric."""
    from genexplorer.core.registry import discover

    discover("genexplorer.models", "genexplorer.datasets", "genexplorer.metrics")


def _take_option(arguments: list[str], option: str) -> tuple[list[str], str | None]:
    """Take `option VALUE` out, wherever it stands."""
    for index, argument in enumerate(arguments):
        if argument == option and index + 1 < len(arguments):
            return arguments[:index] + arguments[index + 2 :], arguments[index + 1]
        if argument.startswith(f"{option}="):
            return arguments[:index] + arguments[index + 1 :], argument.split("=", 1)[1]
    return arguments, None


def _parse(cls: type[R], name: str, arguments: list[str], about: str) -> R:
    """Read a dataclass from the command line with tyro, its mistakes as UserError's exit code."""
    parsed: R = tyro.cli(
        cls,
        prog=f"genexplorer {name}",
        description=about,
        args=arguments,
        config=(tyro.conf.OmitArgPrefixes,) if name != "train" else (),
    )
    return parsed


def _gui(arguments: list[str], home: Path | None) -> None:
    from genexplorer.app import launch

    unknown = [argument for argument in arguments if argument.startswith("-")]
    if unknown:
        raise UserError(f"The app knows no option {unknown[0]}; `genexplorer --help` lists the commands.")
    missing = [argument for argument in arguments if not Path(argument).exists()]
    if missing:
        raise UserError(
            f"There is no command and no file called {missing[0]!r}; `genexplorer --help` lists the commands."
        )
    launch([Path(argument) for argument in arguments], home)


def _train(arguments: list[str], home: Path | None) -> None:
    from genexplorer.core.data import DATASETS
    from genexplorer.core.model import MODELS
    from genexplorer.engine.home import home_folder
    from genexplorer.engine.runs import RunInfo, RunStore
    from genexplorer.engine.settings import Hardware, TrainRecipe, is_leader
    from genexplorer.engine.train import train

    load_plugins()
    _err.quiet = not is_leader()
    store = RunStore(home_folder(home))
    arguments, resumed = _take_option(arguments, "--resume")
    given: Any
    places: list[tuple[str, Any, Any]] = [
        (name, Annotated[field.annotation, tyro.conf.arg(help=field.description)], field.default)
        for name, field in Hardware.model_fields.items()
    ]
    if resumed:
        run_ = store.find(resumed)
        given = _parse(dataclasses.make_dataclass("Resume", places), "train", arguments, f"Go on with {resumed}.")
    else:
        names, arguments = arguments[:2], arguments[2:]
        choice = f"MODEL is one of {', '.join(MODELS)}; DATASET is one of {', '.join(DATASETS)}."
        if names[:1] in (["-h"], ["--help"]):
            _out.print(f"genexplorer train MODEL DATASET [settings]\n\n{choice}", markup=False)
            _out.print("`genexplorer train MODEL DATASET --help` lists every setting.", markup=False)
            return
        if len(names) < 2 or any(name.startswith("-") for name in names):
            raise UserError(f"Say what to train on what: genexplorer train MODEL DATASET, where {choice}")
        model, data = MODELS[names[0]], DATASETS[names[1]]
        parts = {"model": _as_dataclass(model), "data": _as_dataclass(data), "train": _as_dataclass(TrainRecipe)}
        fields: list[tuple[str, Any, Any]] = [
            (part, cls, dataclasses.field(default_factory=cls)) for part, cls in parts.items()
        ]
        named = Annotated[str | None, tyro.conf.arg(help="Name of the run; numbered by itself if not given.")]
        settings = dataclasses.make_dataclass("Train", [*fields, ("run", named, None), *places])
        given = _parse(settings, "train", arguments, f"Train a {model.title} on {data.title}.")
        info = RunInfo(
            model.parse(vars(given.model)), data.parse(vars(given.data)), TrainRecipe.parse(vars(given.train))
        )
        _hardware(given)  # a mistake there must not leave an empty run behind
        if not is_leader():
            run_ = _made_by_leader(store, given.run)
        elif given.run is None and int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise UserError("Several processes were started for one run; give it a name with --run NAME.")
        else:
            run_ = store.create(info, given.run)
            os.environ[_RUN] = str(run_.path.resolve())
    _show_training(run_, train(run_, _hardware(given)))


def _hardware(given: Any) -> Any:
    from genexplorer.engine.settings import Hardware

    return Hardware.parse({name: getattr(given, name) for name in Hardware.model_fields})


def _made_by_leader(store: Any, name: str | None) -> Any:
    """The run that the first process makes, which this one joins."""
    name = os.environ.get(_RUN) or name or ""
    for _ in range(600):
        with suppress(UserError):
            return store.find(name)
        time.sleep(0.1)
    return store.find(name)


def _as_dataclass(recipe: Any) -> type:
    """The recipe's fields as tyro's dataclass: bounds are checked afterwards, in one sentence, by the recipe itself."""
    fields = [
        (
            name,
            Annotated[field.annotation, tyro.conf.arg(help=field.description)],
            field.get_default(call_default_factory=True),
        )
        for name, field in recipe.model_fields.items()
    ]
    return dataclasses.make_dataclass(recipe.__name__, fields, frozen=True)


def _show_training(run_: Any, work: Generator[Any, None, None]) -> None:
    """A progress line with rate and an ETA that counts steps alone; Ctrl+C stops and saves."""
    from rich.progress import BarColumn, Progress, TextColumn

    from genexplorer.core.events import Progress as Loading
    from genexplorer.engine import train as t
    from genexplorer.engine.pace import Pace

    _err.print(f"Run {run_.name} in {run_.path}", markup=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[told]}"),
    )
    pace, row = Pace(), ""
    asked = False

    def ask(*_: object) -> None:
        """Stop after the step that it is in; at once when asked again."""
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, ask)
    with Progress(*columns, console=_err, transient=False, refresh_per_second=5) as bar:
        task = bar.add_task("Starting", total=None, told="")
        try:
            for event in work:
                match event:
                    case t.Step(step=step, total=total, metrics=metrics, seconds=seconds):
                        pace.add(step, seconds)
                        if metrics:
                            row = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
                        if metrics or step == total:
                            bar.update(
                                task,
                                description="Training",
                                completed=step,
                                total=total,
                                told=f"{row}  {pace.text(total - step)}",
                            )
                    case t.Note(text=text):
                        bar.console.print(text, markup=False)
                    case Loading(what=what, done=done, total=total):
                        bar.update(task, description=what, completed=done, total=total or None)
                if asked:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            work.close()
            bar.console.print(f"Stopped and saved; go on with: genexplorer train --resume {run_.name}", markup=False)
            raise
        finally:
            signal.signal(signal.SIGINT, before)


def _sample(arguments: list[str], home: Path | None) -> None:
    @dataclasses.dataclass
    class Sample:
        run: Positional[str]
        """A run, or a checkpoint's file."""
        num: int = 64
        """How many images."""
        seed: int = 0
        """The same number draws the same images."""
        out: Path = Path("grid.png")
        """The PNG to write."""

    given = _parse(Sample, "sample", arguments, "Draw new images from a run.")
    import torch

    from genexplorer.core.abilities import Samples
    from genexplorer.core.data import to_uint8
    from genexplorer.engine.previews import write_sheet

    if not 1 <= given.num <= 65536:
        raise UserError(f"--num should be 1 to 65536, got {given.num}.")
    checkpoint = _checkpoint(given.run, home)
    model = checkpoint.model()
    if not isinstance(model, Samples):
        raise UserError(f"A {checkpoint.recipe.name} draws no new images; choose a run of another family.")
    with torch.inference_mode():
        images = to_uint8(model.sample(given.num, torch.Generator().manual_seed(given.seed)))
    if not given.out.parent.is_dir():
        raise UserError(f"There is no folder {given.out.parent} to write {given.out.name} to; make it first.")
    write_sheet(given.out, images, columns=max(1, round(given.num**0.5)))
    _err.print(f"{given.num} images in {given.out}", markup=False)


def _evaluate(arguments: list[str], home: Path | None) -> None:
    @dataclasses.dataclass
    class Evaluate:
        run: Positional[str]
        """A run, or a checkpoint's file."""
        json: str = "-"
        """Where to write the numbers; - is standard output."""
        seed: int = 0
        """Where the measures draw at random."""

    given = _parse(Evaluate, "evaluate", arguments, "Measure a run on its test images.")
    from genexplorer.engine.evaluate import evaluate
    from genexplorer.engine.home import home_folder
    from genexplorer.engine.runs import RunStore

    checkpoint = _checkpoint(given.run, home)
    values = _watch(evaluate(checkpoint, RunStore(home_folder(home)).cache, given.seed))
    _write_json(given.json, {name: dataclasses.asdict(value) for name, value in values.items()})


def _list(arguments: list[str], home: Path | None) -> None:
    @dataclasses.dataclass
    class List:
        what: Positional[str] = "runs"
        """models, datasets or runs."""
        json: str | None = None
        """Write it as JSON to this file; - is standard output."""

    given = _parse(List, "list", arguments, "What there is.")
    from genexplorer.core.data import DATASETS
    from genexplorer.core.model import MODELS
    from genexplorer.engine.home import home_folder
    from genexplorer.engine.runs import RunStore

    load_plugins()
    rows: list[dict[str, Any]]
    match given.what:
        case "models":
            rows = [{"name": name, "title": MODELS[name].title, "about": MODELS[name].about} for name in MODELS]
        case "datasets":
            rows = [{"name": name, "title": DATASETS[name].title, "about": DATASETS[name].about} for name in DATASETS]
        case "runs":
            rows = [_describe(run_) for run_ in RunStore(home_folder(home)).list()]
        case other:
            raise UserError(f"There is no list of {other!r}; choose models, datasets or runs.")
    if given.json:
        _write_json(given.json, rows)
    elif rows:
        from rich.table import Table

        table = Table(*rows[0], box=None, header_style="bold")
        for row in rows:
            table.add_row(*map(str, row.values()))
        _out.print(table)
    else:
        _out.print("No runs yet: train one with `genexplorer train vae digits`.", markup=False)


def _describe(run_: Any) -> dict[str, Any]:
    rows = run_.metrics()
    row: dict[str, Any] = {"name": run_.name, "model": "?", "data": "?", "step": rows[-1]["step"] if rows else 0}
    try:
        info = run_.info()
        row |= {"model": info.model.name, "data": info.data.name}
    except UserError:
        pass
    return row | {"status": run_.status()}


def _info(arguments: list[str], home: Path | None) -> None:
    from genexplorer.engine.diagnostics import diagnostics
    from genexplorer.engine.home import home_folder

    for name, value in diagnostics(home_folder(home)).items():
        _out.print(f"{name:>14}  {value}", markup=False)


def _bench(arguments: list[str], home: Path | None) -> None:
    @dataclasses.dataclass
    class Bench:
        json: str | None = None
        """Write the ratios as JSON to this file; - is standard output."""
        only: str | None = None
        """Only this measurement."""

    given = _parse(Bench, "bench", arguments, "Measure speed on this machine, as ratios to a peer in the same run.")
    from genexplorer.app import add_window_rows
    from genexplorer.engine.bench import bench

    load_plugins()
    add_window_rows()
    rows = []
    for row in bench(given.only):
        rows.append(dataclasses.asdict(row))
        if given.json != "-":
            _out.print(f"{row.name:<28} {row.ratio:6.2f} {row.bound:<8} {row.what}", markup=False)
    if given.json:
        _write_json(given.json, rows)


def _tour(arguments: list[str], home: Path | None) -> None:
    @dataclasses.dataclass
    class Tour:
        out: Path
        """Folder for the pictures."""
        theme: str = "light"
        """light or dark."""
        scale: float = 1.0
        """Pixels per point, as on a screen of high density."""

    given = _parse(Tour, "tour", arguments, "Walk through the real window, a PNG of each panel.")
    if given.theme not in ("light", "dark"):
        raise UserError(f"There is no theme {given.theme!r}; choose light or dark.")
    from genexplorer.app import tour

    tour(given.out, given.theme, given.scale, home)


def _checkpoint(name: str, home: Path | None) -> Any:
    from genexplorer.core.checkpoint import Checkpoint
    from genexplorer.engine.home import home_folder
    from genexplorer.engine.runs import RunStore

    load_plugins()
    if os.path.isfile(name):  # noqa: PTH113 - Path.is_file raises for names too long
        return Checkpoint.open(Path(name))
    return RunStore(home_folder(home)).find(name).checkpoint()


def _watch(work: Generator[Any, None, R]) -> R:
    """Show long work as a bar, and give its result."""
    from rich.progress import Progress

    with Progress(console=_err, transient=True) as bar:
        tasks: dict[str, Any] = {}
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                result: R = end.value
                return result
            if event.what not in tasks:
                tasks[event.what] = bar.add_task(event.what, total=event.total or None)
            bar.update(tasks[event.what], completed=event.done)


def _write_json(where: str, value: Any) -> None:
    text = json.dumps(value, indent=2)
    if where == "-":
        sys.stdout.write(text + "\n")
        return
    try:
        Path(where).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise UserError(f"{where} cannot be written ({error.strerror}); choose another place.") from error


_COMMANDS: dict[str, Callable[[list[str], Path | None], None]] = {
    "gui": _gui,
    "train": _train,
    "sample": _sample,
    "evaluate": _evaluate,
    "list": _list,
    "info": _info,
    "bench": _bench,
    "tour": _tour,
}
