"""Training as a line that moves."""

import signal
from collections.abc import Generator
from typing import TYPE_CHECKING

from .console import err

if TYPE_CHECKING:
    from genexplorer.engine.runs import Run
    from genexplorer.engine.train import Event


def show_training(run: "Run", work: "Generator[Event, None, None]") -> None:
    """A progress line with rate and an ETA that counts steps alone; Ctrl+C stops and saves."""
    from rich.progress import BarColumn, Progress, TextColumn

    from genexplorer.core.events import Progress as Loading
    from genexplorer.engine import train as t
    from genexplorer.engine.pace import Pace

    err.print(f"Run {run.name} in {run.path}", markup=False)
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
    with Progress(*columns, console=err, transient=False, refresh_per_second=5) as bar:
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
            bar.console.print(f"Stopped and saved; go on with: genexplorer train --resume {run.name}", markup=False)
            raise
        finally:
            signal.signal(signal.SIGINT, before)
