"""A place for codes: dropped there, or taken from a menu; pictures become codes once the model has seen them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from genexplorer.core.abilities import Draws, Encodes
from genexplorer.engine.gather import SEEDS, Gathered, Seed, Source
from genexplorer.gui.bookmark_strip import moved
from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.cards import Cards
from genexplorer.gui.icons import icon
from genexplorer.gui.images import SUFFIXES, to_qimage
from genexplorer.gui.session import Session
from genexplorer.gui.wrap import Wrap

_AT_ONCE = 256  # seeds
_BLANK = np.full((1, 1, 1), 128, np.uint8)


@dataclass(frozen=True, eq=False)
class Item(Bookmark):
    """A code in a tray. Until the model has drawn it, it is asked for: as `origin`, a picture or seed, or by its z."""

    origin: Path | Seed | None = None
    known: bool = True


class Tray(QWidget):
    """Codes in an order, `limit` of them at most, where a new one takes the place of the last."""

    changed = Signal()

    def __init__(self, title: str, session: Session, empty: str, limit: int | None = None, wraps: bool = False) -> None:
        super().__init__()
        self._session, self._limit = session, limit
        self._items: list[Item] = []
        self._rng = np.random.default_rng()
        self.cards = Cards(empty, takes_files=True, wraps=wraps)
        self.cards.setAccessibleName(title)
        self.cards.setToolTip("Click: send to the sliders. Double click: rename. Delete: remove. Drag: order, or reuse")
        self.cards.sent.connect(self._send)
        self.cards.removed.connect(lambda row: self._put([*self._items[:row], *self._items[row + 1 :]]))
        self.cards.renamed.connect(self._rename)
        self.cards.moved.connect(lambda row, before: self._put(moved(list(self._items), row, before)))
        self.cards.code_dropped.connect(lambda code, before: self.add([code], before))
        self.cards.files_dropped.connect(self.add_files)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._offer)
        self.plus = QToolButton()
        self.plus.setIcon(icon("plus"))
        self.plus.setToolTip(f"Add to {title}: the code in hand, a random one, pictures or a bookmark")
        self.plus.setAccessibleName(f"Add to {title}")
        self.plus.setMenu(self._menu)
        self.plus.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        label = QLabel(title)
        label.setProperty("role", "title")
        self.header = Wrap()
        self.header.addWidget(label)
        self.header.addWidget(self.plus)
        self.header.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self.header)
        column.addWidget(self.cards)

    def items(self) -> tuple[Item, ...]:
        return tuple(self._items)

    def codes(self) -> np.ndarray:
        """(n, D) of those that are known."""
        known = [item.z for item in self._items if item.known]
        return np.stack(known) if known else np.zeros((0, len(self._session.code.z)), np.float32)

    def pending(self) -> list[Source]:
        """What the model has to be asked about."""
        return [item.origin or item.z for item in self._items if not item.known]

    def fill(self, gathered: Gathered) -> None:
        """The model's answer about one of them; what could not be read is taken out."""
        if not any(gathered.source is source for source in self.pending()):
            return
        kept = [item for item in self._items if not (gathered.error and _asked(item, gathered))]
        self._put(
            [
                replace(item, z=gathered.z, picture=gathered.picture, known=True) if _asked(item, gathered) else item
                for item in kept
            ]
        )

    def give_up(self) -> None:
        """Take out the pictures whose codes nobody has found yet."""
        if any(isinstance(item.origin, Path) and not item.known for item in self._items):
            self._put([item for item in self._items if item.known or not isinstance(item.origin, Path)])

    def forget(self) -> None:
        """Another checkpoint: it may see and draw all of them differently."""
        self._items = [replace(item, known=False) for item in self._items]

    def clear(self) -> None:
        self._put([])

    def add(self, codes: Sequence[Bookmark], before: int | None = None) -> None:
        fit = [code if isinstance(code, Item) else Item(code.name, code.z, code.picture) for code in codes]
        dim = len(self._session.code.z)
        if not dim:
            self._session.failed.emit("There is no model yet to use codes with; open a run first.")
        elif any(item.known and len(item.z) != dim for item in fit):
            self._session.failed.emit(f"That code is of another model; this one has codes of {dim} numbers.")
        elif self._limit is not None:
            self._put([*self._items, *fit][-self._limit :])
        else:
            place = len(self._items) if before is None else before
            self._put([*self._items[:place], *fit, *self._items[place:]])

    def add_files(self, files: Sequence[Path], before: int | None = None) -> None:
        self.add([Item(file.stem, np.zeros(0, np.float32), _BLANK, file, False) for file in files], before)

    def add_code(self, name: str, z: np.ndarray) -> None:
        """A code that nobody has drawn yet."""
        self.add([Item(name, z.copy(), _BLANK, None, False)])

    def add_random(self) -> None:
        taken = {item.name for item in self._items}
        number = next(n for n in range(1, len(taken) + 2) if f"Random {n}" not in taken)
        if self._can(Draws):
            seed = Seed(int(self._rng.integers(SEEDS)))
            self.add([Item(f"Random {number}", np.zeros(0, np.float32), _BLANK, seed, False)])
        else:
            self.add_code(f"Random {number}", self._rng.standard_normal(len(self._session.code.z)).astype(np.float32))

    def add_seeds(self, numbers: Sequence[int]) -> None:
        """The codes that the model draws by these numbers, as in Seeds."""
        none = np.zeros(0, np.float32)
        self.add([Item(f"Seed {number}", none, _BLANK, Seed(number), False) for number in numbers])

    def _can(self, ability: type) -> bool:
        checkpoint = self._session.checkpoint
        return checkpoint is not None and checkpoint.has(ability)

    def _put(self, items: Sequence[Item]) -> None:
        self._items = list(items)
        self.cards.set_cards(self._items)
        self.changed.emit()

    def _send(self, row: int) -> None:
        if self._items[row].known:
            self._session.code.change(f"Go to {self._items[row].name}", self._items[row].z)

    def _rename(self, row: int, name: str) -> None:
        self._items[row] = replace(self._items[row], name=name)
        self.cards.set_cards(self._items)

    def _offer(self) -> None:
        self._menu.clear()
        hand = self._menu.addAction(icon("sliders-horizontal"), "The code in hand")
        hand.triggered.connect(lambda: self.add_code("In hand", self._session.code.z))
        self._menu.addAction(icon("dice-five"), "A random code").triggered.connect(self.add_random)
        if self._can(Draws):
            self._menu.addAction(icon("hash"), "Codes of seeds…").triggered.connect(self._ask_for_seeds)
        if self._can(Encodes) or self._can(Draws):
            self._menu.addAction(icon("image"), "Pictures…").triggered.connect(self._ask_for_files)
        kept = self._session.bookmarks.all()
        if kept:
            self._menu.addSeparator()
        for bookmark in kept:
            action = self._menu.addAction(QPixmap.fromImage(to_qimage(bookmark.picture)), bookmark.name)
            action.triggered.connect(lambda _=False, bookmark=bookmark: self.add([bookmark]))

    def _ask_for_seeds(self) -> None:
        text, chosen = QInputDialog.getText(self, "Add seeds", "Seeds, such as 3, 17 or 40-45:")
        if not chosen or not text.strip():
            return
        try:
            self.add_seeds(_numbers(text))
        except ValueError:
            self._session.failed.emit(
                f"{text!r} names no seeds: write whole numbers below {SEEDS:,}, as 3, 17 or 40-45."
            )

    def _ask_for_files(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        names, _ = QFileDialog.getOpenFileNames(self, "Add pictures", "", f"Pictures ({endings})")
        self.add_files([Path(name) for name in names])


def _numbers(text: str) -> list[int]:
    """Of "3, 17, 40-45": 3, 17, 40, 41 … 45; ValueError where that is no list of seeds."""
    found: list[int] = []
    for part in text.replace(",", " ").split():
        first, _, last = part.partition("-")
        numbers = range(int(first), int(last or first) + 1)
        if not numbers or len(numbers) > _AT_ONCE or numbers[-1] >= SEEDS:
            raise ValueError(part)
        found += numbers
    return found


def _asked(item: Item, gathered: Gathered) -> bool:
    return not item.known and gathered.source is (item.origin or item.z)
