"""Writes what is shown to files, in the background, with a bar that says how far it is and a way to stop it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from genexplorer.core.events import Progress
from genexplorer.engine.export import animate, write_codes
from genexplorer.engine.jobs import Ended, Job

from .jobs import Poll
from .work_bar import WorkBar


class Exporter(WorkBar):
    """One file at a time."""

    told = Signal(str)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__("Stop; the file is left as it was")
        self._poll: Poll | None = None
        self._name, self._whole = "", False  # of the file, and whether the work came to its end
        self.cancelled.connect(self.stop)

    def ask_for_file(self, name: str, suffix: str, kind: str) -> Path | None:
        """Where to write, asked of the person."""
        chosen, _ = QFileDialog.getSaveFileName(self.parentWidget(), "Export", f"{name}{suffix}", f"{kind} (*{suffix})")
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)

    def write_frames(self, path: Path, frames: np.ndarray, fps: float, scale: int) -> None:
        """(N, C, H, W) uint8, which is not changed meanwhile."""
        self.write(path, lambda: animate(path, frames, fps, scale))

    def write_codes(self, path: Path, z: np.ndarray, names: list[str]) -> None:
        """(N, D), with a name each."""

        def work() -> Iterator[Progress]:
            write_codes(path, z, names)
            yield Progress("codes", len(z), len(z))

        self.write(path, work)

    def stop(self) -> None:
        if self._poll:
            self._poll.job.stop()

    def shut(self) -> None:
        """Stop, and wait until it has."""
        if self._poll:
            self._poll.finish()
            self._poll = None

    def write(self, path: Path, work: Callable[[], Iterable[Progress]]) -> None:
        """What `work` writes to the path while it is walked to its end."""
        if self._poll:
            self.failed.emit("Another file is still being written; let it end, or cancel it.")
            return
        self._name = path.name
        self.tell(Progress(f"Writing {path.name}", 0, 0))
        self._whole = False
        self._poll = Poll(Job(work, "genexplorer-export", 1), self)
        self._poll.batch.connect(self._show)
        self._poll.ended.connect(lambda ended: self._end(path, ended))

    def _show(self, events: list[Progress]) -> None:
        done, total = events[-1].done, events[-1].total
        self.tell(Progress(f"Writing {self._name}", done, total))
        self._whole = done == total

    def _end(self, path: Path, ended: Ended) -> None:
        self.tell(None)
        self._poll = None
        if ended.error:
            self.failed.emit(ended.error)
        elif self._whole:
            self.told.emit(f"{path.name} is written.")
