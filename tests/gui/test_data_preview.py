"""What one will train on is seen before training, as the form says it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.settings import TrainRecipe


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Wide pictures: red at both sides, blue in the middle."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(9):
        picture = Image.new("RGB", (60, 20), "red")
        picture.paste((0, 0, 255), (20, 0, 40, 20))
        picture.save(folder / f"{number}.png")
    return folder


def type_in(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)


def colours(desk: Desk) -> set[str]:
    image = desk.train.recipes.preview.images.grab().toImage()
    found = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 4)}
    return found & {"#ff0000", "#0000ff"}


def test_the_form_of_a_folder_is_seen(open_desk: Callable[[], Desk], photos: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    seen = desk.train.recipes.preview
    desk.train.recipes.choose_data(DATASETS["folder"].parse({"path": photos, "size": 16}))
    qtbot.waitUntil(lambda: seen.caption.text() == "16 × 16 pixels, colour", timeout=10_000)
    assert colours(desk) == {"#0000ff"} and seen.sentence() == ""
    fit = desk.train.recipes.data_form.editor("fit")
    assert isinstance(fit, QComboBox)
    fit.setFocus()
    qtbot.keyClick(fit, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "#ff0000" in colours(desk), timeout=10_000)
    size = desk.train.recipes.data_form.editor("size").findChild(QLineEdit)
    type_in(qtbot, size, "24")
    qtbot.waitUntil(lambda: seen.caption.text().startswith("24 × 24"), timeout=10_000)


def test_what_cannot_be_seen_is_a_sentence(
    open_desk: Callable[[], Desk], photos: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = open_desk()
    seen = desk.train.recipes.preview
    desk.train.recipes.choose_data(DATASETS["folder"].parse({"path": tmp_path / "gone"}))
    qtbot.waitUntil(lambda: "it does not exist" in seen.sentence(), timeout=10_000)
    path = desk.train.recipes.data_form.editor("path").findChild(QLineEdit)
    (tmp_path / "empty").mkdir()
    type_in(qtbot, path, str(tmp_path / "empty"))
    qtbot.waitUntil(lambda: "There is no file" in seen.sentence(), timeout=10_000)
    type_in(qtbot, path, str(photos))
    qtbot.waitUntil(lambda: seen.sentence() == "", timeout=10_000)
    type_in(qtbot, desk.train.recipes.data_form.editor("size").findChild(QLineEdit), "3")
    qtbot.waitUntil(lambda: "setting above is wrong" in seen.sentence(), timeout=10_000)
    desk.train.recipes.choose_data(DATASETS["catalog"].parse({"which": "cifar10"}))
    qtbot.waitUntil(lambda: "downloaded or made when training starts" in seen.sentence(), timeout=10_000)
    assert not desk.window.toasts.toasts()


def test_another_data_set_is_seen_at_once_and_while_training(open_desk: Callable[[], Desk], qtbot: QtBot) -> None:
    desk = open_desk()
    desk.train.recipes.choose_data(DATASETS["digits"].parse({}))
    desk.train.recipes.model_form.set_recipe(MODELS["vae"].parse({"latent_dim": 2, "width": 4}))
    desk.train.recipes.train_form.set_recipe(TrainRecipe.parse({"steps": 100_000}))
    desk.train.start()
    desk.train.recipes.data.setCurrentIndex(desk.train.recipes.data.findData("shapes"))
    qtbot.waitUntil(lambda: desk.train.recipes.preview.caption.text() == "32 × 32 pixels, grey", timeout=20_000)
    desk.train.stop()
    qtbot.waitUntil(lambda: not desk.train.work.going, timeout=20_000)
