"""Every GUI test runs without a screen, in our own theme, and fails on anything that Qt complains about."""

import gc
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from genexplorer.gui import theme

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
