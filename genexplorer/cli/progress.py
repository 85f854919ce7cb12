"""Training as a line that moves."""

import signal
import time
from collections.abc import Generator
from typing import TYPE_CHECKING

from genexplorer.core.errors import Failure, UserError

from .console import err

if TYPE_CHECKING:
    from genexplorer.engine.runs import Run
    from genexplorer.engine.train import Event

_TWICE = 1.0  # seconds between two that were meant


def show_training(run: "Run", work: "Generator[Event, None, None]") -> None:
    """A progress line with rate and an ETA that counts steps alone; Ctrl+C stops and saves."""
    from rich.progress import BarColumn, Progress, TextColumn

    from genexplorer.core.events import Progress as Loading
    from genexplorer.engine import train as t
    from genexplorer.engine.pace import Pace
    from genexplorer.engine.settings import is_leader

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[told]}"),
    )
    pace, row, begun = Pace(), "", False
    asked, at_once = 0.0, False

    def ask(*_: object) -> None:
        """Stop after the step that it is in; at once when asked again, but not where torchrun passes the first on."""
        nonlocal asked, at_once
        if asked and time.monotonic() - asked > _TWICE:
            at_once = True
            raise KeyboardInterrupt
        asked = asked or time.monotonic()

    # Of several processes the first alone is asked: it saves, and the others end when it is gone.
    before = signal.signal(signal.SIGINT, ask if is_leader() else signal.SIG_IGN)
    with Progress(*columns, console=err, transient=False, refresh_per_second=5) as bar:
        task = bar.add_task("Starting", total=None, count="", told="")
        try:
            for event in work:
                if not begun and not isinstance(event, Loading):  # one that cannot begin is no run
                    begun = True
                    bar.console.print(f"Run {run.name} in {run.path}", markup=False)
                match event:
                    case t.Step(step=step, total=total, metrics=metrics, seconds=seconds):
                        pace.add(step, seconds)
                        if metrics:
                            row = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items() if "/" not in name)
                        if metrics or step == total:
                            bar.update(
                                task,
                                description="Training",
                                completed=step,
                                total=total,
                                count=f"{step}/{total}",
                                told=f"{row}  {pace.text(total - step)}",
                            )
                    case t.Note(text=text):
                        bar.console.print(text, markup=False)
                    case Loading(what=what, done=done, total=total):
                        count = f"{done}/{total}" if total else ""
                        bar.update(task, description=what, completed=done, total=total or None, count=count)
                if asked:
                    raise KeyboardInterrupt
            if not begun:
                bar.update(task, visible=False)
                bar.console.print(f"Run {run.name} is finished; there is nothing left to train.", markup=False)
        except KeyboardInterrupt:
            work.close()
            how = "Stopped at once; go on from the last save with" if at_once else "Stopped and saved; go on with"
            bar.console.print(f"{how}: genexplorer train --resume {run.name}", markup=False)
            raise
        except (UserError, Failure):
            bar.update(task, visible=begun)  # no empty bar above the sentence
            raise
        finally:
            signal.signal(signal.SIGINT, before)
