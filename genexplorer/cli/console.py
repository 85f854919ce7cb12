"""What is told: numbers and pictures' names to standard output, everything else to standard error."""

import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console

from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress

err = Console(stderr=True, highlight=False)
out = Console(highlight=False, soft_wrap=True)
R = TypeVar("R")


def watch(work: Generator[Any, None, R]) -> R:
    """Show long work as a bar, and give its result."""
    from rich.progress import Progress as Bar

    with Bar(console=err, transient=True) as bar:
        tasks: dict[str, Any] = {}
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                result: R = end.value
                return result
            if not isinstance(event, Progress):
                continue  # a first answer, of which a better one follows
            if event.what not in tasks:
                tasks[event.what] = bar.add_task(event.what, total=event.total or None)
            bar.update(tasks[event.what], completed=event.done)


def show_table(rows: list[dict[str, Any]]) -> None:
    """Rows of the same columns, aligned."""
    from rich.table import Table

    table = Table(*rows[0], box=None, header_style="bold")
    for row in rows:
        table.add_row(*map(str, row.values()))
    out.print(table)


def check_file(where: Path | str) -> None:
    """UserError where no file can be written, told before the work and not after it; - is standard output."""
    path = Path(where)
    if str(where) == "-":
        return
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent} to write {path.name} to; make it first.")
    if path.is_dir():
        raise UserError(f"{where} is a folder; name a file in it.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UserError(f"{where} cannot be written; choose another place, or change its rights.")


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
