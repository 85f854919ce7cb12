"""The codes that were kept, beside whatever works with them."""

from typing import TypeVar

from PySide6.QtWidgets import QWidget

from .bookmarks import Bookmark
from .cards import Cards
from .session import Session

Card = TypeVar("Card", bound=Bookmark)


class BookmarkStrip(Cards):
    """The session's bookmarks: a click sends one to the sliders; dropped codes are kept."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Bookmarks that you keep appear here", parent=parent)
        self._session = session
        self.setAccessibleName("Bookmarks")
        self.setToolTip(
            "Click: send to the sliders. Double click: rename. Delete: remove. Drag: use it elsewhere, "
            "also several, chosen with Ctrl or Shift"
        )
        self.sent.connect(self._send)
        self.removed.connect(lambda row: session.bookmarks.remove(self._at(row)))
        self.renamed.connect(lambda row, name: session.bookmarks.rename(self._at(row), name))
        self.moved.connect(self._move)
        self.code_dropped.connect(self._keep)
        session.bookmarks.changed.connect(self._show)
        self._show()

    def _at(self, row: int) -> Bookmark:
        return self._session.bookmarks.all()[row]

    def _show(self) -> None:
        self.set_cards(self._session.bookmarks.all())

    def _send(self, row: int) -> None:
        self._session.code.change(f"Go to {self._at(row).name}", self._at(row).z)

    def _move(self, row: int, before: int) -> None:
        self._session.bookmarks.put(moved(list(self._session.bookmarks.all()), row, before))

    def _keep(self, code: Bookmark, before: int) -> None:
        if len(code.z) == len(self._session.code.z):
            cards = list(self._session.bookmarks.all())
            self._session.bookmarks.put([*cards[:before], code, *cards[before:]])


def moved(cards: list[Card], row: int, before: int) -> list[Card]:
    """The list with one card at another place: before the one that stood at `before`."""
    card = cards.pop(row)
    cards.insert(before - (before > row), card)
    return cards
