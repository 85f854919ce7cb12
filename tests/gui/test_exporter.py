"""Files that are written while the window goes on."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from genexplorer.gui.exporter import Exporter

FRAMES = np.random.default_rng(0).integers(0, 256, (300, 3, 64, 64), dtype=np.uint8)


@pytest.fixture
def exporter(qtbot: QtBot) -> Exporter:
    made = Exporter()
    qtbot.addWidget(made)
    return made


def test_a_long_export_is_shown_and_can_be_cancelled(exporter: Exporter, qtbot: QtBot, tmp_path: Path) -> None:
    told: list[str] = []
    exporter.told.connect(told.append)
    exporter.write_frames(tmp_path / "x.mp4", FRAMES, 60, 8)
    qtbot.waitUntil(lambda: exporter.bar.value() > 0, timeout=10_000)
    assert exporter.isVisible()
    with qtbot.waitSignal(exporter.failed) as failed:
        exporter.write_codes(tmp_path / "z.csv", np.zeros((2, 2)), ["a", "b"])
    assert "Another file" in failed.args[0]
    qtbot.mouseClick(exporter.findChild(QPushButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not exporter.isVisible(), timeout=10_000)
    assert not told and not list(tmp_path.iterdir())
    with qtbot.waitSignal(exporter.told):
        exporter.write_codes(tmp_path / "z.csv", np.zeros((2, 2)), ["a", "b"])


def test_what_fails_is_told(exporter: Exporter, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(exporter.failed) as failed:
        exporter.write_frames(tmp_path / "no folder" / "x.gif", FRAMES[:2], 60, 1)
    assert "There is no folder" in failed.args[0] and not exporter.isVisible()


def test_the_window_may_close_while_it_writes(exporter: Exporter, tmp_path: Path) -> None:
    exporter.write_frames(tmp_path / "x.mp4", FRAMES, 60, 8)
    exporter.shut()
    assert not list(tmp_path.iterdir())


def test_a_name_gets_the_ending_that_was_chosen(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    for typed, path in (("a", "a.gif"), ("a.v2", "a.v2.gif"), ("a.GIF", "a.GIF")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, typed=typed: (typed, ""))
        assert exporter.ask_for_file("x", ".gif", "GIF") == Path(path)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    assert exporter.ask_for_file("x", ".gif", "GIF") is None
