"""The seeds panel as a person uses it: drag, choose, sort, send, keep, and watch it while a model trains."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.seeds import Sheet, codes, paint
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import Saved, train

TINY = {"network": "mlp", "hidden": 16, "depth": 2, "latent_dim": 6}
LEFT = Qt.MouseButton.LeftButton


def gan_run(home: Path, name: str, steps: int = 12, **extra: object) -> Run:
    settings = TrainRecipe.parse({"steps": steps, "batch_size": 32, "save_every": 6, "log_every": 3, "lr": 1e-2})
    info = RunInfo(MODELS["gan"].parse(TINY | extra), DATASETS["digits"].parse({}), settings)
    return RunStore(home).create(info, name)


def shown(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, **extra: object) -> object:
    run = gan_run(home, "gan", **extra)
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("seeds")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel._scores is not None, timeout=20_000)
    return panel


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    return shown(open_desk, home, qtbot)


def middle(panel: object, place: int) -> QPoint:
    return panel.grid.cells()[place].center().toPoint()


def drag(panel: object, by: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press on the first cell and go `by` in two moves, without letting go."""
    start = QPointF(middle(panel, 0))
    kinds = (
        (QMouseEvent.Type.MouseButtonPress, 0.0),
        (QMouseEvent.Type.MouseMove, 0.5),
        (QMouseEvent.Type.MouseMove, 1.0),
    )
    for kind, along in kinds:
        at = start + QPointF(by) * along
        button = LEFT if kind == QMouseEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        QApplication.sendEvent(panel.grid, QMouseEvent(kind, at, panel.grid.mapToGlobal(at), button, LEFT, modifiers))


def let_go(panel: object, at: QPoint) -> None:
    end = QPointF(at)
    QApplication.sendEvent(
        panel.grid,
        QMouseEvent(
            QMouseEvent.Type.MouseButtonRelease, end, panel.grid.mapToGlobal(end), LEFT, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )  # fmt: skip


def test_a_click_sends_the_code_and_ctrl_and_shift_choose(panel: object, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.grid, LEFT, pos=middle(panel, 5))
    assert np.array_equal(panel.session.code.z, panel._sown.z[5])
    assert panel.session.code.history.undoText() == "Seed 5"
    qtbot.mouseClick(panel.grid, LEFT, Qt.KeyboardModifier.ControlModifier, middle(panel, 2))
    qtbot.mouseClick(panel.grid, LEFT, Qt.KeyboardModifier.ShiftModifier, middle(panel, 4))
    assert panel.grid.chosen == {2, 3, 4} and "3 chosen" in panel.note.text()
    assert panel.picked().seeds.tolist() == [2, 3, 4]
    panel.keep()
    assert [bookmark.name for bookmark in panel.session.bookmarks.all()] == ["Seed 2", "Seed 3", "Seed 4"]
    assert np.array_equal(panel.session.bookmarks.all()[1].z, panel._sown.z[3])
    qtbot.keyClick(panel.grid, Qt.Key.Key_Escape)
    assert not panel.grid.chosen and len(panel.picked()) == 64


def test_pointing_tells_seed_and_score(panel: object, qtbot: QtBot) -> None:
    qtbot.mouseMove(panel.grid, middle(panel, 9))
    assert panel.card.isVisible() and panel.card.text() == f"Seed 9\nD {panel._scores[9]:+.2f}"
    assert np.array_equal(panel.card.image._pixels, panel._sown.x[9])


def test_order_by_score_is_the_scores_order_and_keeps_what_is_chosen(panel: object, qtbot: QtBot) -> None:
    panel.grid.choose({0})
    panel.sorting.setCurrentIndex(1)
    assert (np.diff(panel._scores[panel._order]) <= 0).all()
    (place,) = panel.grid.chosen
    assert panel._order[place] == 0
    qtbot.mouseClick(panel.grid, LEFT, pos=middle(panel, 0))
    assert np.array_equal(panel.session.code.z, panel._sown.z[panel._scores.argmax()])
    panel.sorting.setCurrentIndex(2)
    assert (np.diff(panel._scores[panel._order]) >= 0).all()


def test_a_drag_goes_from_seed_to_seed_and_alt_along_two_directions(panel: object, qtbot: QtBot) -> None:
    pitch, start = round(panel.grid.pitch()), middle(panel, 0)
    drag(panel, QPoint(-2 * pitch, 0))
    qtbot.waitUntil(lambda: panel._sown.sheet.first == pytest.approx(2, abs=0.05), timeout=5000)
    assert panel.bar.shift.value() == pytest.approx(2, abs=0.05) and panel._scores is None
    let_go(panel, start)
    qtbot.waitUntil(lambda: panel._scores is not None, timeout=5000)
    assert not np.array_equal(panel.session.code.z, panel._sown.z[0]), "a drag is no click"
    drag(panel, QPoint(96, -48), Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: panel._sown.sheet.pull == (2.0, -1.0), timeout=5000)
    let_go(panel, start)
    assert "pulled by +2.0, -1.0" in panel.note.text()
    panel.directions_action.trigger()
    qtbot.waitUntil(lambda: panel._sown.sheet.pull == (0.0, 0.0), timeout=5000)


def test_its_size_by_wheel_corner_key_and_number(panel: object, qtbot: QtBot) -> None:
    def size(columns: int, rows: int) -> None:
        qtbot.waitUntil(lambda: panel.grid._count == columns * rows, timeout=5000)
        assert (panel.grid.across, panel.grid.shape) == (columns, (columns, rows))

    at = QPointF(middle(panel, 0))
    wheel = QWheelEvent(
        at, panel.grid.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.grid, wheel)
    size(7, 7)
    panel.bar.columns.setValue(16)
    size(16, 7)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Minus)
    size(15, 6)
    corner = panel.grid.grip().center().toPoint()
    qtbot.mousePress(panel.grid, LEFT, pos=corner)
    qtbot.mouseMove(panel.grid, corner + QPoint(-14 * 24, -5 * 24))
    qtbot.mouseRelease(panel.grid, LEFT, pos=corner)
    size(1, 1)


def test_psi_0_draws_one_image(panel: object, qtbot: QtBot) -> None:
    panel.bar.psi.number.setValue(0)
    qtbot.waitUntil(lambda: bool((panel._sown.x == panel._sown.x[0]).all()), timeout=5000)


def test_raw_weights_stand_beside_averaged_ones(panel: object, qtbot: QtBot) -> None:
    assert panel.raw_action.isEnabled() and not panel.raw.isVisible()
    panel.raw_action.trigger()
    qtbot.waitUntil(lambda: panel._sown.raw is not None and panel.raw._count == 64, timeout=5000)
    assert panel.raw.isVisible() and not np.array_equal(panel._sown.raw, panel._sown.x)


def test_the_nearest_training_images_take_their_place(panel: object, qtbot: QtBot) -> None:
    panel.nearest_action.trigger()
    qtbot.waitUntil(lambda: panel._near is not None, timeout=20_000)
    assert "nearest of 1,500 training images" in panel.note.text()
    panel.nearest_action.trigger()
    assert panel._near is None and "nearest" not in panel.note.text()


def test_it_draws_the_same_seeds_anew_while_the_model_trains(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    run, desk, seen = gan_run(home, "live", steps=24), open_desk(), []
    desk.session.open_run(run)
    panel = desk.panel("seeds")
    work = train(run)
    for event in work:
        if isinstance(event, Saved):
            desk.session.refresh()
            if panel is not desk.window.tabs.currentWidget():
                desk.window.tabs.setCurrentWidget(panel)
            step = event.step
            qtbot.waitUntil(lambda step=step: f"of step {step} ·" in panel.note.text() and panel._scores is not None)
            assert panel.grid._count == 64
            model = desk.session.checkpoint.model()
            assert np.array_equal(panel._sown.x, paint(model, codes(model, Sheet())))
            seen.append((panel._sown.x, panel._sown.z))
    assert len(seen) >= 3
    for (x, z), (later_x, later_z) in pairwise(seen):
        assert np.array_equal(z, later_z) and not np.array_equal(x, later_x)


def test_one_column_for_each_class(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    panel = shown(open_desk, home, qtbot, condition=("digit",))
    panel.bar.by.setCurrentIndex(1)
    qtbot.waitUntil(lambda: panel.grid._count == 80 and panel._scores is not None, timeout=5000)
    assert panel.grid.heads == tuple("0123456789") and not panel.bar.columns.isEnabled()
    qtbot.mouseClick(panel.grid, LEFT, pos=middle(panel, 13))
    assert panel.session.code.history.undoText() == "Seed 1 · 3"
    assert np.array_equal(panel.session.code.z, panel._sown.z[13])
    panel.bar.by.setCurrentIndex(0)
    assert panel.bar.columns.isEnabled()


def test_without_a_model_it_says_what_to_do(open_desk: Callable[[], Desk], qtbot: QtBot, panel: object) -> None:
    panel.session.close_run()
    assert panel.grid._count == 0 and "Train a GAN" in panel.grid.empty
    assert not panel.bar.isEnabled() and not panel.keep_action.isEnabled() and panel.note.text() == ""


def test_seeds_are_stops_of_a_way_and_conditions_stay_on_a_walk(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = gan_run(home, "gan", condition=("digit",))
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    paths = desk.panel("paths")
    desk.window.tabs.setCurrentWidget(paths)
    stops = paths.between.stops
    stops._offer()
    monkeypatch.setattr("genexplorer.gui.ways.tray.QInputDialog.getText", lambda *_: ("7", True))
    next(action for action in stops._menu.actions() if "seed" in action.text()).trigger()
    stops.add_random()
    qtbot.waitUntil(lambda: len(paths.between.player.frames()) == paths.between.player.count() > 2, timeout=20_000)
    model = desk.session.checkpoint.model()
    assert [item.name for item in stops.items()] == ["Seed 7", "Random 1"]
    assert np.array_equal(stops.codes()[0], codes(model, Sheet(first=7, rows=1, columns=1))[0].numpy())
    written = model.labels.write(torch.arange(10.0)[:, None]).numpy()
    assert any(np.array_equal(stops.codes()[1, 6:], each) for each in written), "a random code has one digit"
    desk.session.code.change("Seed 7", stops.codes()[0])
    walk = paths.wander.codes()
    assert desk.session.checkpoint.told == 10 and walk.shape[1] == 16
    assert (walk[:, 6:] == stops.codes()[0, 6:]).all() and walk[:, :6].std() > 0.5
