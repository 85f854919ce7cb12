"""The samples panel as a person uses it: choose sources, seeds and another run, point, click, compare, save."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from desks import SMALL, make_run
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.core.registry import discover
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train

discover("genexplorer.metrics")


def some_run(home: Path, name: str, family: str, **model: object) -> Run:
    recipe = MODELS[family].parse({"latent_dim": 6, "width": 8, **model})
    info = RunInfo(recipe, DATASETS["digits"].parse({}), TrainRecipe.parse(SMALL | {"steps": 20}))
    run = RunStore(home).create(info, name)
    list(train(run))
    return run


@pytest.fixture
def desk(open_desk: Callable[[], Desk], home: Path) -> Desk:
    list(train(make_run(home, "vae", 20)))
    some_run(home, "ae", "autoencoder")
    return open_desk()


def shown(desk: Desk, home: Path, name: str, qtbot: QtBot) -> object:
    panel = desk.panel("samples")
    desk.session.open_run(RunStore(home).find(name))
    desk.window.tabs.setCurrentWidget(panel)
    whole(panel, qtbot)
    panel.panes.panes[0].grid.setFocus()
    return panel


def whole(panel: object, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel._whole, timeout=30_000)


def titles(panel: object) -> list[str]:
    return [pane.heading.text() for pane in panel.panes.panes]


def test_an_autoencoder_is_shown_by_four_sources(desk: Desk, home: Path, qtbot: QtBot) -> None:
    panel = shown(desk, home, "ae", qtbot)
    assert titles(panel) == ["N(0, I)", "Gaussian", "Mixture", "Real codes"]
    assert all(pane.grid._count == 8 for pane in panel.panes.panes)
    assert all(pane.note.text().endswith("% outside shell") for pane in panel.panes.panes)
    panel.sources.clusters.setValue(64)
    whole(panel, qtbot)
    panel._drawn[2] = replace(panel._drawn[2], reals=100)  # of so few codes 64 Gaussians are copies
    panel._show_pane(2)
    assert panel.panes.panes[2].note.text().endswith("% outside shell, few codes")
    qtbot.keyClick(panel.panes.panes[0].grid, Qt.Key.Key_1)  # a fifth takes the place of the first
    qtbot.waitUntil(lambda: panel._whole and len(panel._drawn) == 4, timeout=30_000)
    assert titles(panel) == ["Own samples", "Gaussian", "Mixture", "Real codes"]
    assert "nothing in its training says where codes lie" in panel.panes.panes[0].grid.empty
    for key in (Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_1):  # the last one stays
        qtbot.keyClick(panel.panes.panes[0].grid, key)
    whole(panel, qtbot)
    assert titles(panel) == ["Own samples"] and panel.sources.clusters.isHidden() is False


def test_seeds_go_on_and_each_image_has_its_own(desk: Desk, home: Path, qtbot: QtBot) -> None:
    panel = shown(desk, home, "vae", qtbot)
    before = panel._drawn[0].x
    panel.num.setValue(4)
    whole(panel, qtbot)
    assert np.array_equal(panel._drawn[0].x, before[:4])
    qtbot.keyClick(panel.panes.panes[0].grid, Qt.Key.Key_R)
    assert panel.seed.value() == 4
    whole(panel, qtbot)
    assert np.array_equal(panel._drawn[0].x, before[4:])


def test_pointing_shows_one_large_and_a_click_sends_its_code(desk: Desk, home: Path, qtbot: QtBot) -> None:
    panel = shown(desk, home, "vae", qtbot)
    grid, before = panel.panes.panes[1].grid, panel.session.code.z
    there = grid.cells()[2].center().toPoint()
    qtbot.mouseMove(grid, QPoint(1, grid.height() - 1))
    qtbot.mouseMove(grid, there)
    qtbot.waitUntil(panel.card.isVisible)
    assert panel.card.text().startswith("seed 2\n") and "side the 99 % shell" in panel.card.text()
    assert np.array_equal(panel.card.image._pixels, panel._drawn[1].x[2])
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=there)
    assert np.array_equal(panel.session.code.z, panel._drawn[1].z[2])
    assert panel.session.code.history.undoText() == "Gaussian, seed 2"
    panel.session.code.history.undo()
    assert np.array_equal(panel.session.code.z, before)


def test_another_run_stands_beside_with_the_same_seeds(desk: Desk, home: Path, qtbot: QtBot) -> None:
    panel = shown(desk, home, "ae", qtbot)
    qtbot.waitUntil(lambda: panel.beside.findText("vae") > 0, timeout=10_000)
    assert panel.beside.findText("ae") < 0 and panel.beside.findText("faces") < 0  # itself, and another size
    panel.beside.setFocus()
    panel.beside.setCurrentIndex(panel.beside.findText("vae"))
    panel.beside.activated.emit(panel.beside.currentIndex())
    whole(panel, qtbot)
    assert titles(panel)[0] == "N(0, I) · ae" and titles(panel)[4] == "N(0, I) · vae" and len(titles(panel)) == 8
    assert np.array_equal(panel._drawn[0].z, panel._drawn[4].z)
    told: list[str] = []
    panel.session.told.connect(told.append)
    panel.panes.panes[4].grid.clicked.emit(0)
    assert told == ["This is a code of vae; open that run to take it there."]
    panel.measure_action.trigger()
    qtbot.waitUntil(lambda: len(panel._measured) == 8 and not panel._measuring, timeout=60_000)
    assert all(pane.more.text().startswith("Fréchet ") and "±" in pane.more.text() for pane in panel.panes.panes)


def test_the_nearest_training_images_take_their_place(desk: Desk, home: Path, qtbot: QtBot) -> None:
    panel = shown(desk, home, "vae", qtbot)
    qtbot.keyClick(panel.panes.panes[0].grid, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: len(panel._near) == 4 and not panel.busy, timeout=30_000)
    assert panel.panes.panes[0].note.text().startswith("nearest 0.")
    panel.panes.panes[0].grid._choose(1)
    assert panel.card.image._pixels.shape == (1, 8, 16) and "right: the nearest image" in panel.card.text()
    panel.again_action.trigger()  # others are sought for the next ones
    qtbot.waitUntil(lambda: panel._whole and len(panel._near) == 4, timeout=30_000)
    panel.nearest_action.trigger()
    assert panel.panes.panes[0].note.text() == "as the model draws"


def test_a_condition_is_chosen(desk: Desk, home: Path, qtbot: QtBot) -> None:
    some_run(home, "cvae", "vae", condition=("digit",))
    panel = shown(desk, home, "cvae", qtbot)
    assert panel.conditions.isVisible() and not panel.conditions.controls[0].isEnabled()
    panel.conditions.fixed.click()
    panel.conditions.controls[0].setCurrentIndex(7)
    whole(panel, qtbot)
    assert all(side.given == (7.0,) for side in panel._sides)
    assert panel._drawn[1].z.shape == (8, 16) and (panel._drawn[1].z[:, 6:].argmax(1) == 7).all()
    panel.panes.panes[1].grid.clicked.emit(0)
    assert np.array_equal(panel.session.code.z, panel._drawn[1].z[0])
    desk.session.open_run(RunStore(home).find("vae"))
    whole(panel, qtbot)
    assert panel.conditions.isHidden() and all(side.given == () for side in panel._sides)


def test_all_is_saved_as_one_picture_and_closing_leaves_nothing(
    desk: Desk, home: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = shown(desk, home, "ae", qtbot)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "sheet"), ""))
    panel.save_action.trigger()
    qtbot.waitUntil((tmp_path / "sheet.png").exists, timeout=10_000)
    with Image.open(tmp_path / "sheet.png") as file:
        assert file.width > 4 * 3 * 48
    desk.session.close_run()
    assert len(panel.panes.panes) == 1 and "Train a model" in panel.panes.panes[0].grid.empty
    assert not panel.save_action.isEnabled() and not panel.seed.isEnabled()
