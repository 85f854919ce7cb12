"""The page on which images are edited, as a person uses it: hide, have it made anew, undo, choose, take, drop."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import drag_and_drop
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.checkpoint import save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train
from genexplorer.gui.diffuse.masks import READY

LEFT = Qt.MouseButton.LeftButton
BRIEF = {"steps": 2, "batch_size": 10, "log_every": 2, "preview_every": 2, "save_every": 2}


def shown(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, **settings: object) -> object:
    model = MODELS["ddpm"].parse({"width": 8, "sampler": "ddim", "sample_steps": 4} | settings)
    info = RunInfo(model, DATASETS["digits"].parse({}), TrainRecipe.parse(BRIEF))
    run = RunStore(home).create(info, "noise")
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("diffusion")
    panel.tabs.setCurrentWidget(panel.editing)
    desk.window.tabs.setCurrentWidget(panel)
    done(panel.editing, qtbot)
    return panel


@pytest.fixture
def page(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    return shown(open_desk, home, qtbot).editing


def done(page: object, qtbot: QtBot) -> np.ndarray:
    """The results, once all of them are made."""
    qtbot.waitUntil(
        lambda: page.held is not None and page.working is None and page._done and page._picking is None,
        timeout=30_000,
    )
    return page.made


def at(view: object, x: float, y: float) -> QPoint:
    """Where a pixel's middle is on the screen."""
    target, image = view.target(), view.image()
    return (target.topLeft() + QPointF(x + 0.5, y + 0.5) * (target.width() / image.width())).toPoint()


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b.astype(int))


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean(((a.astype(float) - b) / 255) ** 2)))


def test_it_opens_with_a_hole_that_is_made_anew_and_says_how_well(page: object, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page._comparing is None, timeout=20_000)
    x, hidden = page.held.x, page.held.hidden
    assert hidden.sum() == 16 and hidden[2:6, 2:6].all()
    assert page.made.shape == (4, 1, 8, 8)
    assert apart(page.made, x)[..., ~hidden].max() <= 1
    assert not np.array_equal(page.made[0], page.made[1])
    assert page.views._notes[1].text() == "25% hidden"
    for n, score in enumerate(page._scores):
        assert score.psnr == pytest.approx(psnr(page.made[n], x), abs=0.05) and score.distance is not None
    assert page.views._notes[2].text().startswith(f"{psnr(page.made[0], x):.1f} dB · SSIM 0.")
    assert len(page.cards._scores[0].lines()) == 3


def test_the_mouse_hides_and_undo_takes_it_back(page: object, qtbot: QtBot) -> None:
    page.damaged.setFocus()
    qtbot.keyClick(page.damaged, Qt.Key.Key_0)
    assert not page.held.hidden.any() and page.result.image() is None and not page.take_action.isEnabled()
    page.tasks.radius.setValue(0.5)
    view, history = page.damaged, page.session.code.history
    qtbot.mousePress(view, LEFT, pos=at(view, 1, 4))
    qtbot.mouseMove(view, at(view, 6, 4))
    assert page.working is None  # not before the hand lets go
    qtbot.mouseRelease(view, LEFT, pos=at(view, 6, 4))
    assert page.held.hidden[4, 1:7].all() and page.held.hidden.sum() == 6
    assert history.undoText() == "Hide"
    made = done(page, qtbot)
    assert apart(made, page.held.x)[..., ~page.held.hidden].max() <= 1
    qtbot.mouseClick(page.tasks.brushes.button(2), LEFT)
    qtbot.mouseClick(view, LEFT, pos=at(view, 3, 4))
    assert page.held.hidden.sum() == 5 and not page.held.hidden[4, 3]
    history.undo()
    assert page.held.hidden.sum() == 6
    history.undo()
    history.undo()
    assert page.held.hidden.sum() == 16
    history.redo()
    assert not page.held.hidden.any()
    qtbot.mouseClick(page.tasks.brushes.button(0), LEFT)
    qtbot.mouseClick(view, LEFT, pos=at(view, 3, 4))
    assert not page.held.hidden.any()


def test_keys_hide_invert_and_roll(page: object, qtbot: QtBot) -> None:
    page.damaged.setFocus()
    qtbot.keyClick(page.damaged, Qt.Key.Key_0)
    page.tasks.radius.setValue(0.5)
    qtbot.keyClick(page.damaged, Qt.Key.Key_Right)
    qtbot.keyClick(page.damaged, Qt.Key.Key_Space)
    assert np.argwhere(page.held.hidden).tolist() == [[4, 5]]
    qtbot.keyClick(page.damaged, Qt.Key.Key_I)
    assert page.held.hidden.sum() == 63
    before = done(page, qtbot).copy()
    qtbot.keyClick(page.damaged, Qt.Key.Key_R)
    assert not np.array_equal(done(page, qtbot), before)
    qtbot.keyClick(page.damaged, Qt.Key.Key_3)
    assert page.cards.current == 2 and np.array_equal(page.result._pixels, page.made[2])


@pytest.mark.parametrize(("number", "count"), [(0, 16), (1, 32), (2, 32), (3, 48), (4, 32)])
def test_ready_masks(page: object, qtbot: QtBot, number: int, count: int) -> None:
    page.tasks.ready_actions[number].trigger()
    assert page.held.hidden.sum() == count
    made = done(page, qtbot)
    assert apart(made, page.held.x)[..., ~page.held.hidden].max() <= 1
    assert READY[number][2](28, 20).shape == (28, 20)


def test_other_tasks_take_something_else(open_desk: Callable[[], Desk], qtbot: QtBot, tmp_path: Path) -> None:
    """Of a checkpoint that stands alone: it has no test image, and one is dropped."""
    spec, recipe = DataSpec((3, 16, 16)), MODELS["ddpm"].parse({"width": 8, "sampler": "ddim", "sample_steps": 3})
    alone = tmp_path / "alone"
    alone.mkdir()
    file, picture = alone / "model.safetensors", tmp_path / "own.png"
    desk = open_desk()
    desk.session.open_alone(save_checkpoint(file, recipe.build(spec), recipe, DATASETS["digits"].parse({}), spec, 1))
    panel = desk.panel("diffusion")
    page = panel.editing
    panel.tabs.setCurrentWidget(page)
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(panel._banner.isVisible)
    assert page.held is None and "Drop a picture" in page.original.empty
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    Image.fromarray(noise).save(picture)
    drag_and_drop(page.original, [picture])
    done(page, qtbot)
    x = page.held.x
    assert np.array_equal(x, noise.transpose(2, 0, 1))
    qtbot.mouseClick(page.tasks.tasks.button(1), LEFT)
    done(page, qtbot)
    means = x.reshape(3, 4, 4, 4, 4).astype(float).mean((2, 4))
    assert apart(page._left[:, ::4, ::4], means).max() <= 1
    assert page.views._notes[1].text().startswith(f"{psnr(page._left, x):.1f} dB")
    assert [page.tasks.factors.button(n).isVisible() for n in range(3)] == [True, True, True]
    qtbot.mouseClick(page.tasks.tasks.button(2), LEFT)
    done(page, qtbot)
    assert apart(page._left, x.astype(float).mean(0)).max() <= 1
    qtbot.mouseClick(page.tasks.tasks.button(3), LEFT)
    page.tasks.sigma.number.setValue(0.3)
    done(page, qtbot)
    assert apart(page._left, x).mean() < 3
    page.tasks.sigma.number.setValue(3.0)
    done(page, qtbot)
    assert page._left.astype(float).std() < 0.3 * x.astype(float).std()
    assert not page.damaged.painting and not page.tasks.turns.isVisible()
    assert page._scores[0].distance is None


def test_grey_images_are_not_coloured_and_squares_fit(page: object) -> None:
    assert not page.tasks.tasks.button(2).isVisible()
    assert [page.tasks.factors.button(n).isHidden() for n in range(3)] == [False, False, True]


def test_repaint_takes_the_sampler_s_place(page: object, qtbot: QtBot) -> None:
    before = page.made.copy()
    page.tasks.turns.setValue(3)
    assert not page.bar.sampler.isEnabled()
    made = done(page, qtbot)
    assert not np.array_equal(made, before)
    assert apart(made, page.held.x)[..., ~page.held.hidden].max() <= 1


def test_a_newer_wish_breaks_the_older_off_and_stop_keeps_what_is_seen(page: object, qtbot: QtBot) -> None:
    page.bar.steps.setValue(1000)
    qtbot.waitUntil(lambda: "of 1000" in page.views._notes[2].text() and len(page._frames) > 3, timeout=20_000)
    assert page.button.text() == "Stop"
    qtbot.mouseClick(page.button, LEFT)
    assert page.working is None and page.button.text() == "Repair" and page.result.image() is not None
    assert not page.take_action.isEnabled() and page.still() is None
    page.bar.steps.setValue(1000)
    page.repair()
    page.bar.steps.setValue(3)
    done(page, qtbot)
    assert page.views._notes[2].text().endswith(f"{page._scores[0].ssim:.3f}")


def test_a_result_is_chosen_and_taken_as_the_image(page: object, qtbot: QtBot) -> None:
    first, made = page.held, page.made
    qtbot.mouseClick(page.cards, LEFT, pos=page.cards.card(1).center())
    assert np.array_equal(page.result._pixels, made[1]) and "Result 2 of 4" in page.cards.accessibleDescription()
    page.cards.setFocus()
    qtbot.keyClick(page.cards, Qt.Key.Key_Right)
    assert np.array_equal(page.result._pixels, made[2])
    page.take_action.trigger()
    assert np.array_equal(page.held.x, made[2]) and not page.held.hidden.any()
    page.session.code.history.undo()
    assert page.held is first
    done(page, qtbot)


def test_results_are_counted_and_go_to_where_noise_is_put_over_them(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    panel = shown(open_desk, home, qtbot)
    page = panel.editing
    page.count.setCurrentIndex(0)
    made = done(page, qtbot)
    assert made.shape[0] == 1 and page.cards.count() == 1
    page.send_action.trigger()
    assert panel.page() is panel.forward and np.array_equal(panel.forward._x, made[0])
    panel.tabs.setCurrentWidget(page)
    assert panel._lesson._text.text() == page.lesson


def test_a_condition_is_told(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    page = shown(open_desk, home, qtbot, condition=("digit",)).editing
    before = page.made.copy()
    page.bar.given.fixed.setChecked(True)
    page.bar.given.controls[0].setCurrentIndex(7)
    page.bar.scale.number.setValue(6.0)
    assert page.working.way.given == (7.0,)
    assert not np.array_equal(done(page, qtbot), before)


def test_another_place_keeps_the_mask_and_a_dropped_picture_is_edited(
    page: object, qtbot: QtBot, tmp_path: Path
) -> None:
    page.tasks.ready_actions[1].trigger()
    first = page.held
    page.place.stepUp()
    qtbot.waitUntil(lambda: page.held.x is not first.x)
    assert np.array_equal(page.held.hidden, first.hidden)
    file = tmp_path / "own.png"
    Image.new("L", (32, 32), 200).save(file)
    drag_and_drop(page.damaged, [file])
    qtbot.waitUntil(lambda: (page.held.x == 200).all())
    assert page.views._notes[0].text() == "your picture"
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drag_and_drop(page.original, [broken])
    qtbot.waitUntil(lambda: page._picking is None)
    assert (page.held.x == 200).all()
    done(page, qtbot)


@pytest.mark.parametrize("suffix", [".gif", ".png"])
def test_what_is_shown_is_written(
    open_desk: Callable[[], Desk],
    home: Path,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
) -> None:
    panel = shown(open_desk, home, qtbot)
    file = tmp_path / f"edit{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    panel.export(suffix, "")
    qtbot.waitUntil(lambda: file.exists(), timeout=20_000)
    with Image.open(file) as written:
        assert written.size == ((4 * 24, 4 * 8) if suffix == ".png" else (4 * 17, 4 * 17))


def test_without_a_model_it_says_what_to_do(page: object) -> None:
    page.session.close_run()
    assert page.held is None and not page.button.isEnabled() and "Train a diffusion model" in page.original.empty
