"""What is told: numbers and pictures' names to standard output, everything else to standard error."""

import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from genexplorer.core.errors import UserError

err = Console(stderr=True, highlight=False)
out = Console(highlight=False, soft_wrap=True)
R = TypeVar("R")


def watch(work: Generator[Any, None, R]) -> R:
    """Show long work as a bar, and give its result."""
    from rich.progress import Progress

    with Progress(console=err, transient=True) as bar:
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


def write_json(where: str, value: Any) -> None:
    """To a file; - is standard output."""
    text = json.dumps(value, indent=2)
    if where == "-":
        sys.stdout.write(text + "\n")
        return
    try:
        Path(where).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise UserError(f"{where} cannot be written ({error.strerror}); choose another place.") from error
