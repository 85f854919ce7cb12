"""The open run and checkpoint: the only state that panels share."""

from PySide6.QtCore import QObject, Signal

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.runs import Run, RunStore


class Session(QObject):
    """What the window is about. Whoever changes it is heard by all."""

    run_changed = Signal(object)  # Run | None
    checkpoint_changed = Signal(object)  # Checkpoint | None
    failed = Signal(str)  # one sentence for a toast
    told = Signal(str)

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self.store = store
        self.run: Run | None = None
        self.checkpoint: Checkpoint | None = None

    def open_run(self, run: Run) -> None:
        """Show a run and its newest checkpoint; a run that has none yet is watched until it has."""
        try:
            run.info()
        except UserError as error:
            self.failed.emit(str(error))
            return
        self.run = run
        self.run_changed.emit(run)
        self.refresh()

    def open_alone(self, checkpoint: Checkpoint) -> None:
        """Show a checkpoint that stands for itself: no run is open beside it."""
        self.run = None
        self.run_changed.emit(None)
        self.open_checkpoint(checkpoint)

    def open_checkpoint(self, checkpoint: Checkpoint | None) -> None:
        self.checkpoint = checkpoint
        self.checkpoint_changed.emit(checkpoint)

    def refresh(self) -> None:
        """Look for a newer snapshot of the open run."""
        if self.run is None:
            return
        paths = self.run.checkpoints()
        if not paths:
            self.open_checkpoint(None)
        elif self.checkpoint is None or self.checkpoint.path != paths[-1]:
            try:
                self.open_checkpoint(self.run.checkpoint())
            except UserError as error:
                self.failed.emit(str(error))

    def close_run(self) -> None:
        self.run = None
        self.run_changed.emit(None)
        self.open_checkpoint(None)
