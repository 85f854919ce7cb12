"""The Train dock: start and stop, how it goes, and in its tabs what is trained and what comes of it."""

from typing import Any

from PySide6.QtGui import QAction, QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import Progress
from genexplorer.engine.command import command
from genexplorer.engine.doctor import Remedy, prescribe
from genexplorer.engine.jobs import Ended
from genexplorer.engine.pace import Pace
from genexplorer.engine.runs import Run
from genexplorer.engine.train import Note, Preview, Step
from genexplorer.gui.actions import buttons_of
from genexplorer.gui.curves import CurvesView
from genexplorer.gui.docks.doctor import Doctor
from genexplorer.gui.docks.previews import Previews
from genexplorer.gui.docks.recipes import Recipes
from genexplorer.gui.docks.training import Training
from genexplorer.gui.icons import icon
from genexplorer.gui.session import Session
from genexplorer.gui.tabs import Tabs
from genexplorer.gui.wrap import Wrap


class Train(QWidget):
    """Shows the open run's curves and previews, whoever trains it; `work` is the training of this window."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.work, self.pace = Training(session, self), Pace()
        self.recipes = Recipes(session.store)
        self._compared: set[str] = set()
        self.curves, self.previews, self.doctor = CurvesView(), Previews(), Doctor()
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setPlaceholderText("Nothing to tell. What a training leaves out, or what goes wrong, is kept here.")
        self.log.setMaximumBlockCount(5000)
        self.log.setAccessibleName("Log")
        self.state, self.bar = QLabel("Ready", wordWrap=True), QProgressBar(textVisible=False)
        self.state.setProperty("role", "muted")
        self.bar.setAccessibleName("Training")
        self._make_actions()
        self._lay_out()
        self.doctor.prescribed.connect(self.treat)
        self.work.told.connect(self._receive)
        self.work.ended.connect(self._ended)
        self.work.changed.connect(self._show_state)
        session.run_changed.connect(self._show_run)
        self._show_buttons()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.work.get_ready()

    def compare(self, run: Run) -> None:
        """Lay a run's curves over those of the open one; asked again, take them away."""
        if run.name in self._compared:
            self._compared.discard(run.name)
            if self.session.run is None or self.session.run.name != run.name:
                self.curves.remove_run(run.name)
        else:
            self._compared.add(run.name)
            self.curves.set_run(run.name, run.metrics())
        self.tabs.setCurrentWidget(self.curves)

    def start(self) -> None:
        """A new run from the forms."""
        try:
            run = self.session.store.create(self.recipes.info())
        except (UserError, Failure) as error:
            self.session.failed.emit(str(error))
            return
        self.work.go_on(run)

    def treat(self, run: Run, remedy: Remedy) -> None:
        """Train a new run by a remedy of the doctor's, in place of what is being trained."""
        self.session.told.emit(f"{remedy.text} {run.name} stays as it is.")
        self.work.go_over_to(lambda: prescribe(self.session.store, run, remedy))

    def stop(self) -> None:
        self.state.setText("Stopping and saving …")
        self.work.stop()

    def copy_command(self) -> None:
        """The same training on the command line."""
        try:
            QGuiApplication.clipboard().setText(command(self.recipes.info()))
        except UserError as error:
            self.session.failed.emit(str(error))
            return
        self.session.told.emit("The command is in the clipboard.")

    def shut(self) -> None:
        """End all threads; what is trained is saved."""
        self.work.shut()
        self.doctor.shut()
        self.curves.shut()
        self.recipes.shut()

    def _receive(self, events: list[Any]) -> None:
        assert self.work.run is not None
        rows, last, frames = [], None, False
        for event in events:
            match event:
                case Step(step=step, metrics=metrics, seconds=seconds):
                    last = event
                    self.pace.add(step, seconds)
                    if metrics:
                        rows.append({"step": float(step), **metrics})
                case Preview():
                    frames = True
                case Note(text=text):
                    self._tell(text)
                case Progress(what=what, done=done, total=total):
                    self.state.setText(f"{what} …")
                    self.bar.setRange(0, total)
                    self.bar.setValue(done)
        if rows:
            self.curves.append(self.work.run.name, rows)
        if last is not None:
            self.bar.setRange(0, last.total)
            self.bar.setValue(last.step)
            self.state.setText(self._how_far(last))
        if frames and self.work.seen:
            self.previews.set_frames(self.work.run.previews())
        if self.work.seen and any("held_in" in row for row in rows):
            self.doctor.look(self.work.run)

    def _how_far(self, last: Step) -> str:
        if self.work.paused:
            return f"Paused at step {last.step:,} of {last.total:,}"
        speed = self.pace.steps_per_second * self.work.batch_size
        pace = f"{speed:,.0f} images/s · {self.pace.text(last.total - last.step)}" if speed else ""
        return f"Step {last.step:,} of {last.total:,}\n{pace}"

    def _show_state(self) -> None:
        """It began, paused, or went on."""
        if self.work.going:
            begins = self.bar.isHidden()
            self.state.setText("Starting …" if begins else "Paused" if self.work.paused else "Going on …")
            self.pace = Pace()
            if begins:
                self.bar.setRange(0, 0)
        self._show_buttons()

    def _ended(self, ended: Ended) -> None:
        assert self.work.run is not None
        if ended.error:
            self._tell(ended.error)
            self.session.failed.emit(ended.error)
        self.state.setText(ended.error or f"{self.work.run.name}: {self.work.run.status()}")
        self.doctor.look(self.session.run)
        self._show_buttons()

    def _tell(self, text: str) -> None:
        self.log.appendPlainText(text)
        self.tabs.setTabText(self.tabs.indexOf(self.log), f"Log ({self.log.blockCount()})")

    def _show_run(self, run: Run | None) -> None:
        for name in list(self.curves.runs()):
            if name not in self._compared and (run is None or name != run.name):
                self.curves.remove_run(name)
        if run is not None:
            self.curves.set_run(run.name, run.metrics())
        self.previews.set_frames([] if run is None else run.previews())
        self.doctor.look(run)
        self._show_buttons()

    def _show_buttons(self) -> None:
        going, run = self.work.going, self.session.run
        resumes = self.work.paused or (not going and run is not None and run.status() == "stopped")
        self.bar.setVisible(going)
        self.start_action.setEnabled(not going)
        self.pause_action.setEnabled(going or resumes)
        self.pause_action.setText("Resume" if resumes else "Pause")
        self.pause_action.setIcon(icon("play" if resumes else "pause"))
        self.stop_action.setEnabled(going)

    def _make_actions(self) -> None:
        self.start_action = self._action("Start", "play", "Ctrl+Return", self.start)
        self.pause_action = self._action("Pause", "pause", "Ctrl+P", self.work.pause)
        self.stop_action = self._action("Stop", "stop", "Ctrl+.", self.stop)
        self.copy_action = self._action("Copy as command", "terminal", "", self.copy_command)
        self.cores_action = QAction("Use all cores", self, checkable=True)
        self.cores_action.setToolTip("From the next start on: faster, but the window may stutter while a model trains")
        self.cores_action.toggled.connect(lambda on: setattr(self.work, "all_cores", on))

    def _action(self, text: str, name: str, key: str, call: Any) -> QAction:
        action = QAction(icon(name), text, self)
        action.setShortcut(key)
        action.setToolTip(f"{text} ({key})" if key else text)
        action.triggered.connect(call)
        return action

    def _lay_out(self) -> None:
        start, *others = buttons_of(self.start_action, self.pause_action, self.stop_action, texts=True)
        start.setProperty("primary", True)
        start.setIcon(icon("play", "on_accent"))
        self.start_action.changed.connect(lambda: start.setIcon(icon("play", "on_accent")))
        row = Wrap(spacing=4)
        for button in (start, *others):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(*buttons_of(self.copy_action))
        self.tabs = Tabs({"Settings": self.recipes, "Curves": self.curves, "Previews": self.previews, "Log": self.log})
        main = QVBoxLayout(self)
        main.setContentsMargins(8, 8, 8, 8)
        main.setSpacing(8)
        main.addLayout(row)
        for widget in (self.bar, self.state, self.doctor):
            main.addWidget(widget)
        main.addWidget(self.tabs, 1)
