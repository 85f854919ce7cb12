"""What takes long to find is kept while a run trains: whose it is, and a row that says so and offers a newer one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from genexplorer.core.checkpoint import Checkpoint

from .elided import Elided
from .session import Session


class Kept:
    """The checkpoint that a panel shows: a later one of the same run does not take its place before it is asked to."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.of: Checkpoint | None = None  # whose answers are shown, or coming
        self._before: Checkpoint | None = None
        self._waiting: Checkpoint | None = None  # to be shown once the panel is seen

    def open(self, checkpoint: Checkpoint | None, found: bool = True) -> bool:
        """Whether what is shown stays; not where nothing of worth was found of it."""
        of = self.of
        if found and checkpoint is not None and of is not None and checkpoint.path.parent == of.path.parent:
            return True
        self.of, self._before, self._waiting = None, None, checkpoint
        return False

    def take(self) -> bool:
        """Show the one that waits from now on; whether there is one."""
        if self._waiting is None:
            return False
        self._before, self.of, self._waiting = self.of, self._waiting, None
        return True

    def renew(self) -> None:
        """The newest one waits."""
        self._waiting = self._session.checkpoint

    def give_up(self) -> None:
        """What was taken has not come; what is shown is still the one's before."""
        self.of = self._before or self.of

    @property
    def behind(self) -> bool:
        """Whether another one is open by now."""
        now = self._session.checkpoint
        return self.of is not None and now is not None and now.path != self.of.path

    def step(self) -> str:
        return f"at step {self.of.step:,}" if self.of is not None else ""

    def offer(self) -> str:
        """What a button says where another one is open by now."""
        now = self._session.checkpoint
        return f"Update to step {now.step:,}" if self.behind and now is not None else ""


class Freshness(QWidget):
    """What is shown, how far work on it is, and what can be done about it: one row beneath it."""

    cancelled = Signal()
    offered = Signal()  # the offer was taken

    def __init__(self) -> None:
        super().__init__()
        self.label, self.bar = Elided(), QProgressBar(textVisible=False)
        self.bar.setFixedWidth(96)
        self.cancel, self.offer = QPushButton("Cancel"), QPushButton()
        self.cancel.setToolTip("Stop; what is there stays")
        self.cancel.clicked.connect(self.cancelled)
        self.offer.clicked.connect(self.offered)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label, 1)
        for widget in (self.bar, self.cancel, self.offer):
            row.addWidget(widget)
        self.rest("")

    def rest(self, text: str, offer: str = "", does: str = "") -> None:
        """Nothing is being worked on; a button where there is something to offer."""
        self.label.setText(text)
        self.bar.hide()
        self.cancel.hide()
        self.offer.setText(offer)
        self.offer.setToolTip(does)
        self.offer.setVisible(bool(offer))

    def work(self, text: str, done: int, total: int) -> None:
        """total 0: no telling how far."""
        self.label.setText(text)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.setAccessibleName(text)
        self.bar.show()
        self.cancel.show()
        self.offer.hide()
