"""Writes what is shown to files, in the background, with a bar that says how far it is and a way to stop it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from genexplorer.core.events import Progress
from genexplorer.engine.export import animate, write_codes
from genexplorer.engine.jobs import Ended, Job

from .jobs import Poll


class Exporter(QWidget):
    """Hidden but while it writes."""

    told = Signal(str)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._poll: Poll | None = None
        self._whole = False  # whether the work came to its end
        self._label, self._bar = QLabel(), QProgressBar(textVisible=False)
        self._bar.setAccessibleName("How much is written")
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Stop; the file is left as it was")
        cancel.clicked.connect(self.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._label)
        row.addWidget(self._bar, 1)
        row.addWidget(cancel)
        self.hide()

    def ask_for_file(self, name: str, suffix: str, kind: str) -> Path | None:
        """Where to write, asked of the person."""
        chosen, _ = QFileDialog.getSaveFileName(self.parentWidget(), "Export", f"{name}{suffix}", f"{kind} (*{suffix})")
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)

    def write_frames(self, path: Path, frames: np.ndarray, fps: float, scale: int) -> None:
        """(N, C, H, W) uint8, which is not changed meanwhile."""
        self._write(path, lambda: animate(path, frames, fps, scale))

    def write_codes(self, path: Path, z: np.ndarray, names: list[str]) -> None:
        """(N, D), with a name each."""

        def work() -> Iterator[Progress]:
            write_codes(path, z, names)
            yield Progress("codes", len(z), len(z))

        self._write(path, work)

    def stop(self) -> None:
        if self._poll:
            self._poll.job.stop()

    def shut(self) -> None:
        """Stop, and wait until it has."""
        if self._poll:
            self._poll.finish()
            self._poll = None

    def _write(self, path: Path, work: Callable[[], Iterable[Progress]]) -> None:
        if self._poll:
            self.failed.emit("Another file is still being written; let it end, or cancel it.")
            return
        self._label.setText(f"Writing {path.name}")
        self._bar.setRange(0, 0)
        self._whole = False
        self._poll = Poll(Job(work, "genexplorer-export", 1), self)
        self._poll.batch.connect(self._show)
        self._poll.ended.connect(lambda ended: self._end(path, ended))
        self.show()

    def _show(self, events: list[Progress]) -> None:
        self._bar.setRange(0, events[-1].total)
        self._bar.setValue(events[-1].done)
        self._whole = events[-1].done == events[-1].total

    def _end(self, path: Path, ended: Ended) -> None:
        self.hide()
        self._poll = None
        if ended.error:
            self.failed.emit(ended.error)
        elif self._whole:
            self.told.emit(f"{path.name} is written.")
