"""The cheat-sheet shows what the window can do, and finds it."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot

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
