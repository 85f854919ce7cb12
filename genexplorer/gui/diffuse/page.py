"""What all pages of the panel have."""

from typing import Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.query import Query
from genexplorer.gui.images import Pixels
from genexplorer.gui.session import Session

PLAYS = (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_L)
"""Keys that are for the time bar, wherever on the page."""


class Page(QWidget):
    """A page asks by `asked`; the panel brings back what is answered."""

    asked = Signal(object)  # Query
    title: ClassVar[str] = ""
    lesson: ClassVar[str] = ""  # what one is looking at, where that is not what the panel says of all

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def page_actions(self) -> list[QAction]:
        """What the panel's menu offers."""
        return []

    def open(self, checkpoint: Checkpoint | None) -> None:
        raise NotImplementedError

    def awaits(self, query: Query) -> bool:
        """Whether the page still wants this answer."""
        raise NotImplementedError

    def show_reply(self, query: Query, answer: Any) -> None:
        raise NotImplementedError

    def fail(self) -> None:
        """What was asked cannot be answered; a person is told."""

    def film(self) -> tuple[Pixels, float] | None:
        """What moves, (N, C, H, W), and how many a second; None where there is nothing yet."""
        return None

    def still(self) -> Pixels | None:
        """All in one picture, (C, H, W)."""
        return None
