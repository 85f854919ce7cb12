"""The composition root of the window: finds the plug-ins, and puts session, docks and panels together."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from genexplorer.core.errors import UserError
from genexplorer.core.imports import uncollected
from genexplorer.engine.home import home_folder


def launch(paths: list[Path], home: Path | None) -> None:
    """Open the window and stay until it is closed."""
    app = application()
    window = make_window(home)
    window.show()
    app.processEvents()
    await_plugins(app)
    desk = Desk(window, home)
    desk.open_paths(paths)
    code = app.exec()
    if code:
        raise SystemExit(code)


def application() -> Any:
    """Qt's application, set up for a window beside a busy thread."""
    from PySide6.QtWidgets import QApplication

    sys.setswitchinterval(0.001)  # the window waits less for a busy thread to let go of the interpreter
    app = QApplication.instance() or QApplication([sys.argv[0]])
    app.setApplicationName("genexplorer")
    return app


def make_window(home: Path | None) -> Any:
    """The main window, still empty; UserError where its home cannot be made."""
    from genexplorer.gui.main_window import MainWindow

    folder = home_folder(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made ({error.strerror}); choose another place with --home.") from error
    return MainWindow(folder / "window.ini")


def await_plugins(app: Any) -> None:
    """Import torch and everything upon it on a thread, so that the window is painted and answers meanwhile."""
    failed: list[BaseException] = []

    def load() -> None:
        from genexplorer.core.registry import discover

        try:
            with uncollected():
                discover(
                    "genexplorer.models", "genexplorer.datasets", "genexplorer.metrics", "genexplorer.engine.rules"
                )
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=load, name="genexplorer-plugins")
    thread.start()
    while thread.is_alive():
        app.processEvents()
        thread.join(0.016)  # a frame: each look takes the interpreter away from who imports
    if failed:
        raise failed[0]
    from genexplorer.core.registry import discover

    discover("genexplorer.gui.panels")


class Desk:
    """Session, docks and panels around one window."""

    def __init__(self, window: Any, home: Path | None) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QAction, QGuiApplication

        from genexplorer.engine.diagnostics import diagnostics
        from genexplorer.engine.runs import RunStore
        from genexplorer.gui.cheat_sheet import cheat_sheet_action
        from genexplorer.gui.docks.library import Library
        from genexplorer.gui.docks.train import Train
        from genexplorer.gui.opening import Opener
        from genexplorer.gui.panel_tabs import PanelTabs
        from genexplorer.gui.session import Session
        from genexplorer.gui.workspaces import Workspaces

        self.window = window
        self.session = Session(RunStore(home_folder(home)))
        kept = _paths(str(window.settings.value("folders", "[]")))
        self.library, self.train = Library(self.session, kept), Train(self.session)
        self.session.failed.connect(lambda text: window.toasts.show(text, "error"))
        self.session.told.connect(lambda text: window.toasts.show(text))
        self.session.offered.connect(lambda text, name, do: window.toasts.show(text, action=(name, do), ms=20_000))
        self.session.run_changed.connect(self._remember)
        self.library.dataset_chosen.connect(self._show_data)
        self.library.folders_changed.connect(
            lambda folders: window.settings.setValue("folders", json.dumps([str(each) for each in folders]))
        )
        self.tabs = PanelTabs(self.session, window)
        self.tabs.made.connect(lambda: window.refill("&Edit", self.tabs.actions()))
        self.workspaces = Workspaces(self.session, window, self.tabs.in_front)
        self.workspaces.reveal.connect(self.tabs.reveal)
        self.session.dimension_wanted.connect(self._show_dimension)
        opener = Opener(window, self.session.store.folder)
        opener.chosen.connect(self.open_paths)
        self.library.model_chosen.connect(lambda path: self.open_paths([path]))
        self.library.compared.connect(self.train.compare)
        self.train.cores_action.setChecked(window.settings.value("all_cores", False, type=bool))
        self.train.cores_action.toggled.connect(lambda on: window.settings.setValue("all_cores", on))
        strips = self.panel("latent").strips_action
        strips.setChecked(window.settings.value("film_strips", True, type=bool))
        strips.toggled.connect(lambda on: window.settings.setValue("film_strips", on))
        diagnose = QAction("Copy diagnostics", window)
        diagnose.triggered.connect(
            lambda: QGuiApplication.clipboard().setText(
                "\n".join(f"{name}: {value}" for name, value in diagnostics(self.session.store.home).items())
            )
        )
        window.furnish(
            [
                ("Library", self.library, Qt.DockWidgetArea.LeftDockWidgetArea),
                ("Train", self.train, Qt.DockWidgetArea.RightDockWidgetArea),
            ],
            {
                "&File": [*opener.actions, self.workspaces.save_action],
                "&Edit": self.tabs.actions(),
                "&Train": [
                    self.train.start_action,
                    self.train.pause_action,
                    self.train.stop_action,
                    self.train.copy_action,
                    self.train.cores_action,
                ],
                "&Help": [cheat_sheet_action(window), diagnose],
            },
        )
        window.on_close(self.may_close, self.shut)

    def open_paths(self, paths: list[Path]) -> None:
        """What stood on the command line, was chosen in a menu, or dropped; else what there is to begin with."""
        for path in paths or self._first():
            try:
                self._open(path.parent if path.name == "run.json" else path)
            except UserError as error:
                self.session.failed.emit(str(error))

    def _first(self) -> list[Path]:
        """The run that was open last; else a model that comes with the program, so that something can be moved."""
        from genexplorer.engine.shipped import shipped_models

        last = str(self.window.settings.value("run", ""))
        if last and (Path(last) / "run.json").exists():
            return [Path(last)]
        return list(shipped_models().values())[:1]

    def _open(self, path: Path) -> None:
        from genexplorer.core.checkpoint import Checkpoint
        from genexplorer.engine.runs import Run
        from genexplorer.engine.workspace import SUFFIX
        from genexplorer.gui.images import SUFFIXES

        if (path / "run.json").exists():
            self.session.open_run(Run(path))
        elif path.is_dir():
            self.add_folder(path)
        elif path.suffix.lower() in SUFFIXES:
            self.panel("latent").open_picture(path)
        elif path.suffix.lower() == SUFFIX:
            self.workspaces.open(path)
        else:
            self.session.open_alone(Checkpoint.open(path))

    @property
    def panels(self) -> list[Any]:
        return list(self.tabs.all())

    def panel(self, name: str) -> Any:
        """A panel by its name: others may add panels of their own beside ours."""
        return self.tabs.panel(name)

    def _show_dimension(self, axis: int) -> None:
        """Go to the slider of one number of the code."""
        self.tabs.reveal("latent")
        self.panel("latent").right.reveal("dimensions", axis)

    def add_folder(self, path: Path) -> None:
        """A folder of images becomes the data set to train on."""
        from genexplorer.core.data import DATASETS

        path = path.absolute()
        recipe = DATASETS["folder"].parse({"path": path})
        self._show_data(recipe)
        self.library.add_folder(recipe, path)
        self.session.told.emit(f"{path.name} is ready to be trained on: press Start.")

    def _show_data(self, recipe: Any) -> None:
        self.train.recipes.choose_data(recipe)
        self.train.tabs.setCurrentIndex(0)
        self.window.reveal(self.train)

    def may_close(self) -> bool:
        if not self.train.work.going:
            return True
        assert self.train.work.run is not None
        run = self.train.work.run
        match self.window.ask_about_training(run.name):
            case "save":
                self.train.work.shut()
            case "keep":
                self.train.work.hand_over()
            case "discard":
                self.train.work.shut()
                self.session.close_run()
                self.session.store.trash(run)
            case _:
                return False
        return True

    def shut(self) -> None:
        self.workspaces.shut()
        self.train.shut()
        self.library.shut()
        self.tabs.shut()

    def _remember(self, run: Any) -> None:
        self.window.settings.setValue("run", str(run.path) if run else "")


def _paths(kept: str) -> list[Path]:
    """Folders as the settings keep them; none where somebody wrote something else there."""
    try:
        return [Path(each) for each in json.loads(kept)]
    except (ValueError, TypeError):
        return []


def add_window_rows() -> None:
    """Let `genexplorer bench` measure the window too, off screen where there is no screen."""
    import os

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from genexplorer.gui.bench import add_rows

    def open_desk(home: Path) -> Desk:
        app = application()
        window = make_window(home)
        window.show()
        await_plugins(app)
        return Desk(window, home)

    add_rows(open_desk)
