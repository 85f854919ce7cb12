"""Garbage is collected on the window's own thread only.

Python collects cycles on whichever thread happens to allocate. Cycles that hold Qt objects (pyqtgraph makes many) would
so be deleted on a thread that trains, beside the window that paints them: a crash that comes once in a while.
"""

import gc

from PySide6.QtCore import QObject, QTimer

from genexplorer.core.imports import importing

_EVERY_MS = 500


class Collector(QObject):
    """Stands in for Python's automatic collection while it lives, by the same thresholds."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._check)
        self._timer.start(_EVERY_MS)

    def stop(self) -> None:
        """The window goes: collect once more, then leave it to Python again."""
        self._timer.stop()
        gc.collect()
        gc.enable()

    def _check(self) -> None:
        if importing():  # it would walk over all that is new: measured, a third of a second in which nothing answers
            return
        for generation, (count, threshold) in reversed(
            list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))
        ):
            if threshold and count > threshold:
                gc.collect(generation)
                return
