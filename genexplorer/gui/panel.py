"""What all panels have: a question asked of the checkpoint in the background, and room for its answer."""

import time
from collections.abc import Iterator
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.registry import Registry
from genexplorer.engine.jobs import Reply
from genexplorer.engine.query import Query, answer

from .figure import Figure
from .icons import icon
from .questions import Questions
from .session import Session
from .words import breakable


class Panel(QWidget):
    """A panel is its controls, its query, and how it draws the answer; the rest is here.

    `ask` sends a query to a thread that answers the newest one only; `show_reply` draws what comes back.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    tab: ClassVar[int] = 100  # its place among the tabs: lower is further left, and the window opens on the lowest
    needs: ClassVar[tuple[type, ...]] = ()  # abilities that a checkpoint's model must have for the panel to appear
    of_images: ClassVar[bool] = True  # else it appears for models of points too
    lesson: ClassVar[str] = ""  # what one is looking at, with the formula and its source

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.latency_ms = 0.0
        self._questions = Questions(lambda asked: answer(asked[1]), f"genexplorer-{self.name}", self, every_ms=1)
        self._questions.answered.connect(self._receive)
        self._banner, self._read_out = _Banner(), Figure("88888 ms")
        self._read_out.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        self._timed: Query | None = None
        self._read_out.setToolTip("From the question to the pixels on the screen")
        self.body = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 8)
        column.setSpacing(8)
        column.addWidget(self._banner)
        column.addLayout(self.body, 1)
        self._lesson = _Lesson(self.lesson, self._read_out)
        column.addWidget(self._lesson)

    @classmethod
    def fits(cls, checkpoint: Checkpoint | None) -> bool:
        """Whether it can show this checkpoint; without one it shows its empty state."""
        if checkpoint is None or (cls.of_images and not checkpoint.spec.is_image):
            return checkpoint is None
        try:
            return cls.suits(checkpoint)
        except UserError:
            return True  # the model cannot be built: the panel says why when it asks for an answer

    @classmethod
    def suits(cls, checkpoint: Checkpoint) -> bool:
        """Whether the checkpoint's model can do what is shown here."""
        return checkpoint.has(*cls.needs)

    def panel_actions(self) -> list[QAction]:
        """What the panel's menu offers."""
        return []

    def demonstrate(self) -> float:
        """Begin what a picture of this panel should show; says for how many seconds that wants to be let be."""
        return 0.0

    def follow(self, checkpoint: Checkpoint | None) -> None:
        """This is what is open now."""
        self.open(checkpoint if self.fits(checkpoint) else None)

    def open(self, checkpoint: Checkpoint | None) -> None:
        """Show another checkpoint, or the empty state."""
        raise NotImplementedError

    def show_reply(self, query: Query, answer: Any) -> None:
        """Draw one part of an answer."""
        raise NotImplementedError

    def show_failure(self, query: Query) -> None:
        """There is no answer to this: what was awaited is not any more. The banner says why."""

    def ask(self, query: Query) -> None:
        self._questions.ask((time.perf_counter(), query), self.kind_of(query))

    def kind_of(self, query: Query) -> object:
        """Of the questions of one kind only the newest is answered; any other one ends a long answer too."""
        return type(query)

    @property
    def busy(self) -> bool:
        """Whether something that was asked is not answered yet."""
        return self._questions.open

    def awaits(self, query: Query) -> bool:
        """Whether the answer is still wanted: another checkpoint's is not."""
        return query.checkpoint is self.session.checkpoint

    def teach(self, lesson: str) -> None:
        """Say something else of what one is looking at."""
        self._lesson.tell(lesson)

    def complain(self, sentence: str) -> None:
        self._banner.say(sentence)

    def shut(self) -> None:
        """End the thread; the panel is about to go."""
        self._questions.shut()

    def _receive(self, replies: list[Reply[tuple[float, Query]]]) -> None:
        for reply in replies:
            asked, query = reply.request
            if not self.awaits(query):
                continue
            if reply.error:
                self.complain(reply.error)
                self.show_failure(query)
                continue
            self._banner.hide()
            self.show_reply(query, reply.answer)
            if query is not self._timed:  # the first part of a long answer is what is waited for
                self._timed, self.latency_ms = query, (time.perf_counter() - asked) * 1000
                self._read_out.setText(f"{self.latency_ms:.0f} ms")


class _Panels(Registry[Panel]):
    """In the order of their tabs."""

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._found, key=lambda name: (self._found[name].tab, name)))


PANELS: Registry[Panel] = _Panels("panel")


class _Banner(QFrame):
    """One sentence about what went wrong, above what was shown last."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self._label = QLabel(wordWrap=True)
        close = QToolButton()
        close.setIcon(icon("x", "muted"))
        close.setToolTip("Dismiss")
        close.setAccessibleName("Dismiss")
        close.clicked.connect(self.hide)
        sign = QLabel()
        sign.setPixmap(icon("warning-circle", "error").pixmap(20, 20))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, sentence: str) -> None:
        self._label.setText(breakable(sentence))
        self.show()


class _Lesson(QWidget):
    """The folded "What am I looking at?", with something beside it."""

    def __init__(self, text: str, beside: QWidget) -> None:
        super().__init__()
        self._button = QToolButton()
        self._button.setText("What am I looking at?")
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setProperty("fold", True)
        self._button.setCheckable(True)
        self._button.setToolTip("What is shown, the formula, and its source")
        self._text = QLabel(text)
        self._text.setWordWrap(True)
        self._text.setVisible(False)
        self._button.toggled.connect(self._unfold)
        self._unfold(False)
        row = QHBoxLayout()
        row.addWidget(self._button)
        row.addStretch(1)
        row.addWidget(beside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._text)
        self._button.setVisible(bool(text))  # it has its place by now: shown before, it would be a window for a moment

    def tell(self, text: str) -> None:
        self._text.setText(text)
        self._button.setVisible(bool(text))

    def _unfold(self, unfolded: bool) -> None:
        self._button.setIcon(icon("caret-down" if unfolded else "caret-right"))
        self._text.setVisible(unfolded)
