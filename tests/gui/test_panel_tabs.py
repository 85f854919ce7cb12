"""Panels are made when they are first needed, and know what is open all the same."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desks import trained
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from genexplorer.core.abilities import Samples
from genexplorer.engine.runs import RunStore
from genexplorer.gui.main_window import MainWindow
from genexplorer.gui.panel import PANELS, Panel
from genexplorer.gui.panel_tabs import PanelTabs
from genexplorer.gui.session import Session


class Recorder(Panel):
    """Counts how many there are, and remembers what each was told to open."""

    born: list[str]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.born.append(self.name)
        self.opened: list[object] = []
        self.working = False
        self.action = QAction(self.title, self)
        self.body.addWidget(QLabel(self.title))

    @property
    def busy(self) -> bool:
        return self.working

    def panel_actions(self) -> list[QAction]:
        return [self.action]

    def open(self, checkpoint: object) -> None:
        self.opened.append(checkpoint)


@pytest.fixture
def born() -> Iterator[list[str]]:
    """Three panels and no others; fills with their names as they are made."""
    before, names = dict(PANELS._found), []
    PANELS._found.clear()
    for tab, (name, needs) in enumerate({"one": (), "two": (Samples,), "three": ()}.items()):
        kind = type("Kind", (Recorder,), {"title": name.title(), "needs": needs, "tab": tab, "born": names})
        PANELS.register(name)(kind)
    yield names
    PANELS._found.clear()
    PANELS._found.update(before)


@pytest.fixture
def window(qtbot: QtBot, home: Path) -> MainWindow:
    home.mkdir(parents=True)
    window = MainWindow(home / "window.ini")
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made at rest."""
    monkeypatch.setattr("genexplorer.gui.panel_tabs._EVERY_MS", 1_000_000)


@pytest.fixture
def tabs(unhurried: None, born: list[str], window: MainWindow, home: Path) -> Iterator[PanelTabs]:
    tabs = PanelTabs(Session(RunStore(home)), window)
    yield tabs
    tabs.shut()


def test_only_the_panel_in_front_is_made_at_once(tabs: PanelTabs, born: list[str], window: MainWindow) -> None:
    assert born == ["one"] and window.tabs.currentWidget() is tabs.panel("one")
    assert [window.tabs.tabText(place) for place in range(3)] == ["One", "Two", "Three"]


def test_a_panel_is_made_when_its_tab_is_opened(tabs: PanelTabs, born: list[str], window: MainWindow) -> None:
    turns: list[int] = []
    window.tabs.currentChanged.connect(turns.append)
    window.tabs.setCurrentIndex(2)
    assert born == ["one", "three"] and turns == [2]
    assert window.tabs.currentWidget() is tabs.panel("three") and tabs.panel("three").isVisible()
    assert tabs.in_front() == "three" and not tabs.panel("one").isVisible()


def test_the_others_come_once_the_first_has_nothing_to_answer(
    tabs: PanelTabs, born: list[str], window: MainWindow, qtbot: QtBot
) -> None:
    first: Any = tabs.panel("one")
    first.working = True
    tabs._idle.start(10)
    qtbot.wait(150)
    assert born == ["one"]
    first.working = False
    qtbot.waitUntil(lambda: born == ["one", "two", "three"])
    assert window.tabs.currentWidget() is first and window.tabs.count() == 3
    qtbot.waitUntil(lambda: not tabs._idle.isActive())


def test_the_menu_keeps_the_order_of_the_tabs(tabs: PanelTabs, window: MainWindow) -> None:
    tabs.made.connect(lambda: window.refill("&Edit", tabs.actions()))
    tabs.panel("three")
    assert [action.text() for action in window.menus["&Edit"].actions()] == ["One", "Three"]
    tabs.panel("two")
    assert [action.text() for action in window.menus["&Edit"].actions()] == ["One", "Two", "Three"]


def test_real_panels_that_are_made_late_show_what_is_open(
    unhurried: None, open_desk: Callable[[], Any], home: Path, qtbot: QtBot
) -> None:
    desk = open_desk()
    assert len(desk.tabs._panels) == 1
    trained(desk, home, qtbot)
    desk.panel("latent").keep()
    assert len(desk.tabs._panels) == 1
    desk.panel("paths")
    assert desk.panel("paths").strip.model().rowCount() == 1  # the bookmark that was kept before
    for name in ("map", "reconstruct", "samples"):
        desk.window.tabs.setCurrentWidget(desk.panel(name))
    qtbot.waitUntil(lambda: desk.panel("map").chart is not None, timeout=10_000)
    qtbot.waitUntil(lambda: desk.panel("reconstruct")._gallery is not None, timeout=10_000)
    qtbot.waitUntil(lambda: bool(desk.panel("samples")._drawn), timeout=10_000)


def test_what_another_machine_had_in_front_is_passed_over_where_it_is_not(tabs: PanelTabs) -> None:
    tabs.reveal("somebody's own")
    assert tabs.in_front() == "one"
    tabs.reveal("three")
    assert tabs.in_front() == "three"
