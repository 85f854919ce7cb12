"""Files and folders come in by the File menu, and by a drop wherever it falls."""

from pathlib import Path

import pytest
from desks import drag_and_drop, make_run, trained
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.engine.train import train


def menu_entry(desk: Desk, menu: str, text: str) -> QAction:
    return next(action for action in desk.window.menus[menu].actions() if action.text() == text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "holidays in Räuberland"
    made.mkdir()
    for shade in range(4):
        Image.new("RGB", (12, 8), (60 * shade, 0, 0)).save(made / f"{shade}.png")
    return made


def test_a_run_is_opened_by_its_file(open_desk, home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(home, "ready")
    list(train(run))
    desk = open_desk()
    asked: list[str] = []
    monkeypatch.setattr(
        QFileDialog, "getOpenFileNames", lambda *words: asked.append(words[3]) or ([str(run.path / "run.json")], "")
    )
    menu_entry(desk, "&File", "Open…").trigger()
    assert desk.session.run is not None and desk.session.run.path == run.path
    assert "run.json" in asked[0] and "*.safetensors" in asked[0] and "*.png" in asked[0]


def test_a_checkpoint_is_opened_alone(open_desk, home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_run(home, "other")
    list(train(other))
    desk = open_desk()
    trained(desk, home, qtbot)
    first = other.checkpoints()[0]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(first)], ""))
    menu_entry(desk, "&File", "Open…").trigger()
    assert desk.session.run is None and desk.session.checkpoint.path == first
    assert desk.train.curves.runs() == []
    desk.session.refresh()
    assert desk.session.checkpoint.path == first


def test_nothing_chosen_changes_nothing(open_desk, home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    for entry in ("Open…", "Open folder of images…"):
        menu_entry(desk, "&File", entry).trigger()
    assert desk.session.run.name == "ready" and not desk.window.toasts.toasts()


def test_a_folder_is_chosen_in_the_menu(open_desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    menu_entry(desk, "&File", "Open folder of images…").trigger()
    assert desk.train.recipes.info().data.path == folder


@pytest.mark.parametrize("where", ["window", "library", "train", "form"])
def test_a_folder_may_be_dropped_anywhere(open_desk, folder: Path, where: str) -> None:
    desk = open_desk()
    if where == "form":
        desk.train.recipes.data.setCurrentIndex(desk.train.recipes.data.findData("folder"))
    widgets = {
        "window": desk.window,
        "library": desk.library.runs.viewport(),
        "train": desk.train.previews.image,
        "form": desk.train.recipes.data_form.editor("path").focusProxy() if where == "form" else desk.train,
    }
    drag_and_drop(widgets[where], [folder])
    assert desk.train.recipes.info().data.path == folder


def test_what_is_no_file_of_ours_is_told_in_a_sentence(open_desk, tmp_path: Path) -> None:
    desk = open_desk()
    notes = tmp_path / "notes.txt"
    notes.write_text("milk")
    drag_and_drop(desk.window, [notes])
    (toast,) = desk.window.toasts.toasts()
    assert toast.kind == "error" and "notes.txt" in toast.text


def test_the_window_shows_that_it_will_take_a_drop(open_desk, folder: Path) -> None:
    desk = open_desk()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    before = desk.window.grab().toImage()
    event = QDragEnterEvent(
        QPoint(5, 5),
        *(Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
    )
    QApplication.sendEvent(desk.window, event)
    assert event.isAccepted() and desk.window.grab().toImage() != before
    text = QMimeData()
    text.setText("just words")
    words = QDragEnterEvent(
        QPoint(5, 5),
        *(Qt.DropAction.CopyAction, text, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
    )
    QApplication.sendEvent(desk.window, words)
    assert not words.isAccepted()


def titles(desk: Desk) -> list[str]:
    shelf = desk.library.datasets
    return [shelf.item(row).text().splitlines()[0] for row in range(shelf.count())]


def test_a_folder_stays_in_the_library_until_it_is_taken_off(open_desk, folder: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    drag_and_drop(desk.library, [folder])
    qtbot.waitUntil(lambda: folder.name in titles(desk), timeout=10_000)
    assert desk.library.datasets.isVisible()
    desk.window.close()

    again = open_desk()
    qtbot.waitUntil(lambda: folder.name in titles(again), timeout=10_000)
    shelf = again.library.datasets
    again.library.tabs.setCurrentWidget(shelf)
    again.train.tabs.setCurrentIndex(1)
    item = shelf.item(titles(again).index(folder.name))
    assert not item.icon().isNull()
    where = shelf.visualItemRect(item).center()
    qtbot.mouseClick(shelf.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert again.train.recipes.info().data.path == folder and again.train.recipes.data_form.isVisible()

    shelf.setFocus()
    qtbot.keyClick(shelf, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: folder.name not in titles(again), timeout=10_000)
    assert folder.is_dir()
    again.window.close()
    last = open_desk()
    qtbot.waitUntil(lambda: len(titles(last)) > 3, timeout=10_000)
    assert folder.name not in titles(last)


@pytest.mark.parametrize("kept", ["", "[", "3", "[3]", "null"])
def test_the_window_opens_whatever_stands_in_its_settings(open_desk, home: Path, kept: str, qtbot: QtBot) -> None:
    first = open_desk()
    first.window.settings.setValue("folders", kept)
    first.window.close()
    again = open_desk()
    qtbot.waitUntil(lambda: again.library.datasets.count() > 3, timeout=10_000)


def test_what_the_program_brings_cannot_be_taken_off(open_desk, qtbot: QtBot) -> None:
    desk = open_desk()
    shelf = desk.library.datasets
    qtbot.waitUntil(lambda: shelf.count() > 3, timeout=10_000)
    shelf.setCurrentRow(0)
    assert not any(action.isEnabled() for action in shelf.actions())
