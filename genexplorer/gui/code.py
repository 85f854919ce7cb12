"""The code in hand: the z that all panels edit and show, with one history."""

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from genexplorer.engine.axes import freed


class Code(QObject):
    """z is float32 (D,). Whoever draws it listens to `changed`; whoever is built for D numbers listens to `started`."""

    started = Signal(int)  # D of another model; 0 for none
    changed = Signal(object)  # z, also while a slider is dragged
    held_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.z = np.zeros(0, np.float32)
        self._held: dict[str, np.ndarray] = {}
        self.history = QUndoStack(self)

    def start(self, dim: int) -> None:
        """Another model's code: zeros, with no history."""
        self.history.clear()
        self.z, self._held = np.zeros(dim, np.float32), {}
        self.started.emit(dim)
        self.held_changed.emit()
        self.changed.emit(self.z)

    def drag(self, z: np.ndarray) -> None:
        """Show another code for now; `commit` makes it a step of the history."""
        if len(z) == len(self.z):
            self.z = np.asarray(z, np.float32).copy()
            self.changed.emit(self.z)

    def commit(self, text: str, before: np.ndarray) -> None:
        """From `before` to what is in hand now was one step."""
        if len(before) == len(self.z) and not np.array_equal(before, self.z):
            self.history.push(_Move(self, text, before.copy(), self.z.copy()))

    def change(self, text: str, z: np.ndarray) -> None:
        """Go to another code in one step; what is locked stays."""
        if len(z) == len(self.z):
            before = self.z
            self.drag(before + freed(z - before, self.held) if self._held else z)
            self.commit(text, before)

    @property
    def held(self) -> np.ndarray:
        """What `change` keeps, as duals (L, D): `held @ z` stays."""
        return np.stack(list(self._held.values())) if self._held else np.zeros((0, len(self.z)), np.float32)

    @property
    def held_names(self) -> list[str]:
        return list(self._held)

    def holds(self, name: str) -> bool:
        return name in self._held

    def hold(self, name: str, dual: np.ndarray | None) -> None:
        """Keep the place of every code to come on this axis (D,), or let it go."""
        if dual is None:
            self._held.pop(name, None)
        else:
            self._held[name] = np.asarray(dual, np.float32)
        self.held_changed.emit()

    def let_go(self) -> None:
        """Keep no place any more."""
        self._held.clear()
        self.held_changed.emit()


class _Move(QUndoCommand):
    """From one code to another, and back."""

    def __init__(self, code: Code, text: str, before: np.ndarray, after: np.ndarray) -> None:
        super().__init__(text)
        self._code, self._before, self._after = code, before, after

    def undo(self) -> None:
        self._code.drag(self._before)

    def redo(self) -> None:
        if not np.array_equal(self._code.z, self._after):
            self._code.drag(self._after)
