"""Runs on disk: a run is a folder that survives everything, and that others may read while it is written."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from genexplorer import __version__
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DatasetRecipe
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.model import MODELS, ModelRecipe
from genexplorer.core.tensors import disk_trouble, replace_file

from .settings import TrainRecipe

_FORMAT = 1
Status = Literal["training", "finished", "stopped", "broken"]


@dataclass(frozen=True)
class RunInfo:
    """What was asked for when the run began."""

    model: ModelRecipe
    data: DatasetRecipe
    train: TrainRecipe

    @classmethod
    def read(cls, path: Path) -> "RunInfo":
        """A run.json, or a recipe written like one; UserError in one sentence where it cannot be used."""
        try:
            values = json.loads(path.read_text("utf-8"))
            if values["format"] > _FORMAT:
                raise UserError(f"{path} was written by a newer genexplorer; update the program to open it.")
            parts = [values[part] for part in ("model", "data", "train")]
            if not all(isinstance(part, dict) for part in parts):
                raise TypeError("its recipes are not readable")
            names = [str(part.get("name")) for part in parts]
        except FileNotFoundError as error:
            raise UserError(f"There is no file {path}.") from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(f"{path} is damaged and cannot be read ({error}).") from error
        model, data = MODELS[names[0]].parse(parts[0]), DATASETS[names[1]].parse(parts[1])
        return cls(model, data, TrainRecipe.suiting(type(model), **parts[2]))

    def to_json(self) -> dict[str, Any]:
        parts = {"model": self.model, "data": self.data, "train": self.train}
        return {
            "format": _FORMAT,
            "version": __version__,
            **{name: part.to_json() for name, part in parts.items()},
        }


class Run:
    """One run's folder: its files by name, and nothing kept in memory but whether it was made just now."""

    def __init__(self, path: Path, is_new: bool = False) -> None:
        self.path = path
        self._is_new = is_new

    def __repr__(self) -> str:
        return f"Run({self.path})"

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def metrics_path(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def timing_path(self) -> Path:
        return self.path / "timing.jsonl"

    @property
    def log_path(self) -> Path:
        return self.path / "log.jsonl"

    @property
    def resume_path(self) -> Path:
        return self.path / "resume.safetensors"

    @property
    def start_path(self) -> Path:
        """Weights that it began with, where it went on from a checkpoint of another run."""
        return self.path / "start.safetensors"

    @property
    def examples_path(self) -> Path:
        """Some test images that travel with the run, so that it can be explored where its data is not."""
        return self.path / "examples.safetensors"

    def info(self) -> RunInfo:
        """The run's recipes; UserError in one sentence where run.json cannot be used."""
        path = self.path / "run.json"
        if not path.exists():
            raise UserError(f"{self.path} is not a run: it has no run.json.")
        return RunInfo.read(path)

    def checkpoints(self) -> list[Path]:
        """Snapshots of the averaged weights, oldest first."""
        return sorted((self.path / "checkpoints").glob("[0-9]*.safetensors"))

    def previews(self) -> list[tuple[int, Path]]:
        """Pictures made while training, with their step, oldest first."""
        return [(int(path.stem), path) for path in sorted((self.path / "previews").glob("[0-9]*.png"))]

    def checkpoint(self) -> Checkpoint:
        """The newest snapshot that can be read; a damaged one is passed over for the one before it."""
        trouble: UserError | None = None
        for path in reversed(self.checkpoints()):
            try:
                return Checkpoint.open(path)
            except UserError as error:
                trouble = trouble or error
        raise trouble or UserError(f"{self.path} holds no checkpoint yet; train it for a while first.")

    def metrics(self) -> list[dict[str, float]]:
        """Rows of logged steps, in order; a last line that is still being written is left out."""
        return _rows(self.metrics_path)

    def log(self) -> list[dict[str, Any]]:
        return _rows(self.log_path)

    def status(self) -> Status:
        """What the run is doing, told from its files alone."""
        if self.is_locked():
            return "training"
        try:
            steps = self.info().train.steps
        except UserError:
            return "broken"
        rows = self.metrics()
        return "finished" if self.final_path(steps).exists() or (rows and rows[-1]["step"] >= steps) else "stopped"

    def checkpoint_path(self, step: int) -> Path:
        return self.path / "checkpoints" / f"{step:08d}.safetensors"

    final_path = checkpoint_path

    def append(self, path: Path, row: dict[str, Any]) -> None:
        """Add one line; only ever called by the process that holds the lock."""
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise disk_trouble(path, error) from error

    def rewind(self, step: int) -> None:
        """Forget what was logged after this step, when training goes on from it."""
        for path in (self.metrics_path, self.timing_path):
            if path.exists():
                kept = [row for row in _rows(path) if row["step"] <= step]
                replace_file(path, "".join(json.dumps(row) + "\n" for row in kept).encode())
        for later, path in self.previews():
            if later > step:
                path.unlink()
        for path in self.checkpoints():
            if int(path.stem) > step:
                path.unlink()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for writing; UserError where another process holds it."""
        if not self.path.is_dir():
            raise UserError(f"{self.path} is gone; choose another run.")
        lock = FileLock(self.path / ".lock", timeout=1, thread_local=False)  # a look at the status holds it too
        try:
            lock.acquire(poll_interval=0.02)
        except Timeout as error:
            raise UserError(f"Run {self.name!r} is being trained by another process; stop that one first.") from error
        except OSError as error:
            raise disk_trouble(self.path / ".lock", error) from error
        try:
            for left in self.path.rglob(".*.partial"):  # by a process that was killed while it wrote
                left.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    @contextmanager
    def unmade_if_refused(self) -> Iterator[None]:
        """Take a run away again that cannot even begin; only where it was made by this process and never saved."""
        try:
            yield
        except (UserError, Failure):
            if self._is_new and not self.resume_path.exists() and not self.is_locked():
                shutil.rmtree(self.path, ignore_errors=True)
            raise

    def is_locked(self) -> bool:
        path = self.path / ".lock"
        if not path.exists():
            return False
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return True
        except OSError:  # a folder that we may only read
            return False
        lock.release()
        return False


class RunStore:
    """All runs below one home: HOME/runs/NAME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "runs"
        self.cache = home / "cache"

    def list(self) -> list[Run]:
        """Runs, newest first."""
        found = []
        for path in self.folder.glob("*/run.json"):
            with suppress(FileNotFoundError):  # it went while we looked
                found.append((path.stat().st_mtime, path.parent))
        return [Run(path) for _, path in sorted(found, reverse=True)]

    def find(self, name: str) -> Run:
        """A run by its name, or by the path of its folder."""
        for path in (self.folder / name, Path(name)):
            if os.path.isfile(path / "run.json"):  # noqa: PTH113 - Path.is_file raises for names too long
                return Run(path)
        known = ", ".join(run.name for run in self.list()[:5])
        raise UserError(
            f"There is no run called {name!r} in {self.folder}" + (f"; there are: {known}." if known else ".")
        )

    def create(self, info: RunInfo, name: str | None = None, start: Path | None = None) -> Run:
        """A new run's folder, that begins with a checkpoint's weights where one is given.

        Without a name it is called after its model and data, numbered.
        """
        if name is None:
            stem = f"{info.model.name}-{info.data.name}"
            name = next(n for i in range(1, 1_000_000) if not (self.folder / (n := f"{stem}-{i}")).exists())
        run = Run(self._free(name), is_new=True)
        try:
            run.path.mkdir(parents=True)
            with run.unmade_if_refused():
                for folder in (run.path / "previews", run.path / "checkpoints"):
                    folder.mkdir()
                if start is not None:
                    shutil.copyfile(start, run.start_path)
                replace_file(run.path / "run.json", json.dumps(info.to_json(), indent=2).encode())
        except OSError as error:
            raise disk_trouble(run.path, error) from error
        return run

    def rename(self, run: Run, name: str) -> Run:
        target = self._free(name)
        with run.locked():
            pass
        try:
            run.path.rename(target)
        except OSError as error:
            raise disk_trouble(target, error) from error
        return Run(target)

    def duplicate(self, run: Run) -> Run:
        """A copy of the whole run under a free name."""
        name = next(n for i in range(2, 1_000_000) if not (self.folder / (n := f"{run.name}-copy{i - 1}")).exists())
        target = self.folder / name
        partial = self.folder / f".{name}.partial"
        try:
            shutil.copytree(run.path, partial, ignore=shutil.ignore_patterns(".*"))
            partial.rename(target)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise disk_trouble(target, error) from error
        return Run(target)

    def trash(self, run: Run) -> None:
        """To the system's bin; where there is none, to HOME/trash."""
        with run.locked():
            pass
        from send2trash import send2trash

        try:
            send2trash(run.path)
        except OSError:
            bin_folder = self.home / "trash"
            bin_folder.mkdir(parents=True, exist_ok=True)
            number = sum(1 for _ in bin_folder.iterdir())
            shutil.move(run.path, bin_folder / f"{run.name}.{number}")

    def _free(self, name: str) -> Path:
        if not re.fullmatch(r"[\w][\w .,+=-]{0,99}", name) or len(os.fsencode(name)) > 200:
            raise UserError(
                f"A run cannot be called {name!r}: use letters, digits, space and . , + = - _ (at most 100)."
            )
        path = self.folder / name
        if path.exists():
            raise UserError(
                f"There is already a run called {name!r}; choose another name, or go on with --resume {name}."
            )
        return path


def _rows(path: Path) -> "list[dict[str, Any]]":
    rows = []
    with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(ValueError, RecursionError):
                row = json.loads(line)
                if isinstance(row, dict) and isinstance(row.get("step"), int):
                    rows.append(row)
    return rows
