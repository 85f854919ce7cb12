"""Editing with a model that draws codes but finds none: the same sliders, and codes of photos that are looked for."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine import inversion
from genexplorer.engine.explore import decode
from genexplorer.engine.query import own_model
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    model = {"network": "mlp", "hidden": 32, "latent_dim": 4, "condition": ("digit",)}
    values = {"steps": 40, "batch_size": 32, "save_every": 20, "log_every": 20, "preview_every": 40}
    info = RunInfo(MODELS["gan"].parse(model), DATASETS["digits"].parse({}), TrainRecipe.parse(values))
    run = RunStore(tmp_path_factory.mktemp("gan")).create(info, "gan")
    list(train(run))
    return run


@pytest.fixture
def panel(open_desk: Callable[[], Desk], run: Run, qtbot: QtBot) -> Any:
    inversion._known.clear()
    desk = open_desk()
    found = desk.panel("latent")
    found.desk = desk
    desk.session.open_run(run)
    qtbot.waitUntil(lambda: bool(found.code.z.any()), timeout=10_000)
    qtbot.waitUntil(lambda: found._drawn is not None and np.array_equal(found._drawn[0], found.code.z), timeout=10_000)
    return found


def seed_code(panel: Any, seed: int) -> np.ndarray:
    model = own_model(panel.session.checkpoint)
    return model.draw(1, torch.Generator().manual_seed(seed))[0].numpy()  # type: ignore[no-any-return,operator]


def classes_of(z: np.ndarray) -> int:
    """How many classes a code says."""
    return int((z[4:] > 0).sum())


def drop(tray: Any, data: QMimeData) -> None:
    plain = Qt.KeyboardModifier.NoModifier
    tray.cards.dropEvent(QDropEvent(QPointF(60, 5), Qt.DropAction.CopyAction, data, LEFT, plain))


@pytest.fixture
def photo(panel: Any, tmp_path: Path) -> Path:
    """One of its own pictures, as any program would have saved it."""
    z = seed_code(panel, 77)
    with torch.no_grad():
        x = own_model(panel.session.checkpoint).decode(torch.from_numpy(z)[None])[0, 0]  # type: ignore[operator]
    file = tmp_path / "a photo.png"
    Image.fromarray(((x + 1) * 127.5).round().byte().numpy()).save(file)
    return file


def test_it_opens_at_a_drawn_code_and_random_ones_are_drawn_by_the_model(panel: Any, qtbot: QtBot) -> None:
    assert np.array_equal(panel.code.z, seed_code(panel, 0)) and not panel.code.history.count()
    qtbot.waitUntil(lambda: next(each for each in panel.sliders if each.isVisible()).label == "PC 1", timeout=5_000)
    panel.image.setFocus()
    for count in (1, 2):
        before = panel.code.z.copy()
        qtbot.keyClick(panel.image, Qt.Key.Key_R)
        qtbot.waitUntil(lambda before=before: not np.array_equal(panel.code.z, before), timeout=5_000)
        assert panel.code.history.count() == count and panel.code.history.undoText() == "Random"
        seed, z = panel._seeded
        assert np.array_equal(z, seed_code(panel, seed)) and classes_of(panel.code.z) == 1
    qtbot.keyClick(panel.image, Qt.Key.Key_0)
    assert not panel.code.z[:4].any() and np.array_equal(panel.code.z[4:], z[4:])


def test_its_numbers_and_conditions_have_their_names_and_nothing_false_beside_them(panel: Any, qtbot: QtBot) -> None:
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_1)
    shown = [slider for slider in panel.sliders if slider.isVisible()]
    assert [slider.label for slider in shown[:5]] == ["z₀", "z₁", "z₂", "z₃", "digit: 0"]
    assert not any(slider.detail for slider in shown) and "variance" not in shown[0].toolTip()


def test_a_photos_code_is_looked_for_in_one_step_and_then_refined(panel: Any, photo: Path, qtbot: QtBot) -> None:
    panel.open_picture(photo)
    qtbot.waitUntil(lambda: panel.refinement.going, timeout=5_000)
    assert panel.photo.refine_action.text() == "Cancel"
    qtbot.waitUntil(lambda: "Learning" in panel.photo._told.text(), timeout=10_000)
    qtbot.waitUntil(lambda: not panel.refinement.going, timeout=60_000)
    assert panel.code.history.count() == 1 and panel.code.history.undoText() == "Find the code of a photo.png"
    qtbot.waitUntil(lambda: np.array_equal(panel._drawn[0], panel.code.z), timeout=5_000)
    assert panel.left.pictures.error() < 1e-3 and panel.photo._told.text().startswith("Error 0.00")
    assert classes_of(panel.code.z) == 1 and panel.photo.modes.button(1).isEnabled()
    found = panel.code.z.copy()
    panel.photo.refine_action.trigger()
    qtbot.waitUntil(lambda: not panel.refinement.going, timeout=30_000)
    assert np.array_equal(panel.code.z[4:], found[4:]) and panel.left.pictures.error() < 1e-3
    panel.photo.modes.setFocus()
    slider = next(slider for slider in panel.sliders if slider.isVisible())
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert panel.code.history.undoText() == "Move PC 1" and panel.left.pictures.original is not None


def test_looking_is_cancelled_and_what_was_learnt_stays(panel: Any, photo: Path, qtbot: QtBot) -> None:
    before = panel.code.z.copy()
    panel.open_picture(photo)
    qtbot.waitUntil(lambda: panel.photo._bar.value() > 0, timeout=10_000)
    panel.photo.refine_action.trigger()
    assert not panel.refinement.going and not panel.photo._bar.isVisible()
    qtbot.wait(200)
    assert np.array_equal(panel.code.z, before) and not panel.code.history.count()
    (inverse,) = inversion._known.values()
    assert inverse._done > 0
    panel.image.setFocus()
    panel.open_picture(photo)
    qtbot.waitUntil(lambda: panel.refinement.going, timeout=5_000)
    QTest.qWait(30)
    qtbot.keyClick(panel.image, Qt.Key.Key_2)  # another group of sliders is no reason to stop
    assert panel.refinement.going
    qtbot.waitUntil(lambda: panel.code.history.count() == 1, timeout=60_000)


def test_photos_are_stops_of_a_way_and_looking_for_them_can_be_given_up(panel: Any, photo: Path, qtbot: QtBot) -> None:
    paths = panel.desk.panel("paths")
    panel.desk.window.tabs.setCurrentWidget(paths)
    tray = paths.between.stops
    tray.add_seeds([3])
    tray.add_files([photo])
    qtbot.waitUntil(paths.work.isVisible, timeout=10_000)
    qtbot.mouseClick(paths.work.cancel_button, LEFT)
    assert not paths.work.isVisible()
    qtbot.waitUntil(lambda: [item.name for item in tray.items() if item.known] == ["Seed 3"], timeout=10_000)
    assert len(tray.items()) == 1
    tray._menu.aboutToShow.emit()
    assert "Pictures…" in [action.text() for action in tray._menu.actions()]
    tray.add_files([photo])
    qtbot.waitUntil(lambda: "Looking" in paths.work.label.text(), timeout=60_000)
    qtbot.waitUntil(lambda: not tray.pending(), timeout=60_000)
    assert not paths.work.isVisible() and classes_of(tray.items()[1].z) == 1
    qtbot.waitUntil(lambda: paths.between.player.count() == 120 == len(paths.between.player.frames()), timeout=10_000)


def test_how_plausible_a_code_is_is_told_by_what_the_model_draws(panel: Any, qtbot: QtBot) -> None:
    gauge = panel.left.gauge
    qtbot.waitUntil(lambda: gauge.told is not None and gauge.told.nearest is not None, timeout=20_000)
    assert "the codes that the model draws" in gauge.toolTip() and "encoding" not in gauge.toolTip()
    qtbot.mouseClick(gauge, LEFT)
    names = [label.text() for label in gauge._card.findChildren(QLabel) if label.isVisible()]
    assert not any("encoding it again" in name for name in names) and "…" not in names
    gauge._card.hide()
    far = panel.code.z.copy()
    far[4:] = 3  # all classes at once
    panel.code.change("far", far)
    qtbot.waitUntil(lambda: gauge.told is not None and gauge.told.verdict == "Implausible", timeout=20_000)


def test_of_a_damaged_checkpoint_nothing_is_awaited(
    open_desk: Callable[[], Desk], run: Run, tmp_path: Path, qtbot: QtBot
) -> None:
    copied = Run(Path(shutil.copytree(run.path, tmp_path / "home" / "runs" / "bad")))
    path = copied.checkpoints()[-1]
    path.write_bytes(path.read_bytes()[:-4] + b"\1\2\3\4")
    desk = open_desk()
    panel = desk.panel("latent")
    desk.session.open_run(copied)
    qtbot.waitUntil(panel._banner.isVisible, timeout=10_000)
    assert "damaged" in panel._banner._label.text()
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: "stands above" in panel.column.nothing.text(), timeout=10_000)
    qtbot.waitUntil(lambda: panel.left.gauge.accessibleDescription() == "Not known", timeout=10_000)


def test_sums_of_sets_of_seeds_show_their_averages(panel: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """As DCGAN's authors did: typed seeds, and bookmarks of seeds that were chosen by eye and dragged as one."""
    desk = panel.desk
    seeds, paths = desk.panel("seeds"), desk.panel("paths")
    desk.window.tabs.setCurrentWidget(seeds)
    qtbot.waitUntil(lambda: seeds._scores is not None, timeout=20_000)
    seeds.grid.choose({1, 4})
    seeds.keep_action.trigger()
    desk.window.tabs.setCurrentWidget(paths)
    paths.tabs.setCurrentWidget(paths.sums)
    strip, (first, second, third) = paths.strip, paths.sums.sets
    strip.selectAll()
    drop(first, strip.model().mimeData(strip.selectedIndexes()))
    assert sorted(item.name for item in first.items()) == ["Seed 1", "Seed 4"]
    for tray, text in ((second, "7"), (third, "10-11, 3"), (third, "12 to 14"), (third, "9-3")):
        monkeypatch.setattr("genexplorer.gui.ways.tray.QInputDialog.getText", lambda *_, text=text: (text, True))
        tray._menu.aboutToShow.emit()
        action = next(action for action in tray._menu.actions() if "seeds" in action.text())
        if tray is third and "," not in text:
            with qtbot.waitSignal(desk.session.failed) as told:
                action.trigger()
            assert text in told.args[0] and len(third.items()) == 3
        else:
            action.trigger()
    qtbot.waitUntil(lambda: all(view.image() for view in (*paths.sums.means, paths.sums.result)), timeout=10_000)
    qtbot.waitUntil(lambda: not third.pending() and len(paths.sums.z) == 4, timeout=10_000)
    a, b, c = ([seed_code(panel, n) for n in numbers] for numbers in ((1, 4), (7,), (10, 11, 3)))
    sums = np.mean(a, 0), b[0], np.mean(c, 0), np.mean(a, 0) - b[0] + np.mean(c, 0)
    assert paths.sums.z == pytest.approx(np.stack(sums), abs=1e-5)
    assert paths.sums.names() == ["A", "B", "C", "A − B + C"]
    qtbot.waitUntil(lambda: paths.sums.here() is not None, timeout=10_000)
    shown = decode(own_model(desk.session.checkpoint), sums[3][None])[0]
    assert np.abs(paths.sums.here().picture.astype(int) - shown).max() <= 1


def test_conditions_are_chosen_and_kept(panel: Any, qtbot: QtBot) -> None:
    bar, code = panel.right.conditions, panel.code
    model = own_model(panel.session.checkpoint)
    qtbot.waitUntil(bar.isEnabled, timeout=10_000)
    (digit,) = bar.controls
    written = model.labels.write(torch.arange(10.0)[:, None]).numpy()  # type: ignore[operator,union-attr]
    assert np.allclose(code.z[4:], written[digit.currentIndex()], atol=1e-5)
    noise = code.z[:4].copy()
    other = (digit.currentIndex() + 3) % 10
    digit.setCurrentIndex(other)
    assert digit.currentIndex() == other and np.allclose(code.z[4:], written[other], atol=1e-5)
    assert np.array_equal(code.z[:4], noise) and code.history.undoText() == "Condition"
    code.history.undo()
    assert digit.currentIndex() == (other - 3) % 10  # it says what the code says
    code.history.redo()
    qtbot.mouseClick(bar.fixed, LEFT, pos=QPoint(8, bar.fixed.height() // 2))
    assert bar.fixed.isChecked() and code.history.count() == 1 and len(code.held) == 10
    for _ in range(3):
        before = code.z.copy()
        panel.randomise()
        qtbot.waitUntil(lambda before=before: not np.array_equal(code.z, before), timeout=5_000)
        assert np.allclose(code.z[4:], written[other], atol=1e-5)
    digit.setCurrentIndex((other + 1) % 10)
    assert np.allclose(code.z[4:], written[(other + 1) % 10], atol=1e-5) and len(code.held) == 10
    qtbot.mouseClick(panel.right.unlock, LEFT)
    assert not bar.fixed.isChecked() and not len(code.held)
