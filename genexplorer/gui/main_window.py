"""The main window: it docks what others made, and remembers where."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QWidget,
)

from . import theme
from .collector import Collector
from .tabs import Tabs
from .toast import Toasts

_DOCKS = (240, 320)  # their first widths, in pixels
_SCALES = (0.9, 1.0, 1.15, 1.3, 1.5)


class MainWindow(QMainWindow):
    """Painted at once and empty; `furnish` brings the docks and menus once they are there."""

    def __init__(self, settings: Path) -> None:
        super().__init__()
        self.setWindowTitle("genexplorer")
        self.resize(1280, 800)
        self.settings = QSettings(str(settings), QSettings.Format.IniFormat)
        self.toasts = Toasts(self)
        self._collector = Collector(self)
        self.tabs = Tabs()
        self.message = QLabel("Loading …", alignment=Qt.AlignmentFlag.AlignCenter)
        self.message.setProperty("role", "muted")
        self._middle = QStackedWidget()
        self._middle.addWidget(self.message)
        self._middle.addWidget(self.tabs)
        self.setCentralWidget(self._middle)
        self.menus = {name: self.menuBar().addMenu(name) for name in ("&File", "&Edit", "&Train", "&View", "&Help")}
        self._docks: list[QDockWidget] = []
        self._may_close: Callable[[], bool] = lambda: True
        self._closed: Callable[[], None] = lambda: None
        self.dress()
        if geometry := self.settings.value("geometry"):
            self.restoreGeometry(geometry)
        self._view_menu()

    def furnish(
        self,
        docks: Sequence[tuple[str, QWidget, Qt.DockWidgetArea]],
        actions: dict[str, Sequence[QAction]],
    ) -> None:
        """Put everything in its place, and the places back to where the person left them."""
        for title, widget, area in docks:
            dock = QDockWidget(title, self)
            dock.setObjectName(title)
            dock.setWidget(widget)
            self.addDockWidget(area, dock)
            dock.show()  # so that the default layout, saved below, has it shown
            self.menus["&View"].addAction(dock.toggleViewAction())
            self._docks.append(dock)
        for name, some in actions.items():
            there = self.menus[name].actions()
            self.menus[name].insertActions(there[0] if there else None, list(some))  # type: ignore[arg-type]
        self._default = self.saveState()
        self.resizeDocks(self._docks, list(_DOCKS)[: len(self._docks)], Qt.Orientation.Horizontal)
        if state := self.settings.value("layout"):
            self.restoreState(state)

    def refill(self, name: str, actions: Sequence[QAction]) -> None:
        """A menu offers these in place of what it did."""
        self.menus[name].clear()
        self.menus[name].addActions(list(actions))

    def show_tabs(self, shown: Collection[int]) -> None:
        """Only those at these places."""
        for place in range(self.tabs.count()):
            self.tabs.show_page(place, place in shown)
        self.tabs.tabBar().setVisible(len(shown) > 1)
        self.message.setText("There is no panel that can show this model.")
        self._middle.setCurrentWidget(self.tabs if shown else self.message)

    def reveal(self, widget: QWidget) -> None:
        """Bring a widget's dock to the front, also where it was closed."""
        for dock in self._docks:
            if dock.widget() is widget:
                dock.show()
                dock.raise_()

    def on_close(self, may_close: Callable[[], bool], closed: Callable[[], None]) -> None:
        """`may_close` asks whether the window may go; `closed` ends what works in the background."""
        self._may_close, self._closed = may_close, closed

    def set_theme(self, mode: theme.Mode) -> None:
        self.settings.setValue("theme", mode)
        self.dress()

    def set_scale(self, scale: float) -> None:
        self.settings.setValue("scale", scale)
        self.dress()

    def reset_layout(self) -> None:
        self.restoreState(self._default)
        self.resizeDocks(self._docks, list(_DOCKS)[: len(self._docks)], Qt.Orientation.Horizontal)
        self.resize(1280, 800)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close():
            event.ignore()
            return
        self.settings.setValue("geometry", self.saveGeometry())
        if self._docks:
            self.settings.setValue("layout", self.saveState())
        self.settings.sync()
        self._closed()
        self._collector.stop()
        super().closeEvent(event)

    def ask_about_training(self, name: str) -> str:
        """What to do with the run that is being trained: "save", "keep", "discard" or "stay"."""
        box = QMessageBox(
            QMessageBox.Icon.Question, "A run is being trained", f"“{name}” is being trained.", parent=self
        )
        box.setInformativeText("It can go on without the window, and be opened again at any time.")
        answers = {
            box.addButton("Save and quit", QMessageBox.ButtonRole.AcceptRole): "save",
            box.addButton("Keep training", QMessageBox.ButtonRole.ActionRole): "keep",
            box.addButton("Discard the run", QMessageBox.ButtonRole.DestructiveRole): "discard",
            box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole): "stay",
        }
        box.exec()
        return answers.get(box.clickedButton(), "stay")  # type: ignore[call-overload, no-any-return]

    def dress(self) -> None:
        """Put on the theme and the text size that the settings ask for."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        mode = str(self.settings.value("theme", "system"))
        scale = float(str(self.settings.value("scale", 1.0)))
        theme.apply(app, mode if mode in ("light", "dark") else "system", scale)  # type: ignore[arg-type]

    def _view_menu(self) -> None:
        menu = self.menus["&View"]
        modes = menu.addMenu("Theme")
        self._choices(modes, {"Follow the system": "system", "Light": "light", "Dark": "dark"}, "theme", self.set_theme)
        sizes = menu.addMenu("Text size")
        self._choices(sizes, {f"{scale:.0%}": scale for scale in _SCALES}, "scale", self.set_scale)
        reset = menu.addAction("Reset layout")
        reset.triggered.connect(self.reset_layout)
        menu.addSeparator()
        self.menus["&File"].addSeparator()
        leave = QAction("Quit", self)
        leave.setShortcut(QKeySequence("Ctrl+Q"))
        leave.triggered.connect(self.close)
        self.menus["&File"].addAction(leave)

    def _choices(self, menu: QMenu, choices: dict[str, object], key: str, call: Callable[[Any], None]) -> None:
        group = QActionGroup(self)
        now = str(self.settings.value(key, {"theme": "system", "scale": 1.0}[key]))
        for text, value in choices.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(str(value) == now)
            group.addAction(action)
            action.triggered.connect(lambda _, value=value: call(value))
