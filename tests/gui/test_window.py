"""The window, used as a person uses it: real runs, a real thread that trains, mouse and keyboard."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import SMALL, make_run, trained
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QEnterEvent
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.command import command
from genexplorer.engine.runs import RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train


def pixels(desk: Desk) -> bytes:
    image = desk.panels[0].image.image()
    assert image is not None
    return bytes(image.constBits())


def test_an_empty_home_says_what_to_do(open_desk: Callable[[], Desk], qtbot: QtBot) -> None:
    desk = open_desk()
    qtbot.waitUntil(lambda: desk.library.runs.count() == 1, timeout=10_000)
    assert "Start" in desk.library.runs.item(0).text()
    assert "Library" in desk.panels[0].image.empty


def test_a_run_is_trained_in_the_window_and_explored(open_desk: Callable[[], Desk], qtbot: QtBot) -> None:
    desk = open_desk()
    desk.train.recipes.choose_data(DATASETS["digits"].parse({}))
    desk.train.recipes.model_form.set_recipe(MODELS["vae"].parse({"latent_dim": 6, "width": 8}))
    desk.train.recipes.train_form.set_recipe(TrainRecipe.parse(SMALL))
    desk.train.start_action.trigger()
    assert not desk.train.start_action.isEnabled()
    qtbot.waitUntil(lambda: not desk.train.work.going, timeout=60_000)
    run = desk.session.run
    assert run is not None and run.status() == "finished"
    assert [row["step"] for row in run.metrics()] == list(range(10, 81, 10))
    assert desk.train.curves.runs() == [run.name]
    assert [step for step, _ in desk.train.previews.scrubber.frames()] == [0, 40, 80]
    qtbot.waitUntil(lambda: desk.panels[0].image.image() is not None, timeout=10_000)
    desk.library.look()
    qtbot.waitUntil(lambda: run.name in desk.library.runs.item(0).text(), timeout=10_000)
    qtbot.waitUntil(lambda: "finished" in desk.library.runs.item(0).text(), timeout=10_000)


def rest(desk: Desk, qtbot: QtBot) -> None:
    """Until what is seen is what was asked for last."""
    qtbot.waitUntil(lambda: not desk.panels[0].busy, timeout=10_000)
    qtbot.wait(50)


def test_dragging_a_slider_changes_the_picture_and_is_one_step_of_undo(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    panel = desk.panels[0]
    qtbot.waitUntil(lambda: bool(panel.code.z.all()), timeout=5_000)  # it begins at a real image
    rest(desk, qtbot)
    slider = next(s for s in panel.sliders if s.isVisible())
    before, code = pixels(desk), panel.code.z.copy()
    track, start = slider.track_rect(), QPoint(round(slider.x_of(slider.value())), slider.track_rect().center().y())
    end = max(track.left() + 4, track.right() - 4, key=lambda x: abs(x - start.x()))
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    for x in ((2 * start.x() + end) // 3, (start.x() + 2 * end) // 3, end):
        qtbot.mouseMove(slider, QPoint(x, start.y()))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(end, start.y()))
    assert abs(slider.value()) > 0.1
    qtbot.waitUntil(lambda: pixels(desk) != before, timeout=5_000)
    assert panel.code.history.count() == 1
    panel.code.history.undo()
    assert np.array_equal(panel.code.z, code)
    qtbot.waitUntil(lambda: pixels(desk) == before, timeout=5_000)
    panel.code.history.redo()
    qtbot.waitUntil(lambda: pixels(desk) != before, timeout=5_000)


def test_no_number_is_cut_off_at_any_size_of_text(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    for scale in (0.9, 1.5):
        desk.window.set_scale(scale)
        for slider in (each for each in desk.panels[0].sliders if each.isVisible()):
            qtbot.wait(20)  # the layout follows the font
            desk.panels[0].column.ensureWidgetVisible(slider, 0, 0)
            qtbot.waitUntil(lambda slider=slider: slider.visibleRegion().boundingRect() == slider.rect(), timeout=2000)
    desk.window.set_scale(1.0)


def test_random_spares_locked_sliders_and_reset_goes_back(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    panel = desk.panels[0]
    panel.sliders[2].set_locked(True)
    panel.image.setFocus()
    qtbot.waitUntil(lambda: bool(panel.code.z.all()), timeout=5_000)  # it begins at a real image
    before = panel.code.z.copy()
    qtbot.keyClick(panel.image, Qt.Key.Key_R)
    assert (panel.code.z != before).tolist() == [True, True, False, True, True, True]
    qtbot.keyClick(panel.image, Qt.Key.Key_0)
    assert np.flatnonzero(panel.code.z).tolist() == [2] and panel.code.history.count() == 2


def test_a_dropped_picture_becomes_a_code(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "a photo.png"
    Image.fromarray(np.tile(np.linspace(0, 255, 40, dtype=np.uint8), (30, 1))).save(file)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    desk.panels[0].image.dropEvent(drop)
    qtbot.waitUntil(lambda: desk.session.code.history.undoText() == "Encode a photo.png", timeout=5_000)


def test_a_file_that_is_no_picture_is_told_in_a_sentence(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "broken.png"
    file.write_bytes(b"not a picture")
    desk.panels[0].encode_file(file)
    qtbot.waitUntil(lambda: "cannot be read as a picture" in desk.panels[0]._banner._label.text(), timeout=5_000)
    assert desk.panels[0].image.image() is not None
    close = next(b for b in desk.panels[0]._banner.findChildren(QToolButton) if b.toolTip() == "Dismiss")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not desk.panels[0]._banner.isVisible()


def test_pause_stop_and_resume(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    run = make_run(home, "long", steps=100_000)
    desk.train.work.go_on(run)
    qtbot.waitUntil(lambda: len(run.metrics()) > 1, timeout=20_000)
    desk.train.pause_action.trigger()
    assert desk.train.pause_action.text() == "Resume"
    qtbot.wait(150)
    rows = len(run.metrics())
    qtbot.wait(250)
    assert len(run.metrics()) == rows and desk.train.state.text().startswith("Paused")
    desk.train.pause_action.trigger()
    qtbot.waitUntil(lambda: len(run.metrics()) > rows, timeout=10_000)
    desk.train.stop_action.trigger()
    qtbot.waitUntil(lambda: not desk.train.work.going, timeout=10_000)
    assert run.status() == "stopped" and run.checkpoints()
    stopped_at = run.checkpoint().step
    assert desk.train.pause_action.text() == "Resume" and desk.train.pause_action.isEnabled()
    desk.train.pause_action.trigger()
    qtbot.waitUntil(lambda: bool(run.metrics()) and run.metrics()[-1]["step"] > stopped_at + 10, timeout=20_000)
    desk.train.stop()
    qtbot.waitUntil(lambda: not desk.train.work.going, timeout=10_000)


@pytest.mark.parametrize("answer", ["stay", "save", "discard", "keep"])
def test_closing_while_training_asks(
    answer: str, open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    run = make_run(home, "going", steps=100_000)
    desk.train.work.go_on(run)
    qtbot.waitUntil(lambda: len(run.metrics()) > 1, timeout=20_000)
    started: list[list[str]] = []
    monkeypatch.setattr("genexplorer.gui.docks.training.subprocess.Popen", lambda words, **_: started.append(words))
    monkeypatch.setattr(RunStore, "trash", lambda self, run: run.path.rename(run.path.with_name("binned")))
    monkeypatch.setattr(desk.window, "ask_about_training", lambda name: answer)
    desk.window.close()
    match answer:
        case "stay":
            assert desk.window.isVisible() and desk.train.work.going
        case "save":
            assert not desk.window.isVisible() and run.status() == "stopped" and run.checkpoints()
        case "discard":
            assert not run.path.exists() and not desk.window.isVisible()
        case "keep":
            assert started[0][-3:] == ["train", "--resume", str(run.path)] and run.status() == "stopped"


def test_the_window_remembers_theme_layout_and_run(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    desk.window.set_theme("dark")
    library = next(dock for dock in desk.window._docks if dock.objectName() == "Library")
    library.hide()
    desk.window.close()
    again = open_desk()
    again.open_paths([])
    assert again.window.palette().window().color().lightness() < 80
    assert not next(dock for dock in again.window._docks if dock.objectName() == "Library").isVisible()
    assert again.session.run is not None and again.session.run.name == "ready"
    again.window.reset_layout()
    assert next(dock for dock in again.window._docks if dock.objectName() == "Library").isVisible()


def test_a_broken_run_is_a_sentence_and_the_window_lives(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    bad = make_run(home, "bad")
    (bad.path / "run.json").write_text("{")
    with qtbot.waitSignal(desk.session.failed) as told:
        desk.session.open_run(bad)
    assert "damaged" in told.args[0]
    desk.library.look()
    qtbot.waitUntil(lambda: desk.library.runs.count() == 2, timeout=5_000)
    assert any("broken" in desk.library.runs.item(row).text() for row in range(2))
    assert desk.session.run is not None and desk.session.run.name == "ready"


def test_curves_of_two_runs_are_laid_over_each_other(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    other = make_run(home, "other")
    list(train(other))
    desk = open_desk()
    trained(desk, home, qtbot)
    qtbot.waitUntil(lambda: desk.library.runs.count() == 2, timeout=5_000)
    row = next(row for row in range(2) if "other" in desk.library.runs.item(row).text())
    desk.library.runs.setCurrentRow(row)
    compare = next(action for action in desk.library.runs.actions() if action.text() == "Compare curves")
    compare.trigger()
    assert sorted(desk.train.curves.runs()) == ["other", "ready"]
    compare.trigger()
    assert desk.train.curves.runs() == ["ready"]


def test_all_cores_are_used_where_asked_and_that_is_remembered(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    used: list[int] = []
    monkeypatch.setattr(
        "genexplorer.gui.docks.training.train", lambda run, hardware: used.append(hardware.threads) or iter(())
    )
    desk = open_desk()
    for asked in (False, True):
        if desk.train.cores_action.isChecked() != asked:
            desk.train.cores_action.trigger()
        desk.train.work.go_on(make_run(home, f"asked {asked}"))
        qtbot.waitUntil(lambda: not desk.train.work.going, timeout=10_000)
    assert used == [2, 3]
    desk.window.close()
    again = open_desk()
    assert again.train.cores_action in again.window.menus["&Train"].actions()
    assert again.train.cores_action.isChecked()


def test_the_command_trains_the_same(open_desk: Callable[[], Desk], qtbot: QtBot) -> None:
    desk = open_desk()
    desk.train.recipes.choose_data(DATASETS["digits"].parse({}))
    desk.train.recipes.model_form.set_recipe(MODELS["vae"].parse({"latent_dim": 6, "beta": 2.5}))
    desk.train.recipes.train_form.set_recipe(TrainRecipe.parse({"steps": 10, "compile": True}))
    assert command(desk.train.recipes.info()) == (
        "genexplorer train vae digits --model.latent-dim 6 --model.beta 2.5 --train.steps 10 --train.compile"
    )


def test_every_button_says_what_it_does(open_desk: Callable[[], Desk]) -> None:
    desk = open_desk()
    buttons = [
        b for b in desk.window.findChildren(QToolButton) if b.isVisible() and not b.objectName().startswith("qt_")
    ]
    assert len(buttons) > 5
    for button in buttons:
        assert button.toolTip() or button.text(), button


def test_a_refused_start_leaves_open_what_was_open(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    nowhere = DATASETS["folder"].parse({"path": home / "gone"})
    for before in (desk.session.run, None):
        if before is None:
            desk.session.open_alone(desk.session.checkpoint)
        shown = desk.session.checkpoint
        desk.train.recipes.choose_data(nowhere)
        desk.train.start_action.trigger()
        qtbot.waitUntil(lambda: not desk.train.work.going, timeout=10_000)
        assert not desk.train.work.run.path.exists() and "gone" in desk.train.state.text()
        assert (desk.session.run and desk.session.run.path) == (before and before.path)
        assert desk.session.checkpoint is not None and desk.session.checkpoint.path == shown.path
        assert desk.train.pause_action.text() == "Pause" and not desk.train.pause_action.isEnabled()


def test_what_a_training_needs_is_imported_when_the_pointer_comes_to_the_dock(
    open_desk: Callable[[], Desk], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(
        "genexplorer.gui.docks.training.get_ready", lambda: made.append(threading.current_thread().name)
    )
    desk = open_desk()
    assert not desk.train.work.is_ready() and not made
    for _ in range(2):
        QApplication.sendEvent(desk.train, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    qtbot.waitUntil(desk.train.work.is_ready)
    assert made == ["genexplorer-ready"]
