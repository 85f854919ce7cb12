"""The cheat-sheet shows what the window can do, and finds it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.gui.cheat_sheet import CheatSheet, cheat_sheet_action, shortcuts


def furnished(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    panel = QWidget(window)
    panel.setAccessibleName("Latent space")
    for owner, text, key in ((window, "&Open…", "Ctrl+O"), (panel, "Random", "R"), (panel, "Silent", "")):
        action = QAction(text, owner)
        action.setShortcut(key)
    return window


def test_each_shortcut_is_there_with_its_place(qtbot: QtBot) -> None:
    found = shortcuts(furnished(qtbot))
    assert ("Latent space", "Random", "R") in found and ("Everywhere", "Open", "Ctrl+O") in found
    assert all(text != "Silent" for _, text, _ in found)


def test_typing_narrows_and_the_question_mark_opens(qtbot: QtBot) -> None:
    window = furnished(qtbot)
    action = cheat_sheet_action(window)
    window.addAction(action)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    qtbot.keyClicks(window, "?")
    qtbot.waitUntil(lambda: window.findChild(CheatSheet) is not None)
    sheet = window.findChild(CheatSheet)
    qtbot.keyClicks(sheet.search, "latent ran")
    assert sheet.shown() == ["Random"]
    sheet.search.clear()
    qtbot.keyClicks(sheet.search, "fine")
    assert sheet.shown() == ["Fine step"]
    sheet.close()


def test_no_two_shortcuts_of_the_whole_window_are_the_same_everywhere(open_desk: Callable[[], Desk]) -> None:
    """Keys that hold in the whole window; panels have keys of their own while they are in front."""
    keys = [
        key
        for action in open_desk().window.findChildren(QAction)
        if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
        for key in {key.toString() for key in action.shortcuts() if not key.isEmpty()}
    ]
    assert keys and sorted(keys) == sorted(set(keys))
