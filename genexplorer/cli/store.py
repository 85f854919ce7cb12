"""What commands work on: the plug-ins, the runs of a home, and their checkpoints."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.core.checkpoint import Checkpoint
    from genexplorer.engine.runs import RunStore


def load_plugins() -> None:
    """Find every family, data set, metric and rule of the doctor."""
    from genexplorer.core.registry import discover

    discover("genexplorer.models", "genexplorer.datasets", "genexplorer.metrics", "genexplorer.engine.rules")


def open_store(home: Path | None) -> "RunStore":
    """The runs of a home, which the first one makes; UserError where it is there and cannot be read."""
    from genexplorer.engine.home import home_folder
    from genexplorer.engine.runs import RunStore

    store = RunStore(home_folder(home))
    for folder in (store.home, store.folder):
        try:
            os.scandir(folder).close()
        except FileNotFoundError:
            break
        except OSError as error:
            raise UserError(
                f"{folder} cannot be read ({error.strerror}); choose another folder with --home, or change its rights."
            ) from error
    return store


def open_checkpoint(name: str, home: Path | None) -> "Checkpoint":
    """A checkpoint's file, the newest one of a run, or a model that comes with the program."""
    from genexplorer.core.checkpoint import Checkpoint
    from genexplorer.engine.shipped import shipped_models

    load_plugins()
    if os.path.isfile(name):  # noqa: PTH113 - Path.is_file raises for names too long
        return Checkpoint.open(Path(name))
    try:
        return open_store(home).find(name).checkpoint()
    except UserError:
        if name not in (shipped := shipped_models()):
            raise
        return Checkpoint.open(shipped[name])
