"""A picture is saved from the window and dropped back: the state is there again, or a sentence says why not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from desks import drag_and_drop, make_run, trained
from PIL import Image
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.engine.keepsake import read_state
from genexplorer.engine.train import train


def saved(desk: Desk, qtbot: QtBot, path: Path) -> np.ndarray:
    panel = desk.panel("latent")
    panel.randomise()
    z = desk.session.code.z.copy()
    qtbot.waitUntil(lambda: panel._drawn is not None and np.array_equal(panel._drawn[0], z), timeout=9000)
    panel.image.save(path)
    return z


def test_a_saved_picture_brings_its_code_back_exactly(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "smile.png"
    z, code = saved(desk, qtbot, file), desk.session.code
    desk.panel("latent").randomise()
    code.hold("z₀", np.eye(len(z), dtype=np.float32)[0])
    before = code.z.copy()
    drag_and_drop(desk.panel("latent").image, [file])
    assert code.z.tobytes() == z.tobytes(), "also what is locked"
    assert code.history.undoText() == "Open smile.png"
    code.history.undo()
    assert np.array_equal(code.z, before)
    drag_and_drop(desk.window, [file])
    assert code.z.tobytes() == z.tobytes()
    seed, known = read_state(file).seed, desk.panel("latent")._known
    assert np.array_equal(known.draw(np.random.default_rng(seed)), z)
    code.drag(z + 1)
    qtbot.waitUntil(lambda: np.array_equal(desk.panel("latent")._drawn[0], z + 1), timeout=9000)
    desk.panel("latent").image.save(file)
    assert read_state(file).seed is None and np.array_equal(read_state(file).z, z + 1)


def test_a_picture_by_another_model_offers_to_open_that_one(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    other = make_run(home, "other", steps=40)
    list(train(other))
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "a.png"
    z, before = saved(desk, qtbot, file), desk.session.run
    desk.session.open_run(other)
    code = desk.session.code.z.copy()
    desk.open_paths([file])
    assert np.array_equal(desk.session.code.z, code)
    toast = next(each for each in desk.window.toasts.toasts() if "was drawn by ready at step 80" in each.text)
    toast.findChild(QPushButton).click()
    assert desk.session.run.path == before.path and desk.session.code.z.tobytes() == z.tobytes()


def test_a_picture_by_a_model_that_is_gone_offers_to_be_encoded(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    other = make_run(home, "other", steps=40)
    list(train(other))
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "a.png"
    z = saved(desk, qtbot, file)
    run = desk.session.run
    desk.session.open_run(other)
    run.path.rename(tmp_path / "elsewhere")
    desk.open_paths([file])
    toast = next(each for each in desk.window.toasts.toasts() if "is not here" in each.text)
    toast.findChild(QPushButton).click()
    qtbot.waitUntil(lambda: desk.session.code.history.undoText() == "Encode a.png", timeout=9000)
    assert not np.array_equal(desk.session.code.z, z)


def test_without_a_model_the_one_that_drew_it_is_opened(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    file = tmp_path / "a.png"
    z = saved(desk, qtbot, file)
    desk.session.close_run()
    desk.open_paths([file])
    assert desk.session.run.name == "ready" and desk.session.code.z.tobytes() == z.tobytes()


def test_a_damaged_note_is_a_sentence_and_the_picture_can_still_be_encoded(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    from PIL.PngImagePlugin import PngInfo

    desk = open_desk()
    trained(desk, home, qtbot)
    notes, file = PngInfo(), tmp_path / "a.png"
    notes.add_itxt("genexplorer", "{")
    Image.new("L", (8, 8), 99).save(file, pnginfo=notes)
    desk.open_paths([file])
    (toast,) = [each for each in desk.window.toasts.toasts() if "damaged" in each.text]
    toast.findChild(QPushButton).click()
    qtbot.waitUntil(lambda: desk.session.code.history.undoText() == "Encode a.png", timeout=9000)
