"""Codes that the person keeps: each with a name and its picture."""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, eq=False)
class Bookmark:
    """z is float32 (D,); picture uint8 (C, H, W)."""

    name: str
    z: np.ndarray
    picture: np.ndarray


class Bookmarks(QObject):
    """Of the open model; another model begins with none."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[Bookmark] = []

    def all(self) -> tuple[Bookmark, ...]:
        return tuple(self._all)

    def put(self, bookmarks: list[Bookmark]) -> None:
        """These, instead of those that were there."""
        self._all = list(bookmarks)
        self.changed.emit()

    def add(self, z: np.ndarray, picture: np.ndarray, name: str = "") -> Bookmark:
        taken = {bookmark.name for bookmark in self._all}
        number = next(n for n in range(1, len(taken) + 2) if f"Code {n}" not in taken)
        bookmark = Bookmark(name or f"Code {number}", z.copy(), picture.copy())
        self.put([*self._all, bookmark])
        return bookmark

    def remove(self, bookmark: Bookmark) -> None:
        self.put([other for other in self._all if other is not bookmark])

    def rename(self, bookmark: Bookmark, name: str) -> None:
        self.put([replace(other, name=name) if other is bookmark else other for other in self._all])
