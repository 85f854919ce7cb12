"""The compare panel as a person uses it: choose runs, look, measure one thing at a time, save sheet and table."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import make_run
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.metric import METRICS
from genexplorer.core.registry import discover
from genexplorer.engine.runs import RunStore
from genexplorer.engine.train import train

discover("genexplorer.metrics")


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    for name, steps in (("short", 4), ("long", 80)):
        list(train(make_run(home, name, steps)))
    desk = open_desk()
    desk.session.open_run(RunStore(home).find("long"))
    panel = desk.panel("compare")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel._errands.now is None, timeout=30_000)
    return panel


def choose(panel: object, name: str, qtbot: QtBot) -> None:
    next(action for action in panel._menu.actions() if action.text().startswith(f"{name} ")).trigger()
    qtbot.waitUntil(lambda: panel._errands.now is None, timeout=30_000)


def measure(panel: object, what: str, qtbot: QtBot) -> None:
    menu = panel.measure_button.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text().startswith(what)).trigger()
    qtbot.waitUntil(lambda: panel._errands.now is None, timeout=60_000)


def test_runs_are_set_beside_the_open_one(panel: object, qtbot: QtBot) -> None:
    assert [run.name for run in panel._runs] == ["long"]
    assert not next(a for a in panel._menu.actions() if a.text().startswith("long")).isEnabled()
    assert not any(a.text().startswith("faces") for a in panel._menu.actions())  # of another size
    choose(panel, "short", qtbot)
    rows = panel.sheet.rows()
    assert [run.name for run in panel._runs] == ["long", "short"] and panel.runs_button.text() == "Runs: 2 ▾"
    assert np.array_equal(rows[0].x, rows[1].x) and all(row.near is not None for row in rows)
    before = rows[0].samples
    panel.sheet.panes[0][0].grid.setFocus()
    qtbot.keyClick(panel.sheet.panes[0][0].grid, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: panel._errands.now is None and bool(panel.sheet.rows()), timeout=30_000)
    assert panel.seed.value() == 9 and not np.array_equal(panel.sheet.rows()[0].samples, before)
    choose(panel, "short", qtbot)
    assert [run.name for run in panel._runs] == ["long"]


def test_an_image_shows_large_beside_its_twin(panel: object, qtbot: QtBot) -> None:
    grids = [pane.grid for pane in panel.sheet.panes[0]]
    qtbot.mouseMove(grids[3], grids[3].cells()[1].center().toPoint())
    qtbot.waitUntil(panel.sheet._card.isVisible)
    row = panel.sheet.rows()[0]
    assert np.array_equal(panel.sheet._card.image._pixels, np.concatenate([row.samples[1], row.near.x[1]], -1))
    assert grids[2].current == 1 and "Sample 2\nright: the nearest image, 0." in panel.sheet._card.text()


def test_measures_come_one_by_one_and_are_there_again(panel: object, qtbot: QtBot) -> None:
    choose(panel, "short", qtbot)
    assert panel.beneath.currentWidget() is panel.nothing and not panel.table_action.isEnabled()
    panel.images.setValue(200)
    measure(panel, "reconstruction", qtbot)
    texts = [[panel.table.item(row, column).text() for column in range(4)] for row in range(panel.table.rowCount())]
    assert texts[0][0] == "mse" and "±" in texts[0][1] and "±" in texts[0][2]
    assert panel.table.item(0, 1).font().bold() and not panel.table.item(0, 2).font().bold()  # long is better
    measure(panel, "elbo", qtbot)
    count = panel.table.rowCount()
    panel.images.setValue(300)
    qtbot.waitUntil(lambda: panel._errands.now is None, timeout=10_000)
    assert panel.table.rowCount() == 0 and panel.beneath.currentWidget() is panel.nothing
    panel.images.setValue(200)
    qtbot.waitUntil(lambda: panel.table.rowCount() == count, timeout=10_000)


def test_measuring_can_be_cancelled(panel: object, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    went_on: list[int] = []

    def endless(self: object, subject: object) -> object:
        from genexplorer.core.events import Progress

        while True:
            went_on.append(1)
            yield Progress("Counting", len(went_on), 0)

    monkeypatch.setattr(METRICS["frechet"], "measure", endless)
    panel.measure("frechet")
    qtbot.waitUntil(panel.work.isVisible, timeout=20_000)
    assert panel.work.label.text().startswith("long: ")
    panel.work.cancel_button.click()
    qtbot.waitUntil(lambda: not panel.busy, timeout=10_000)
    assert panel.work.isHidden() and panel.table.rowCount() == 0


def test_sheet_and_table_are_saved(
    panel: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.images.setValue(200)
    measure(panel, "reconstruction", qtbot)
    for name, action in (("sheet.png", panel.sheet_action), ("table.csv", panel.table_action)):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name, **__: (str(tmp_path / name), ""))
        action.trigger()
        qtbot.waitUntil((tmp_path / name).exists, timeout=10_000)
    with Image.open(tmp_path / "sheet.png") as file:
        assert file.mode == "RGB" and file.width > 4 * 3 * 64
    assert (tmp_path / "table.csv").read_text("utf-8").startswith("measure,unit,long,long low,long high,best")
    panel.session.close_run()
    assert panel.sheet.panes == [] and not panel.measure_button.isEnabled() and not panel.sheet_action.isEnabled()
