"""The open run and checkpoint, and the code in hand: the only state that panels share."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.runs import Run, RunStore

from .bookmarks import Bookmarks
from .code import Code


class Session(QObject):
    """What the window is about. Whoever changes it is heard by all."""

    run_changed = Signal(object)  # Run | None
    checkpoint_changed = Signal(object)  # Checkpoint | None
    failed = Signal(str)  # one sentence for a toast
    told = Signal(str)
    dimension_wanted = Signal(int)  # a number of the code, whose slider is to be shown
    offered = Signal(str, str, object)  # one sentence, what can be done about it, and the call that does it

    def __init__(self, store: RunStore) -> None:
        super().__init__()
        self.store = store
        self.run: Run | None = None
        self.checkpoint: Checkpoint | None = None
        self.code, self.bookmarks = Code(self), Bookmarks(self)
        self._coded: tuple[Path, int] | None = None  # whose code is in hand

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
        coded = self._whose(checkpoint)
        if coded != self._coded:  # a later checkpoint of the same run keeps what is in hand
            self._coded = coded
            self.bookmarks.put([])
            self.code.start(coded[1] if coded else 0)
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

    def _whose(self, checkpoint: Checkpoint | None) -> tuple[Path, int] | None:
        if checkpoint is None or not checkpoint.spec.is_image:
            return None  # what panels do with a code is to draw its image
        try:
            return checkpoint.path.parent, checkpoint.latent_dim
        except UserError:
            return None  # the model cannot be built: panels say why

    def close_run(self) -> None:
        self.run = None
        self.run_changed.emit(None)
        self.open_checkpoint(None)
