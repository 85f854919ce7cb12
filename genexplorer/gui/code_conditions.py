"""What the code in hand says of its conditions, to be chosen, and kept."""

import numpy as np

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.engine.conditions import Written

from .condition_bar import ConditionBar
from .session import Session


class CodeConditions(ConditionBar):
    """Follows the code; a choice is one step of its history. What is fixed is locked: random codes keep it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._code = session.code
        self._written: Written | None = None
        self._busy = False  # with its own locks
        self._read: tuple[float, ...] = ()  # what the controls were shown last
        self.fixed.setToolTip("Keep these, also in random codes and while the code of a photo is looked for")
        self.changed.connect(self._apply)
        self._code.started.connect(lambda _: self.take(None))
        self._code.changed.connect(self._follow)
        self._code.held_changed.connect(self._hear)

    def follow(self, checkpoint: Checkpoint | None) -> bool:
        """Whether it has conditions."""
        try:
            labels = () if checkpoint is None else checkpoint.conditions
        except UserError:
            labels = ()  # the model cannot be built: whatever asks it something says why
        self.show_labels(labels)
        return bool(labels)

    def take(self, written: Written | None) -> None:
        """How the conditions of the model are written; None: not known yet."""
        self._written = written if written is not None and written.places else None
        self.setEnabled(self._written is not None)
        self._hear()
        self._follow(self._code.z)

    def _follow(self, z: np.ndarray) -> None:
        if self._written is not None and len(self._written.places) == len(self.controls) and z.any():
            self.show_values(self._written.read(z[-len(self._written.names) :]))
            self._read = self.told()

    def _apply(self) -> None:
        if self._written is None:
            return
        if (told := self.told()) != self._read:
            z = self._code.z.copy()
            z[-len(self._written.names) :] = self._written.write(told)
            self._hold(False)
            self._code.change("Condition", z)
        self._hold(self.fixed.isChecked())

    def _hold(self, held: bool) -> None:
        assert self._written is not None
        self._busy = True
        names, eye = self._written.names, np.eye(len(self._code.z), dtype=np.float32)
        for name, dual in zip(names, eye[-len(names) :], strict=True):
            if held or self._code.holds(name):
                self._code.hold(name, dual if held else None)
        self._busy = False

    def _hear(self) -> None:
        """Where another let go of them, they are fixed no more."""
        if self.fixed.isChecked() and not self._busy:
            names = self._written.names if self._written is not None else ()
            if not names or not all(self._code.holds(name) for name in names):
                before = self.fixed.blockSignals(True)
                self.fixed.setChecked(False)
                self.fixed.blockSignals(before)
                self._unfold()

    def _unfold(self) -> None:
        super()._unfold()
        for part in self._parts:
            part.setEnabled(True)
