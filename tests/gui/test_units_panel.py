"""The units panel as a person uses it: point at a unit, sort, go to its images, turn it on and off."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import SMALL
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    model = MODELS["sparse"].parse({"latent_dim": 32, "k": 4, "k_warmup": 0})
    run = RunStore(home).create(RunInfo(model, DATASETS["digits"].parse({}), TrainRecipe.parse(SMALL)), "sparse")
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("units")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.redrawn.image() is not None, timeout=20_000)
    return panel


def choose(panel: object, text: str) -> None:
    panel.sorting.setCurrentIndex(panel.sorting.findText(text))


def test_an_image_has_as_many_units_on_as_it_was_trained_for(panel: object) -> None:
    choose(panel, "Of this image")
    assert len(panel._order) == panel.grid._count == 4
    strengths = np.abs(panel._units.z[0, panel._order])
    assert (np.diff(strengths) <= 0).all()
    assert "on average 4.0 fire" in panel.summary.text()
    assert panel.pair._notes[0].text() == "4 units fire"


def test_pointing_tells_of_the_unit_and_its_images(panel: object, qtbot: QtBot) -> None:
    qtbot.mouseMove(panel.grid, panel.grid.cells()[1].center().toPoint())
    unit = int(panel._order[1])
    assert panel.told.text().startswith(f"Unit {unit}: fires on {100 * panel._units.rate[unit]:.1f} %")
    first = int(panel._units.best[unit][0])
    assert np.abs(panel._units.z[:, unit]).argmax() == first
    qtbot.mouseClick(panel.best, Qt.MouseButton.LeftButton, pos=panel.best.cells()[0].center().toPoint())
    assert panel.place.value() == first
    assert np.array_equal(panel.image._pixels, panel._units.x[first])


def test_a_click_turns_a_unit_on_or_off_in_the_code(panel: object, qtbot: QtBot) -> None:
    choose(panel, "Of this image")
    panel.grid.setFocus()
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Return)
    unit, code = int(panel._order[0]), panel.session.code
    expected = panel._units.z[0].copy()
    expected[unit] = 0
    assert np.array_equal(code.z, expected)
    assert code.history.undoText() == f"Unit {unit} off"
    choose(panel, "Rarest first")
    rare = next(n for n, unit in enumerate(panel._order) if not panel._units.on[0, unit])
    panel.grid.clicked.emit(rare)
    assert code.z[panel._order[rare]] == pytest.approx(panel._units.typical[panel._order[rare]])
    panel.send_action.trigger()
    assert np.array_equal(code.z, panel._units.z[0])


def test_places_wrap_and_no_model_leaves_nothing(panel: object) -> None:
    panel.place.stepDown()
    assert panel.place.value() == 296
    panel.session.close_run()
    assert panel._units is None and panel.image.image() is None and not panel.sorting.isEnabled()
