"""Names for sliders: fit directions from the labels of the data set, and show what each of them was measured to do."""

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.jobs import Ended, Job
from genexplorer.engine.naming import Named, name_directions

from .effect_matrix import EffectDialog
from .icons import icon
from .jobs import Poll
from .naming_menu import NamingMenu
from .session import Session
from .work_bar import WorkBar
from .wrap import Wrap


class NamedBar(QWidget):
    """Fits on a thread of its own; `found` comes twice, first without and then with the measured effects."""

    found = Signal(object, object)  # Checkpoint, Named
    chosen = Signal(int)  # an attribute, in the matrix of effects

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._poll: Poll | None = None
        self._whose: Checkpoint | None = None
        self.fit_button, self.effects_button = QToolButton(), QToolButton()
        self.work = WorkBar("Stop naming")
        self.work.cancelled.connect(self.cancel)
        self.effects = EffectDialog(self)
        self.effects.matrix.chosen.connect(self.chosen)
        for button, name, text, does, call in (
            (self.fit_button, "tag", "Name sliders", "Fit a direction for each label, and measure it", self.fit),
            (
                self.effects_button,
                "squares-four",
                "Effects",
                "What each slider changes, itself and besides",
                self.unfold,
            ),
        ):
            button.setIcon(icon(name))
            button.setText(text)
            button.setToolTip(does)
            button.setAccessibleName(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(call)
        self.how_button, self.how = _how_button(), NamingMenu()
        self.how_button.setMenu(self.how)
        row = Wrap(self, spacing=4)
        for widget in (self.fit_button, self.how_button, self.effects_button, self.work):
            row.addWidget(widget)
        row.addStretch()
        self.show_named(None)

    @property
    def busy(self) -> bool:
        return self._poll is not None

    def show_named(self, named: Named | None) -> None:
        self.effects_button.setEnabled(named is not None and named.effect is not None)
        self.effects.matrix.show_named(named)
        self.fit_button.setText("Name sliders" if named is None else "Name anew")
        self.fit_button.setProperty("primary", named is None)
        self.fit_button.setIcon(icon("tag", "on_accent" if named is None else "text"))
        self.fit_button.style().polish(self.fit_button)
        self._dress()

    def fit(self) -> None:
        checkpoint = self._session.checkpoint
        if checkpoint is not None and self._poll is None:
            cache, self._whose = self._session.store.cache, checkpoint
            threads = max(1, (os.cpu_count() or 2) - 1)
            method, hold_fixed = self.how.method, self.how.hold_fixed
            job = Job(lambda: name_directions(checkpoint, cache, method, hold_fixed), "genexplorer-naming", threads)
            self._poll = Poll(job, self, 50)
            self._poll.batch.connect(self._receive)
            self._poll.ended.connect(self._ended)
            self._receive([Progress("Starting", 0, 0)])
            self._dress()

    def unfold(self) -> None:
        if not self.effects.isVisible():
            self.effects.resize(self.effects.sizeHint())
        self.effects.show()
        self.effects.raise_()

    def cancel(self) -> None:
        if self._poll is not None:
            self._poll.job.stop()
            self.work.cancel_button.setEnabled(False)

    def shut(self) -> None:
        """End the thread."""
        if self._poll is not None:
            self._poll.finish()

    def _receive(self, events: list[Progress | Named]) -> None:
        for event in events:
            if isinstance(event, Named):
                self.found.emit(self._whose, event)
        last = events[-1]
        if isinstance(last, Progress):
            self.work.tell(last)

    def _ended(self, ended: Ended) -> None:
        self._poll = None
        self._dress()
        if ended.error:
            self._session.failed.emit(ended.error)

    def _dress(self) -> None:
        if not self.busy:
            self.work.tell(None)
        self.work.cancel_button.setEnabled(True)
        for widget in (self.fit_button, self.how_button, self.effects_button):
            widget.setVisible(not self.busy)


def _how_button() -> QToolButton:
    button = QToolButton()
    button.setIcon(icon("gear-six"))
    button.setToolTip("How directions are found the next time that sliders are named")
    button.setAccessibleName("How sliders are named")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    return button
