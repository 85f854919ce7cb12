"""The reconstruct panel as a person uses it: open it, sort, choose a class, click an image, load, cancel."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import make_run
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS
from genexplorer.engine.query import own_model
from genexplorer.engine.reconstruct import psnr
from genexplorer.engine.runs import Run
from genexplorer.engine.train import train
from genexplorer.gui.comparison import ComparisonView, Tile


@pytest.fixture
def run(home: Path) -> Run:
    made = make_run(home, "ready")
    list(train(made))
    return made


def opened(desk: Desk, run: Run, qtbot: QtBot) -> object:
    desk.session.open_run(run)
    panel = desk.panel("reconstruct")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel._gallery is not None and panel._gallery.by_pca, timeout=20_000)
    return panel


def test_the_test_set_is_shown_with_the_worst_first(open_desk: Callable[[], Desk], run: Run, qtbot: QtBot) -> None:
    panel = opened(open_desk(), run, qtbot)
    mse = panel._gallery["mse"]
    assert len(mse) == 297 and not panel.load_action.isVisible()
    assert panel.status.label.text() == "297 test images, at step 80"
    assert np.array_equal(panel.view.order(), np.argsort(-mse, kind="stable"))
    assert (
        f"{psnr(float(mse.mean())):.1f}" in panel.errors.table.text() and "1,500 training" in panel.errors.table.text()
    )
    panel.sorting.setCurrentIndex(panel.sorting.findText("Best first"))
    assert panel.view.order()[0] == mse.argmin()
    panel.sorting.setCurrentIndex(panel.sorting.findText("In the set's order"))
    assert panel.view.order().tolist() == list(range(297))
    panel.sorting.setCurrentIndex(panel.sorting.findText("By class"))
    assert (np.diff(panel._gallery["labels"][panel.view.order(), 0]) >= 0).all()


def test_a_clicked_image_goes_to_the_sliders(open_desk: Callable[[], Desk], run: Run, qtbot: QtBot) -> None:
    desk = open_desk()
    panel = opened(desk, run, qtbot)
    worst, third = panel.view.order()[0], panel.view.order()[2]
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=panel.view.rect_of(0).center())
    assert np.array_equal(desk.session.code.z, panel._gallery["z"][worst])
    assert desk.session.code.history.undoText() == f"Test image {worst}"
    for _ in range(2):
        qtbot.keyClick(panel.view, Qt.Key.Key_Right)
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert np.array_equal(desk.session.code.z, panel._gallery["z"][third])
    desk.session.code.history.undo()
    assert np.array_equal(desk.session.code.z, panel._gallery["z"][worst])


def test_a_clicked_class_is_shown_alone(open_desk: Callable[[], Desk], run: Run, qtbot: QtBot) -> None:
    panel = opened(open_desk(), run, qtbot)
    row = panel.errors.classes.rows[1]
    middle = QPoint(20, panel.errors.classes._height() * 3 // 2)
    qtbot.mouseClick(panel.errors.classes, Qt.MouseButton.LeftButton, pos=middle)
    assert len(panel.view.order()) == row.count
    assert (panel._gallery["labels"][panel.view.order(), 0] == row.index).all()
    qtbot.keyClick(panel.errors.classes, Qt.Key.Key_Escape)
    assert len(panel.view.order()) == 297
    qtbot.keyClick(panel.errors.classes, Qt.Key.Key_Up)
    qtbot.keyClick(panel.errors.classes, Qt.Key.Key_Space)
    assert len(panel.view.order()) == panel.errors.classes.rows[0].count


def test_a_model_away_from_its_data_shows_examples_and_says_why_more_cannot_be_had(
    open_desk: Callable[[], Desk], run: Run, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    panel = desk.panel("reconstruct")
    desk.window.tabs.setCurrentWidget(panel)
    there = run.checkpoint()
    gone = DATASETS["folder"].parse({"path": tmp_path / "gone"})
    desk.session.open_alone(Checkpoint(there.path, there.recipe, gone, there.spec, there.step))
    qtbot.waitUntil(
        lambda: "256</b> of" not in panel.errors.table.text() and "example" in panel.errors.table.text(), timeout=9000
    )
    assert panel.load_action.isVisible() and panel.errors.classes.rows[0].pca is None
    load = next(button for button in panel.findChildren(QPushButton) if button.text() == "Load the data")
    qtbot.mouseClick(load, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "does not exist" in panel._banner._label.text(), timeout=9000)
    assert not panel.status.bar.isVisible() and len(panel.view.order()) == 256


def test_cancel_keeps_what_has_come(
    open_desk: Callable[[], Desk], run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    model = own_model(run.checkpoint())
    decode = type(model).decode
    monkeypatch.setattr(type(model), "decode", lambda self, z: time.sleep(0.3 if len(z) > 1 else 0) or decode(self, z))
    monkeypatch.setattr("genexplorer.engine.reconstruct._PIXELS", 64 * 16)
    desk.session.open_run(run)
    panel = desk.panel("reconstruct")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: len(panel.view.order()) > 0, timeout=9000)
    qtbot.mouseClick(panel.status.cancel, Qt.MouseButton.LeftButton)
    come = len(panel._gallery)
    assert 0 < come < 297 and not panel.status.bar.isVisible()
    assert panel.status.label.text() == f"{come} of 297 test images, at step 80"
    assert panel.status.offer.text() == "Start over"
    qtbot.wait(700)
    assert len(panel._gallery) == come == len(panel.view.order())


def test_thousands_scroll_and_only_what_is_seen_is_taken(qtbot: QtBot) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2000, 3, 64, 64), np.uint8)
    taken: list[int] = []

    def take(which: np.ndarray) -> np.ndarray:
        taken.extend(which.tolist())
        return pixels[which]

    view = ComparisonView("nothing")
    qtbot.addWidget(view)
    view.resize(700, 600)
    view.set_tiles([Tile(name, take) for name in "abc"], str, QSize(64, 64))
    view.set_order(np.arange(2000)[::-1])
    view.show()
    view.grab()
    assert 1999 in taken and len(set(taken)) < 60
    qtbot.keyClick(view, Qt.Key.Key_End)
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.current == 0
    taken.clear()
    image = view.grab().toImage()
    assert 0 in taken and len(set(taken)) < 60
    where = view.rect_of(1999)
    assert view.viewport().rect().contains(where)
    color = image.pixelColor(view.viewport().mapTo(view, where.topLeft() + QPoint(10, 12)))
    scale = view._tile().width() / 64
    x, y = int(10 / scale), int(12 / scale)
    assert (color.red(), color.green(), color.blue()) == tuple(pixels[0, :, y, x])


def test_another_model_never_shows_the_images_of_the_one_before(
    open_desk: Callable[[], Desk], run: Run, home: Path, qtbot: QtBot
) -> None:
    desk = open_desk()
    panel = opened(desk, run, qtbot)
    other = make_run(home, "other", steps=40)
    list(train(other))
    before = panel._gallery
    desk.session.open_run(other)
    assert panel._gallery is not before and not len(panel.view.order())
    qtbot.waitUntil(lambda: panel._gallery is not None and panel._gallery.by_pca, timeout=20_000)
    desk.session.close_run()
    assert panel._gallery is None and "Library" in panel.view.empty and not panel.status.bar.isVisible()


def test_a_later_checkpoint_is_offered_and_takes_the_place_of_the_first_once_it_has_redrawn_all(
    open_desk: Callable[[], Desk], run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    early, late = (Checkpoint.open(path) for path in run.checkpoints()[-2:])
    for checkpoint in (early, late):
        model = own_model(checkpoint)
    decode = type(model).decode
    monkeypatch.setattr(type(model), "decode", lambda self, z: time.sleep(0.03 if len(z) > 1 else 0) or decode(self, z))
    monkeypatch.setattr("genexplorer.engine.reconstruct._PIXELS", 64 * 16)
    desk.session.open_alone(early)
    panel = desk.panel("reconstruct")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: len(panel.view.order()) > 0, timeout=9000)
    first = panel._gallery
    assert len(first) < 297
    desk.session.open_checkpoint(late)
    qtbot.waitUntil(lambda: len(first) == 297 and first.by_pca, timeout=9000)  # it is let come to its end
    assert panel.status.label.text() == f"297 test images, at step {early.step}" and panel._gallery is first
    assert panel.status.offer.text() == f"Update to step {late.step}" and panel._asked is None
    for cancelled in (True, False):
        qtbot.mouseClick(panel.status.offer, Qt.MouseButton.LeftButton)
        assert panel.status.cancel.isVisible() and not panel.status.offer.isVisible()
        if cancelled:
            qtbot.mouseClick(panel.status.cancel, Qt.MouseButton.LeftButton)
            assert panel.status.label.text() == f"297 test images, at step {early.step}"
            assert panel.status.offer.text() == f"Update to step {late.step}"
    seen: list[int] = []
    qtbot.waitUntil(lambda: seen.append(len(panel.view.order())) or panel._gallery is not first, timeout=20_000)  # type: ignore[func-returns-value]
    assert set(seen) == {297} and panel._gallery.by_pca and not panel.status.offer.isVisible()
    assert panel.status.label.text() == f"297 test images, at step {late.step}"


def test_an_empty_panel_says_what_to_do(open_desk: Callable[[], Desk]) -> None:
    panel = open_desk().panel("reconstruct")
    assert "Library" in panel.view.empty and not panel.load_action.isEnabled()
