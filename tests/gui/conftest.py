"""Every GUI test runs without a screen, in our own theme, and fails on anything that Qt complains about."""

import gc
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.registry import discover
from genexplorer.gui import theme
from genexplorer.gui.main_window import MainWindow

discover("genexplorer.gui.panels")

PLATFORM_NOISE = ("This plugin does not support", "Populating font family aliases")


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """A light theme, no Qt warning, and no window left open for the next test."""
    said: list[str] = []

    def listen(kind: QtMsgType, _where: object, text: str) -> None:
        if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) and not text.startswith(PLATFORM_NOISE):
            said.append(text)

    before = qInstallMessageHandler(listen)
    try:
        if theme.colors().dark or not qapp.styleSheet():
            theme.apply(qapp, "light")
        yield
        for window in qapp.topLevelWidgets():
            window.close()
            window.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
        gc.collect()
    finally:
        qInstallMessageHandler(before)
    assert not said, f"Qt complained: {said}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def open_desk(qtbot: QtBot, home: Path) -> Iterator[Callable[[], Desk]]:
    desks: list[Desk] = []

    def make() -> Desk:
        home.mkdir(parents=True, exist_ok=True)
        window = MainWindow(home / "window.ini")
        window.show()
        desks.append(Desk(window, home))
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        qtbot.waitUntil(desks[-1].window.tabs.isVisible)
        return desks[-1]

    yield make
    for desk in desks:
        desk.window.on_close(lambda: True, desk.shut)
        desk.window.close()
