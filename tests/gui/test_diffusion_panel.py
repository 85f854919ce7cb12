"""The diffusion panel as a person uses it: denoise, play, scrub, branch, guide, compare, add noise, take away."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import drag_and_drop
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.denoise import SAMPLER_NAMES
from genexplorer.engine.runs import RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train

LEFT = Qt.MouseButton.LeftButton
BRIEF = {"steps": 4, "batch_size": 20, "log_every": 2, "preview_every": 4, "save_every": 4}


def shown(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, **settings: object) -> object:
    model = MODELS["ddpm"].parse({"width": 8, "sampler": "heun", "sample_steps": 10} | settings)
    run = RunStore(home).create(RunInfo(model, DATASETS["digits"].parse({}), TrainRecipe.parse(BRIEF)), "noise")
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("diffusion")
    desk.window.tabs.setCurrentWidget(panel)
    return panel


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    panel = shown(open_desk, home, qtbot)
    whole(panel, qtbot)
    return panel


def whole(panel: object, qtbot: QtBot) -> object:
    """The way that is shown, once all of it has come."""
    page = panel.denoising
    qtbot.waitUntil(lambda: page.now is not None and page.now.whole and page.working is None, timeout=20_000)
    return page.now


def choose(box: object, data: object) -> None:
    box.setCurrentIndex(box.findData(data))


def test_it_opens_denoising_and_plays_to_the_end(panel: object, qtbot: QtBot) -> None:
    page = panel.denoising
    way = page.now
    assert [frame.t for frame in way.frames] == sorted((frame.t for frame in way.frames), reverse=True)
    assert len(way.frames) == page.bar.steps.value() + 1 and way.frames[-1].t == 0
    qtbot.waitUntil(lambda: page.time.moment() == len(way.frames) - 1, timeout=10_000)
    assert not page.time.is_playing() and page.time._label.text().startswith("t 0 ")
    assert page.stage.views[0].count == 16
    assert page.stage.rows._notes[0].text() == "1.00 x₀ + 0.00 ε"
    assert f"{way.frames[-1].calls} calls" in page.stage.rows._notes[1].text()


def test_keys_scrub_play_and_make_other_noise(panel: object, qtbot: QtBot) -> None:
    page = panel.denoising
    page.time.pause()
    page.time.show_moment(3)
    page.stage.views[0].setFocus()
    qtbot.keyClick(page.stage.views[0], Qt.Key.Key_Right)
    assert page.time.moment() == 4
    assert f"t {page.now.frames[4].t:.0f} " in page.time._label.text()
    qtbot.keyClick(page.stage.views[0], Qt.Key.Key_Left)
    qtbot.keyClick(page.stage.views[0], Qt.Key.Key_Left)
    assert page.time.moment() == 2
    at_two = page.stage.views[0].grab().toImage()
    page.time.show_frame(2 * page.time.per + page.time.per // 2)
    assert page.stage.views[0].grab().toImage() != at_two  # half way to the next one
    page.time.show_frame(2 * page.time.per)
    assert page.stage.views[0].grab().toImage() == at_two
    qtbot.keyClick(page.stage.views[0], Qt.Key.Key_Space)
    assert page.time.is_playing()
    before, seed = page.now, page.noise.seed.value()
    qtbot.waitUntil(page.stage.views[0].hasFocus)
    qtbot.keyClick(page.stage.views[0], Qt.Key.Key_R)
    assert page.noise.seed.value() != seed
    qtbot.waitUntil(lambda: page.now is not before)
    assert not np.array_equal(whole(panel, qtbot).frames[0].xt, before.frames[0].xt)


def test_the_same_seed_gives_the_same_images_whatever_the_batch(panel: object, qtbot: QtBot) -> None:
    page = panel.denoising
    first = page.now.frames[-1].x0
    page.noise.side.setCurrentIndex(0)
    one = whole(panel, qtbot)
    assert one.frames[-1].x0.shape[0] == 1
    assert np.abs(one.frames[-1].x0[0].astype(int) - first[0]).max() <= 2


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_a_branch_has_the_same_past_and_another_future(panel: object, qtbot: QtBot, sampler: str) -> None:
    page = panel.denoising
    choose(page.bar.sampler, sampler)
    first = whole(panel, qtbot)
    page.time.pause()
    page.time.show_moment(4)
    page.stage.views[0].setFocus()
    qtbot.keyClick(page.stage.views[0], Qt.Key.Key_B)
    branch = whole(panel, qtbot)
    assert branch.parent is first and branch.since == 4 and len(branch.frames) == len(first.frames)
    assert all(a is b for a, b in zip(branch.frames[:4], first.frames[:4], strict=True))
    apart = np.abs(branch.frames[4].xt.astype(int) - first.frames[4].xt).max()
    assert (apart <= 2) == (sampler == "ddpm")  # DDIM puts in no noise on the way: it is put anew over what is seen
    assert not np.array_equal(branch.frames[-1].x0, first.frames[-1].x0)
    assert [frame.t for frame in branch.frames] == [frame.t for frame in first.frames]
    assert branch.frames[-1].calls >= first.frames[-1].calls

    page.time.show_moment(7)
    qtbot.mouseClick(page.branch_button, LEFT)
    twig = whole(panel, qtbot)
    assert twig.parent is branch and [page.ways.index(each) for each in (first, branch, twig)] == [0, 1, 2]
    page.strip.setFocus()
    qtbot.keyClick(page.strip, Qt.Key.Key_Up)
    assert page.now is branch
    qtbot.mouseClick(page.strip, LEFT, pos=QPoint(round(page.strip.x_of(2)), 10))
    assert page.now is first and page.time.moment() == 2
    qtbot.keyClick(page.strip, Qt.Key.Key_Down)
    qtbot.keyClick(page.strip, Qt.Key.Key_Delete)
    assert page.ways == [first] and page.now is first and not page.remove_button.isVisible()


def test_every_sampler_comes_to_an_end_and_a_newer_wish_breaks_the_older_off(panel: object, qtbot: QtBot) -> None:
    page = panel.denoising
    page.bar.steps.setValue(1000)
    qtbot.waitUntil(lambda: page.now.query.way.steps == 1000 and len(page.now.frames) > 3, timeout=20_000)
    long = page.now
    page.bar.steps.setValue(4)
    for sampler in SAMPLER_NAMES:
        choose(page.bar.sampler, sampler)
        way = whole(panel, qtbot)
        assert way.query.way.sampler == sampler and len(way.frames) == 5
    assert not long.whole


def test_stop_keeps_what_came(panel: object, qtbot: QtBot) -> None:
    page = panel.denoising
    page.bar.steps.setValue(1000)
    qtbot.waitUntil(lambda: page.now.query.way.steps == 1000 and len(page.now.frames) > 3, timeout=20_000)
    assert page.button.text() == "Stop"
    qtbot.mouseClick(page.button, LEFT)
    kept = len(page.now.frames)
    assert page.button.text() == "Denoise" and page.now.whole and kept < 1000
    qtbot.waitUntil(lambda: not panel.busy)
    assert len(page.now.frames) == kept


def test_pictures_are_chosen_and_one_is_followed_in_the_strip(panel: object, qtbot: QtBot) -> None:
    page = panel.denoising
    assert [view.isVisible() for view in page.stage.views] == [True, True, False, False]
    for button in reversed(page.parts.buttons):
        qtbot.mouseClick(button, LEFT)
    assert [view.isVisible() for view in page.stage.views] == [False, False, True, True]
    qtbot.mouseClick(page.parts.buttons[2], LEFT)
    qtbot.mouseClick(page.parts.buttons[3], LEFT)  # the last one stays
    assert [view.isVisible() for view in page.stage.views] == [False, False, False, True]
    view = page.stage.views[3]
    qtbot.waitUntil(lambda: view.image() is not None)
    qtbot.mouseClick(view, LEFT, pos=view.on_screen(6).center().toPoint())
    assert page.stage.chosen == 6
    before = page.still()
    page.part.button(1).click()
    assert before.shape == page.still().shape and not np.array_equal(before, page.still())


def test_conditions_and_guidance_lead(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    panel = shown(open_desk, home, qtbot, condition=("digit",))
    bar = panel.denoising.bar
    whole(panel, qtbot)
    assert bar.given.isVisible() and bar.against.isVisible() and bar.scale.isVisible()
    bar.given.fixed.setChecked(True)
    free = whole(panel, qtbot)
    assert free.query.way.given == (0.0,) and free.query.way.against == ()
    bar.scale.number.setValue(6.0)
    assert whole(panel, qtbot).query.way.cfg_scale == 6.0
    bar.against.fixed.setChecked(True)
    bar.against.controls[0].setCurrentIndex(3)
    led = whole(panel, qtbot)
    assert led.query.way.against == (3.0,)
    assert np.array_equal(led.frames[0].xt, free.frames[0].xt)
    assert not np.array_equal(led.frames[-1].x0, free.frames[-1].x0)


def test_without_a_condition_there_is_nothing_to_guide(panel: object) -> None:
    bar = panel.denoising.bar
    assert not (bar.given.isVisible() or bar.against.isVisible() or bar.scale.isVisible())


@pytest.mark.parametrize("suffix", [".gif", ".png", ".mp4"])
def test_what_is_shown_is_written(
    panel: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    file = tmp_path / f"way{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    panel.export(suffix, "")
    qtbot.waitUntil(lambda: file.exists(), timeout=20_000)
    page = panel.denoising
    if suffix == ".png":
        assert Image.open(file).size == (8 * 4 * len(page.strip.picked()), 8 * 4)
    elif suffix == ".gif":
        with Image.open(file) as film:
            assert film.n_frames > page.now.count
            film.seek(film.n_frames - 1)
            assert film.size == (4 * (2 * 35 + 4), 4 * 35)


def test_a_later_checkpoint_keeps_what_is_shown_and_another_run_does_not(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    panel = shown(open_desk, home, qtbot)
    page = panel.denoising
    before = whole(panel, qtbot)
    session = panel.session
    session.open_checkpoint(type(session.checkpoint).open(session.checkpoint.path))
    assert page.now is before
    qtbot.mouseClick(page.button, LEFT)
    assert whole(panel, qtbot).query.checkpoint is session.checkpoint
    session.close_run()
    assert page.now is None and not page.button.isEnabled() and page.stage.views[0].image() is None


def compared(panel: object, qtbot: QtBot) -> object:
    """The page that compares, once all its ways are walked."""
    page = panel.comparing
    panel.tabs.setCurrentWidget(page)
    qtbot.waitUntil(
        lambda: page.working is None and all(each.trajectory and each.trajectory.whole for each in page.columns),
        timeout=30_000,
    )
    return page


def test_ways_from_the_same_noise_stand_side_by_side(panel: object, qtbot: QtBot) -> None:
    page = compared(panel, qtbot)
    first, second, _ = page.columns
    assert np.array_equal(first.trajectory.frames[0].state, second.trajectory.frames[0].state)
    assert first.took.text().startswith("19 calls") and second.took.text().startswith("20 calls")
    assert second.far.text().endswith("apart")
    kept = first.trajectory
    choose(second.sampler, first.sampler.currentData())
    second.steps.setValue(first.steps.value())
    assert compared(panel, qtbot).columns[0].trajectory is kept  # what is known is not walked again
    assert second.far.text() == "0.000 apart"
    page.noise.seed.setValue(7)
    assert compared(panel, qtbot).columns[0].trajectory is not kept


def test_ways_are_added_and_removed_and_time_moves_all(panel: object, qtbot: QtBot) -> None:
    page = compared(panel, qtbot)
    wide = panel.window().width()
    while page.add_action.isEnabled():
        qtbot.mouseClick(page.add_button, LEFT)
        page.columns[-1].steps.setValue(2)
    assert len(compared(panel, qtbot).columns) == 6
    assert panel.window().width() == wide
    for _ in range(4):
        qtbot.mouseClick(page.columns[-1].remove_button, LEFT)
    qtbot.waitUntil(lambda: len(page.columns) == 2)
    qtbot.mouseClick(page.columns[0].remove_button, LEFT)
    assert not page.columns[0].remove_button.isEnabled()  # the last one stays
    (last,) = page.columns
    at_the_end = last.view._pixels
    last.view.setFocus()
    for _ in range(60):
        qtbot.keyClick(last.view, Qt.Key.Key_Left)
    assert page.t() == pytest.approx(600) and page.time._label.text() == "t 600"
    assert not np.array_equal(last.view._pixels, at_the_end)
    shown_at = [frame for frame in last.trajectory.frames if frame.t >= 599.5][-1]
    assert last.took.text().startswith(f"{shown_at.calls} calls")


def test_pages_that_take_turns_all_come_to_an_end(panel: object, qtbot: QtBot) -> None:
    panel.denoising.bar.steps.setValue(200)
    qtbot.waitUntil(lambda: len(panel.denoising.now.frames) > 2)
    panel.tabs.setCurrentWidget(panel.comparing)
    qtbot.waitUntil(lambda: any(each.trajectory.frames for each in panel.comparing.columns), timeout=20_000)
    panel.tabs.setCurrentWidget(panel.denoising)
    assert len(whole(panel, qtbot).frames) == 201
    compared(panel, qtbot)


@pytest.fixture
def forward(panel: object, qtbot: QtBot) -> object:
    page = panel.forward
    panel.tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: page.seen.image() is not None and bool(page.chart._lines), timeout=20_000)
    return page


def test_the_time_puts_noise_over_the_image(forward: object, qtbot: QtBot) -> None:
    page = forward
    page.time.slider.setFocus()
    qtbot.keyClick(page.time.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: np.array_equal(page.noisy._pixels, page.original._pixels))
    assert page.views._notes[1].text() == "1.00 x₀ + 0.00 ε" and page.chart.t == 0
    page.time.number.setValue(500)
    qtbot.waitUntil(lambda: page.views._notes[1].text() != "1.00 x₀ + 0.00 ε")
    assert page.chart.t == 500 and not np.array_equal(page.noisy._pixels, page.original._pixels)
    room = page.chart.plots()[1]
    qtbot.mouseClick(page.chart, LEFT, pos=QPoint(round(room.left() + 0.8 * room.width()), round(room.center().y())))
    assert page.time.value() == pytest.approx(800, abs=5)
    before = page.time.value()
    qtbot.keyClick(page.chart, Qt.Key.Key_Left)
    assert page.time.value() == before - 10
    noisy = page.noisy._pixels
    qtbot.keyClick(page.chart, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not np.array_equal(page.noisy._pixels, noisy))


def test_schedules_stand_beside_it(forward: object, qtbot: QtBot) -> None:
    page = forward
    assert not page.boxes["cosine"].isVisible() and "Cosine" in page.own.text()
    page.boxes["linear"].click()
    page.boxes["straight"].click()
    qtbot.waitUntil(lambda: page.others["straight"].image() is not None)
    assert page.others["linear"].isVisible() and not page.others["edm"].isVisible()
    assert len(page.chart._lines) == 3 and page.still().shape[-1] == 4 * 8
    assert page.views._notes[3].text() == "0.63 x₀ + 0.78 ε"  # ᾱ of Ho et al.'s linear one at t = 300 is 0.396
    page.boxes["linear"].click()
    assert not page.others["linear"].isVisible() and len(page.chart._lines) == 2


def test_images_come_from_the_test_set_a_file_and_the_hand(forward: object, qtbot: QtBot, tmp_path: Path) -> None:
    page, first = forward, forward.original._pixels
    page.place.stepDown()
    qtbot.waitUntil(lambda: page.place.value() == 296)
    assert not np.array_equal(page.original._pixels, first)
    file = tmp_path / "own.png"
    Image.new("L", (32, 32), 90).save(file)
    drag_and_drop(page.noisy, [file])
    qtbot.waitUntil(lambda: bool((page.original._pixels == 90).all()))
    page.original.setFocus()
    qtbot.keyClick(page.original, Qt.Key.Key_0)
    assert not page.original._pixels.any()
    target = page.original.target()
    qtbot.mouseClick(page.original, LEFT, pos=target.center().toPoint())
    assert page.original._pixels.any()


def test_variations_begin_in_the_noisy_image(forward: object, panel: object, qtbot: QtBot) -> None:
    page = forward
    page.time.number.setValue(120)
    qtbot.mouseClick(page.go_button, LEFT)
    assert panel.page() is panel.denoising and panel.denoising.from_image.text() == "From an image at t = 120"
    way = whole(panel, qtbot)
    assert way.frames[0].t <= 121 and len({each.tobytes() for each in way.frames[-1].x0}) > 1
    drift = np.abs(way.frames[0].x0.astype(int) - page.original._pixels).mean()
    assert drift < 70
    qtbot.mouseClick(panel.denoising.from_image, LEFT)
    assert whole(panel, qtbot).frames[0].t > 900 and not panel.denoising.from_image.isVisible()


def test_noise_is_put_on_while_images_are_denoised(panel: object, qtbot: QtBot) -> None:
    panel.denoising.bar.steps.setValue(1000)
    qtbot.waitUntil(lambda: len(panel.denoising.now.frames) > 2)
    panel.tabs.setCurrentWidget(panel.forward)
    qtbot.waitUntil(lambda: panel.forward.noisy.image() is not None)
    assert panel.denoising.working is not None and not panel.denoising.now.whole
