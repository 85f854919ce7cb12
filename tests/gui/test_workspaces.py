"""A person saves a workspace with Ctrl+S, and opens it in another window with another home."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import drag_and_drop, trained
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.gui.main_window import MainWindow


def test_a_workspace_is_saved_and_opens_elsewhere(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    assert not desk.workspaces.save_action.isEnabled()
    trained(desk, home, qtbot)
    panel, session = desk.panel("latent"), desk.session
    panel.randomise()
    z = session.code.z.copy()
    qtbot.waitUntil(lambda: panel._drawn is not None and np.array_equal(panel._drawn[0], z), timeout=9000)
    panel.keep()
    session.bookmarks.rename(session.bookmarks.all()[0], "Favourite")
    session.code.hold("z₁", np.eye(6, dtype=np.float32)[1])
    desk.window.tabs.setCurrentWidget(desk.panel("reconstruct"))
    file = tmp_path / "mine.genexplorer"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    qtbot.keyClick(desk.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: any("is saved" in each.text for each in desk.window.toasts.toasts()), timeout=9000)

    window = MainWindow(tmp_path / "other.ini")
    window.show()
    other = Desk(window, tmp_path / "elsewhere")
    try:
        drag_and_drop(window, [file])
        qtbot.waitUntil(lambda: other.session.checkpoint is not None, timeout=9000)
        qtbot.waitUntil(lambda: window.tabs.currentWidget() is other.panel("reconstruct"), timeout=9000)
        assert other.session.code.z.tobytes() == z.tobytes() and not other.session.code.history.count()
        (mark,) = other.session.bookmarks.all()
        assert mark.name == "Favourite" and np.array_equal(mark.z, z)
        assert np.array_equal(mark.picture, session.bookmarks.all()[0].picture)
        assert other.session.code.held_names == ["z₁"]
        assert np.array_equal(other.session.code.held, session.code.held)
        qtbot.waitUntil(lambda: other.panel("reconstruct")._gallery is not None, timeout=9000)
        other.session.code.change("Away", z + 1)
        drag_and_drop(window, [file])
        qtbot.waitUntil(lambda: other.session.code.z.tobytes() == z.tobytes(), timeout=9000)
    finally:
        window.on_close(lambda: True, other.shut)
        window.close()


def test_a_damaged_workspace_is_a_sentence_and_what_was_open_stays(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "bad.genexplorer"
    file.write_bytes(b"PK")
    desk.open_paths([file])
    qtbot.waitUntil(lambda: any("damaged" in each.text for each in desk.window.toasts.toasts()), timeout=9000)
    assert desk.session.run is not None and desk.session.run.name == "ready"


def test_where_it_cannot_be_written_is_a_sentence(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    desk.workspaces.save(tmp_path / "missing" / "a.genexplorer")
    qtbot.waitUntil(lambda: any("written" in each.text for each in desk.window.toasts.toasts()), timeout=9000)
