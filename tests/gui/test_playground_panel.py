"""The playground as a person uses it: play, pause, step, choose, draw, turn to another tab and come back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train

LONG = 30_000


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    return open_desk()


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> Any:
    panel = desk.panel("playground")
    assert panel._table is None and panel.view.frame is None, "nothing is begun before it is seen"
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.view.frame is not None, timeout=LONG)
    return panel


def at_rest(panel: Any, qtbot: QtBot) -> int:
    """The step that it stands at, once it stands."""
    qtbot.waitUntil(lambda: not panel._table.open, timeout=LONG)
    qtbot.wait(50)
    return int(panel.view.frame.step)


def test_it_plays_pauses_and_steps_by_keys(panel: Any, qtbot: QtBot) -> None:
    panel.view.setFocus()
    assert panel.view.frame.step == 0 and panel.told.text().startswith("Step 0")
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert panel.playing and panel.play_action.text() == "Pause"
    qtbot.waitUntil(lambda: panel.view.frame.step > 5, timeout=LONG)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    there = at_rest(panel, qtbot)
    qtbot.wait(100)
    assert panel.view.frame.step == there and not panel.playing
    for key in (Qt.Key.Key_Period, Qt.Key.Key_Right):
        qtbot.keyClick(panel.view, key)
    qtbot.waitUntil(lambda: panel.view.frame.step == there + 2, timeout=LONG)
    before = dict(panel.view.frame.moves)
    for _ in range(3):
        qtbot.keyClick(panel.view, Qt.Key.Key_D)
    qtbot.keyClick(panel.view, Qt.Key.Key_G)
    expected = {"d": before["d"] + 3, "g": before["g"] + 1}
    qtbot.waitUntil(lambda: panel.view.frame.moves == expected, timeout=LONG)
    qtbot.keyClick(panel.view, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: panel.view.frame.step == 0, timeout=LONG)
    assert panel.divergences.latest("kl") == pytest.approx(panel.view.frame.kl)


def test_slow_motion_takes_so_many_steps_a_second(panel: Any, qtbot: QtBot) -> None:
    panel.pace.setValue(20)
    panel.play_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.step >= 2, timeout=LONG)
    first = panel.view.frame.step
    qtbot.wait(500)
    assert panel.view.frame.step - first <= 12
    panel.pace.setValue(0)
    qtbot.waitUntil(lambda: panel.view.frame.step > first + 30, timeout=LONG)
    panel.play_action.trigger()


def test_choosing_data_and_models_begins_anew(panel: Any, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "moons" in panel.chips._points, timeout=LONG)
    panel.step_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.step == 1, timeout=LONG)
    qtbot.mouseClick(panel.chips.button("moons"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.view.frame.setup.data.kind == "moons", timeout=LONG)
    assert panel.view.frame.step == 0
    panel.family.setCurrentIndex(panel.family.findData("vae"))
    panel.family.activated.emit(panel.family.currentIndex())
    qtbot.waitUntil(lambda: panel.view.frame.setup.model.name == "vae", timeout=LONG)
    assert panel.view.frame.pull is None and not panel.player_actions["d"].isEnabled()
    assert not panel.layers["pull"].isEnabled() and panel.layers["manifold"].isEnabled()
    assert panel.view.frame.setup.model.latent_dim == 2
    panel.family.setCurrentIndex(panel.family.findData("ddpm"))
    panel.family.activated.emit(panel.family.currentIndex())
    qtbot.waitUntil(lambda: panel.view.frame.setup.model.name == "ddpm", timeout=LONG)
    assert panel.view.frame.ways is not None and panel.view.frame.pull is not None
    assert all(panel.layers[name].isEnabled() for name in ("ways", "pull", "manifold"))
    panel.step_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.step == 1, timeout=LONG)


def test_a_knob_begins_anew_and_the_learning_rate_does_not(panel: Any, qtbot: QtBot) -> None:
    panel.step_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.step == 1, timeout=LONG)
    rate = panel.train_form.editor("lr").lineEdit()
    rate.selectAll()
    qtbot.keyClicks(rate, "0.0005")
    qtbot.waitUntil(lambda: panel.view.frame.setup.lr == 0.0005, timeout=LONG)
    assert panel.view.frame.step == 1
    hidden = panel.model_form.editor("hidden").lineEdit()
    hidden.selectAll()
    qtbot.keyClicks(hidden, "32")
    qtbot.waitUntil(lambda: panel.view.frame.setup.model.hidden == 32, timeout=LONG)
    assert panel.view.frame.step == 0
    hidden.selectAll()
    qtbot.keyClicks(hidden, "1")
    assert "hidden" in panel.model_form.problem("hidden").lower()


def draw(panel: Any, qtbot: QtBot, *stops: tuple[float, float]) -> None:
    places = [QPoint(*np.rint(panel.view.to_screen(np.array(stop))).astype(int).tolist()) for stop in stops]
    qtbot.mousePress(panel.view, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(panel.view, place)
    qtbot.mouseRelease(panel.view, Qt.MouseButton.LeftButton, pos=places[-1])


def test_what_is_drawn_is_what_real_points_follow(panel: Any, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.chips.button("drawn"), Qt.MouseButton.LeftButton)
    assert "Draw" in panel.view.hint
    panel.step_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.step == 1, timeout=LONG)
    draw(panel, qtbot, (-0.8, 0.5), (0.0, 0.5), (0.8, 0.5))
    qtbot.waitUntil(lambda: panel.view.frame.setup.data.kind == "drawn", timeout=LONG)
    frame = panel.view.frame
    assert frame.step == 1 and abs(frame.real[:, 1].mean() - 0.5) < 0.03 and not panel.view.hint
    draw(panel, qtbot, (-0.8, -0.5), (0.8, -0.5))
    qtbot.waitUntil(lambda: len(panel.view.frame.setup.data.strokes) == 12, timeout=LONG)
    assert abs(panel.view.frame.real[:, 1].mean()) < 0.1
    assert panel.data_form.recipe().to_json()["strokes"] == list(panel.view.frame.setup.data.strokes)
    panel.clear_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.setup.data.kind == "ring", timeout=LONG)
    assert not panel.clear_action.isEnabled()


def test_layers_come_and_go(panel: Any, qtbot: QtBot) -> None:
    whole = panel.view.grab().toImage()
    for layer, button in panel.layers.items():
        if not button.isEnabled():  # a GAN goes no ways
            continue
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert layer not in panel.view.layers and panel.view.grab().toImage() != whole
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert panel.view.grab().toImage() == whole


def test_it_rests_while_it_is_not_seen(desk: Desk, panel: Any, qtbot: QtBot) -> None:
    panel.play_action.trigger()
    qtbot.waitUntil(lambda: panel.view.frame.step > 3, timeout=LONG)
    desk.window.tabs.setCurrentWidget(desk.panel("samples"))
    there = at_rest(panel, qtbot)
    qtbot.wait(100)
    assert panel.view.frame.step == there and panel.playing
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.view.frame.step > there, timeout=LONG)
    panel.play_action.trigger()


def test_a_trained_run_of_points_is_played_on_with(desk: Desk, home: Path, qtbot: QtBot) -> None:
    model = MODELS["r3gan"].parse({"hidden": 16, "latent_dim": 2})
    data = DATASETS["points2d"].parse({"kind": "spiral", "num": 500})
    settings = TrainRecipe.parse({"steps": 20, "batch_size": 32, "log_every": 10})
    run = RunStore(home).create(RunInfo(model, data, settings), "points")
    list(train(run))
    desk.session.open_run(run)
    tabs = desk.window.tabs
    assert [tabs.tabText(place) for place in range(tabs.count()) if tabs.isTabVisible(place)] == ["Playground"]
    panel = desk.panel("playground")
    qtbot.waitUntil(lambda: panel.view.frame is not None, timeout=LONG)
    frame, trained = panel.view.frame, desk.session.checkpoint.model()
    assert frame.setup.data == data and frame.setup.model == model
    import torch

    z = torch.randn(2000, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert np.allclose(frame.fake, trained.decode(z)[: len(frame.fake)].numpy(), atol=1e-5)
