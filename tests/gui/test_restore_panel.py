"""The restore panel as a person uses it: dial the noise, paint with mouse and keys, undo, drop a picture."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import SMALL, drag_and_drop
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.restore import BARE, BLACK, WHITE
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train
from genexplorer.gui.brush import stroke


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    model = MODELS["denoising"].parse({"latent_dim": 8, "width": 8})
    run = RunStore(home).create(RunInfo(model, DATASETS["digits"].parse({}), TrainRecipe.parse(SMALL)), "clean")
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("restore")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.restored.image() is not None, timeout=20_000)
    return panel


def pixels(view: object) -> np.ndarray:
    return view._pixels


def at(view: object, x: float, y: float) -> QPoint:
    """Where a pixel's middle is on the screen."""
    target, image = view.target(), view.image()
    scale = target.width() / image.width()
    return (target.topLeft() + QPointF(x + 0.5, y + 0.5) * scale).toPoint()


def test_the_dial_spoils_and_other_noise_is_other(panel: object, qtbot: QtBot) -> None:
    panel.damage.dial.setFocus()
    qtbot.keyClick(panel.damage.dial, Qt.Key.Key_Home)
    assert panel.damage.strength.value() == 0
    qtbot.waitUntil(lambda: np.array_equal(pixels(panel.spoilt), pixels(panel.original)))
    assert panel.views._notes[1].text() == "MSE 0"
    panel.damage.strength.setValue(0.5)
    assert panel.damage.dial.value() == 50
    qtbot.waitUntil(lambda: not np.array_equal(pixels(panel.spoilt), pixels(panel.original)))
    first = pixels(panel.spoilt)
    assert "dB" in panel.views._notes[2].text()
    qtbot.keyClick(panel, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not np.array_equal(pixels(panel.spoilt), first))


def test_the_mouse_paints_and_undo_takes_it_back(panel: object, qtbot: QtBot) -> None:
    panel.damage.strength.setValue(0)
    qtbot.mouseClick(panel.damage.brushes.button(2), Qt.MouseButton.LeftButton)  # white
    panel.damage.radius.setValue(0.5)
    left, view = Qt.MouseButton.LeftButton, panel.spoilt
    qtbot.mousePress(view, left, pos=at(view, 1, 4))
    qtbot.mouseMove(view, at(view, 6, 4))
    qtbot.mouseRelease(view, left, pos=at(view, 6, 4))
    assert (panel._paint[4, 1:7] == WHITE).all()
    assert (panel._paint[[0, 1, 2, 6, 7]] == BARE).all()
    qtbot.waitUntil(lambda: (pixels(view)[:, 4, 1:7] == 255).all())
    history = panel.session.code.history
    assert history.undoText() == "Paint white"
    history.undo()
    assert not panel._paint.any()
    qtbot.waitUntil(lambda: np.array_equal(pixels(view), pixels(panel.original)))
    history.redo()
    qtbot.waitUntil(lambda: (pixels(view)[:, 4, 1:7] == 255).all())
    qtbot.mouseClick(panel.damage.brushes.button(5), Qt.MouseButton.LeftButton)  # the original
    qtbot.mouseClick(view, left, pos=at(view, 3, 4))
    qtbot.waitUntil(lambda: (pixels(view)[:, 4, 3] == pixels(panel.original)[:, 4, 3]).all())
    qtbot.keyClick(panel, Qt.Key.Key_0)
    assert not panel._paint.any()


def test_keys_paint_too(panel: object, qtbot: QtBot) -> None:
    panel.damage.brushes.button(1).click()  # black
    panel.damage.radius.setValue(0.5)
    panel.spoilt.setFocus()
    qtbot.keyClick(panel.spoilt, Qt.Key.Key_Right)
    qtbot.keyClick(panel.spoilt, Qt.Key.Key_Up)
    qtbot.keyClick(panel.spoilt, Qt.Key.Key_Space)
    assert np.argwhere(panel._paint == BLACK).tolist() == [[3, 5]]


def test_without_a_brush_the_mouse_paints_nothing(panel: object, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.spoilt, Qt.MouseButton.LeftButton, pos=at(panel.spoilt, 3, 3))
    assert not panel._paint.any()


def test_places_go_around_and_a_dropped_picture_is_spoilt(panel: object, qtbot: QtBot, tmp_path: Path) -> None:
    first = pixels(panel.original)
    panel.place.stepDown()
    qtbot.waitUntil(lambda: panel.place.value() == 296)
    panel.place.stepUp()
    qtbot.waitUntil(lambda: np.array_equal(pixels(panel.original), first))
    file = tmp_path / "own.png"
    Image.new("L", (32, 32), 200).save(file)
    drag_and_drop(panel.original, [file])
    qtbot.waitUntil(lambda: (pixels(panel.original) == 200).all())
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drag_and_drop(panel.original, [broken])
    qtbot.waitUntil(lambda: panel._banner.isVisible())
    assert (pixels(panel.original) == 200).all()


def test_the_restored_code_goes_to_the_sliders(panel: object, qtbot: QtBot) -> None:
    before = panel.session.code.z
    panel.send_action.trigger()
    assert len(panel.session.code.z) == 8
    assert not np.array_equal(panel.session.code.z, before)
    assert panel.session.code.history.undoText() == "Restored image"


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.5])
def test_a_stroke_covers_what_lies_near_its_way(radius: float) -> None:
    """Against a plain walk along the way in small steps."""
    start, end = (2.3, 3.1), (9.7, 6.2)
    covered = stroke((12, 14), start, end, radius)
    walked = np.zeros((12, 14), bool)
    for t in np.linspace(0, 1, 4000):
        x, y = (a + t * (b - a) for a, b in zip(start, end, strict=True))
        for row in range(12):
            for column in range(14):
                if abs(column + 0.5 - x) <= radius and abs(row + 0.5 - y) <= radius:
                    walked[row, column] |= (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 <= radius**2
    walked[6, 9] = True
    assert np.array_equal(covered, walked)


def test_a_stroke_beside_the_image_covers_nothing() -> None:
    assert not stroke((8, 8), (-9.0, -9.0), (-5.0, -7.0), 1.0).any()
