"""The Train dock: what to train on what, the start and the stop, and how it goes."""

import os
import shlex
import subprocess
import sys
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genexplorer.core.data import DATASETS, DatasetRecipe
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import MODELS, ModelRecipe
from genexplorer.engine.jobs import Ended, Job
from genexplorer.engine.library import read_picture
from genexplorer.engine.pace import Pace
from genexplorer.engine.runs import Run, RunInfo
from genexplorer.engine.settings import Hardware, TrainRecipe
from genexplorer.engine.train import Note, Preview, Saved, Step, train
from genexplorer.gui.curves import CurvesView
from genexplorer.gui.docks.data_preview import DataPreview
from genexplorer.gui.form import RecipeForm
from genexplorer.gui.icons import icon
from genexplorer.gui.images import ImageView
from genexplorer.gui.jobs import Poll
from genexplorer.gui.scrubber import Scrubber
from genexplorer.gui.session import Session


class Train(QWidget):
    """One run is trained at a time, on a thread that leaves a core to the window."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.poll: Poll | None = None
        self.run: Run | None = None
        self.pace = Pace()
        self._compared: set[str] = set()
        self._batch = 0
        self.model, self.data = QComboBox(), QComboBox()
        self.model_form, self.data_form, self.train_form = RecipeForm(), RecipeForm(), RecipeForm(TrainRecipe)
        for combo, registry, form, name in (
            (self.model, MODELS, self.model_form, "Model"),
            (self.data, DATASETS, self.data_form, "Data set"),
        ):
            combo.setAccessibleName(name)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setToolTip(f"{name} to train")
            for key in registry:
                combo.addItem(registry[key].title or key, key)
            combo.currentIndexChanged.connect(
                lambda _, c=combo, r=registry, f=form: f.set_recipe_class(r[c.currentData()])
            )
        self.data_preview = DataPreview(session.store.cache)
        self.data.currentIndexChanged.connect(self._preview_data)
        self.data_form.changed.connect(self._preview_data)
        self.model.setCurrentIndex(self.model.findData("vae"))
        self.model_form.set_recipe_class(MODELS[self.model.currentData()])
        first = self.data.findData("faces")
        self.data.setCurrentIndex(max(first, 0))
        self.data_form.set_recipe_class(DATASETS[self.data.currentData()])
        self._preview_data()
        self.start_action = self._action("Start", "play", "Ctrl+Return", self.start)
        self.pause_action = self._action("Pause", "pause", "Ctrl+P", self.pause)
        self.stop_action = self._action("Stop", "stop", "Ctrl+.", self.stop)
        self.copy_action = self._action("Copy as command", "terminal", "", self.copy_command)
        self.cores_action = QAction("Use all cores", self, checkable=True)
        self.cores_action.setToolTip("From the next start on: faster, but the window may stutter while a model trains")
        self.curves, self.preview, self.scrubber = (
            CurvesView(),
            ImageView("Previews appear here while a model trains"),
            Scrubber(),
        )
        self.preview.setAcceptDrops(False)
        self.scrubber.frame_changed.connect(self._show_frame)
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setPlaceholderText("Nothing to tell. What a training leaves out, or what goes wrong, is kept here.")
        self.log.setMaximumBlockCount(5000)
        self.log.setAccessibleName("Log")
        self.state, self.bar = QLabel("Ready"), QProgressBar(textVisible=False)
        self.state.setWordWrap(True)
        self.state.setProperty("role", "muted")
        self._lay_out()
        self._show_buttons()
        session.run_changed.connect(self._show_run)

    @property
    def threads(self) -> int:
        """How many the next training takes: all cores, or one less, which is the window's."""
        cores = os.cpu_count() or 1
        return cores if self.cores_action.isChecked() else max(1, cores - 1)

    @property
    def training(self) -> bool:
        return self.poll is not None

    def choose_data(self, recipe: DatasetRecipe) -> None:
        """Put a data set's recipe into the form."""
        self.data.setCurrentIndex(self.data.findData(recipe.name))
        self.data_form.set_recipe(recipe)
        self._preview_data()

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

    def info(self) -> RunInfo:
        """What the forms say; UserError where a field is wrong."""
        model, data, settings = self.model_form.recipe(), self.data_form.recipe(), self.train_form.recipe()
        assert isinstance(model, ModelRecipe) and isinstance(data, DatasetRecipe) and isinstance(settings, TrainRecipe)
        return RunInfo(model, data, settings)

    def start(self) -> None:
        """A new run from the forms, or on with the open one where it was stopped."""
        try:
            run = self.session.store.create(self.info())
        except (UserError, Failure) as error:
            self.session.failed.emit(str(error))
            return
        self.go_on(run)

    def go_on(self, run: Run) -> None:
        """Train a run to its end."""
        if self.training:
            self.session.failed.emit("A run is being trained already; stop it first.")
            return
        threads = self.threads
        self.run, self.pace = run, Pace()
        self._batch = run.info().train.batch_size
        self.session.open_run(run)
        self.poll = Poll(Job(lambda: train(run, Hardware(threads=threads)), "genexplorer-train", threads), self)
        self.poll.batch.connect(self._receive)
        self.poll.ended.connect(self._ended)
        self.state.setText("Starting …")
        self.bar.setRange(0, 0)
        self._show_buttons()

    def pause(self) -> None:
        """Pause, or go on from a pause; or go on with the open run that was stopped."""
        if self.poll is None:
            if self.session.run is not None:
                self.go_on(self.session.run)
            return
        job = self.poll.job
        job.resume() if job.paused else job.pause()
        self.state.setText("Paused" if job.paused else "Going on …")
        self.pace = Pace()
        self._show_buttons()

    def stop(self) -> None:
        """After the step that it is in, and saved."""
        if self.poll is not None:
            self.state.setText("Stopping and saving …")
            self.poll.job.stop()

    def shut(self) -> None:
        """Stop, save, and wait for it."""
        if self.poll is not None:
            self.poll.finish()
            self.poll = None

    def hand_over(self) -> None:
        """Let a process of its own go on with the run: it resumes bit-exactly, so nothing is lost."""
        run = self.run
        self.shut()
        if run is not None:
            command = [sys.executable, "-m", "genexplorer", "train", "--resume", str(run.path)]
            null = subprocess.DEVNULL
            subprocess.Popen(command, stdin=null, stdout=null, stderr=null, start_new_session=True)

    def command(self) -> str:
        """The same training on the command line."""
        info = self.info()
        words = ["genexplorer", "train", info.model.name, info.data.name]
        for prefix, recipe in (("model", info.model), ("data", info.data), ("train", info.train)):
            for name, field in type(recipe).model_fields.items():
                value = getattr(recipe, name)
                if value == field.get_default(call_default_factory=True):
                    continue
                option = f"--{prefix}.{name.replace('_', '-')}"
                if isinstance(value, bool):
                    words.append(option if value else f"--{prefix}.no-{name.replace('_', '-')}")
                else:
                    words += [option, str(value)]
        return shlex.join(words)

    def copy_command(self) -> None:
        try:
            QGuiApplication.clipboard().setText(self.command())
        except UserError as error:
            self.session.failed.emit(str(error))
            return
        self.session.told.emit("The command is in the clipboard.")

    def _preview_data(self) -> None:
        try:
            recipe = self.data_form.recipe()
        except UserError:
            self.data_preview.show_recipe(None)
            return
        assert isinstance(recipe, DatasetRecipe)
        self.data_preview.show_recipe(recipe)

    def _receive(self, events: list[Any]) -> None:
        assert self.run is not None
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
                case Saved():
                    if self.session.run is not None and self.session.run.path == self.run.path:
                        self.session.refresh()
                case Note(text=text):
                    self._tell(text)
                case Progress(what=what, done=done, total=total):
                    self.state.setText(f"{what} …")
                    self.bar.setRange(0, total)
                    self.bar.setValue(done)
        if rows:
            self.curves.append(self.run.name, rows)
        if last is not None:
            self.bar.setRange(0, last.total)
            self.bar.setValue(last.step)
            self.state.setText(self._how_far(last))
        if frames and self.session.run is not None and self.session.run.path == self.run.path:
            self.scrubber.set_frames(self.run.previews())

    def _how_far(self, last: Step) -> str:
        if self.poll is not None and self.poll.job.paused:
            return f"Paused at step {last.step:,} of {last.total:,}"
        speed = self.pace.steps_per_second * self._batch
        pace = f"{speed:,.0f} images/s · {self.pace.text(last.total - last.step)}" if speed else ""
        return f"Step {last.step:,} of {last.total:,}\n{pace}"

    def _ended(self, ended: Ended) -> None:
        assert self.run is not None
        self.poll = None
        status = self.run.status()
        self.bar.setRange(0, 1)
        self.bar.setValue(int(status == "finished"))
        self.state.setText(ended.error or f"{self.run.name}: {status}")
        if ended.error:
            self._tell(ended.error)
            self.session.failed.emit(ended.error)
        self._show_buttons()
        self.session.refresh()

    def _tell(self, text: str) -> None:
        self.log.appendPlainText(text)
        self.tabs.setTabText(self.tabs.indexOf(self.log), f"Log ({self.log.blockCount()})")

    def _show_run(self, run: Run | None) -> None:
        for name in list(self.curves.runs()):
            if name not in self._compared and (run is None or name != run.name):
                self.curves.remove_run(name)
        if run is not None:
            self.curves.set_run(run.name, run.metrics())
            self.scrubber.set_frames(run.previews())
            if not run.previews():
                self.preview.set_image(None)
        else:
            self.scrubber.set_frames([])
            self.preview.set_image(None)
        self._show_buttons()

    def _show_frame(self, index: int) -> None:
        frames = self.scrubber.frames()
        if 0 <= index < len(frames):
            pixels: np.ndarray | None = read_picture(frames[index][1])
            self.preview.set_image(pixels)

    def _show_buttons(self) -> None:
        paused = self.poll is not None and self.poll.job.paused
        stopped = not self.training and self.session.run is not None and self.session.run.status() == "stopped"
        self.bar.setVisible(self.training)
        self.start_action.setEnabled(not self.training)
        self.pause_action.setEnabled(self.training or stopped)
        self.pause_action.setText("Resume" if paused or stopped else "Pause")
        self.pause_action.setIcon(icon("play" if paused or stopped else "pause"))
        self.stop_action.setEnabled(self.training)

    def _action(self, text: str, name: str, key: str, call: Any) -> QAction:
        action = QAction(icon(name), text, self)
        action.setShortcut(key)
        action.setToolTip(f"{text} ({key})" if key else text)
        action.triggered.connect(call)
        return action

    def _lay_out(self) -> None:
        forms = QWidget()
        grid = QGridLayout(forms)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setVerticalSpacing(8)
        for title, combo, form in (
            ("Data", self.data, self.data_form),
            ("Model", self.model, self.model_form),
            ("Training", None, self.train_form),
        ):
            heading = QLabel(title)
            heading.setProperty("role", "title")
            heading.setContentsMargins(0, 8 if title != "Data" else 0, 0, 0)
            grid.addWidget(heading)
            if combo:
                grid.addWidget(combo)
            grid.addWidget(form)
            if form is self.data_form:
                grid.addWidget(self.data_preview)
        grid.setRowStretch(grid.rowCount(), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(forms)
        seen = QWidget()
        column = QVBoxLayout(seen)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.preview, 1)
        column.addWidget(self.scrubber)
        self.tabs = QTabWidget(documentMode=True)
        for widget, name in ((area, "Settings"), (self.curves, "Curves"), (seen, "Previews"), (self.log, "Log")):
            self.tabs.addTab(widget, name)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for action in (self.start_action, self.pause_action, self.stop_action):
            button = QToolButton(toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setDefaultAction(action)
            if action is self.start_action:
                button.setProperty("primary", True)
                button.setIcon(icon("play", "on_accent"))
                action.changed.connect(lambda button=button: button.setIcon(icon("play", "on_accent")))
            buttons.addWidget(button)
        buttons.addStretch(1)
        copy = QToolButton()
        copy.setDefaultAction(self.copy_action)
        buttons.addWidget(copy)
        main = QVBoxLayout(self)
        main.setContentsMargins(8, 8, 8, 8)
        main.setSpacing(8)
        main.addLayout(buttons)
        main.addWidget(self.bar)
        main.addWidget(self.state)
        main.addWidget(self.tabs, 1)
