"""All that is before the person, saved in one file or opened from one, in the background."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QWidget

from genexplorer.engine.jobs import Ended, Job
from genexplorer.engine.workspace import SUFFIX, Kept, Workspace, open_workspace, save_workspace

from .bookmarks import Bookmark
from .icons import icon
from .jobs import Poll
from .session import Session


class Workspaces(QObject):
    """`shown` says which panel is in front, by its name; `reveal` is asked for the panel that a file says was."""

    reveal = Signal(str)

    def __init__(self, session: Session, window: QWidget, shown: Callable[[], str]) -> None:
        super().__init__(window)
        self._session, self._window, self._shown = session, window, shown
        self._file = Path.home() / f"workspace{SUFFIX}"
        self._polls: list[Poll] = []
        self.save_action = QAction(icon("floppy-disk"), "Save workspace…", self)
        self.save_action.setShortcut(QKeySequence.StandardKey.Save)
        self.save_action.setToolTip("Model, code, bookmarks and locks in one file, which opens on any machine")
        self.save_action.triggered.connect(self._ask)
        self.save_action.setEnabled(False)
        session.checkpoint_changed.connect(
            lambda checkpoint: self.save_action.setEnabled(checkpoint is not None and len(session.code.z) > 0)
        )

    def save(self, path: Path) -> None:
        checkpoint, code = self._session.checkpoint, self._session.code
        if checkpoint is None:
            return
        kept = tuple(Kept(each.name, each.z, each.picture) for each in self._session.bookmarks.all())
        held = tuple(zip(code.held_names, code.held.copy(), strict=True))
        workspace = Workspace(checkpoint, code.z.copy(), kept, held, self._shown())
        self._work(partial(save_workspace, path, workspace), lambda _: self._saved(path))

    def open(self, path: Path) -> None:
        self._work(partial(open_workspace, path, self._session.store.home), partial(self._opened, path))

    def shut(self) -> None:
        for poll in self._polls:
            poll.finish()

    def _ask(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self._window, "Save workspace", str(self._file), f"Workspace (*{SUFFIX})")
        if name:
            path = Path(name)
            self.save(path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX))

    def _saved(self, path: Path) -> None:
        self._file = path
        self._session.told.emit(f"{path.name} is saved: it opens here and on any other machine.")

    def _opened(self, path: Path, workspace: Workspace) -> None:
        self._file = path
        session, code = self._session, self._session.code
        session.open_alone(workspace.checkpoint)
        session.bookmarks.put([Bookmark(each.name, each.z, each.picture) for each in workspace.bookmarks])
        code.let_go()
        for name, dual in workspace.held:
            code.hold(name, dual)
        code.drag(workspace.z)
        code.history.clear()
        self.reveal.emit(workspace.panel)

    def _work(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def once() -> Iterator[Any]:
            yield work()

        poll = Poll(Job(once, "genexplorer-workspace", 1), self)
        self._polls.append(poll)
        poll.batch.connect(lambda results: done(results[0]))
        poll.ended.connect(lambda ended: self._end(poll, ended))

    def _end(self, poll: Poll, ended: Ended) -> None:
        self._polls.remove(poll)
        poll.finish()
        poll.deleteLater()
        if ended.error:
            self._session.failed.emit(ended.error)
