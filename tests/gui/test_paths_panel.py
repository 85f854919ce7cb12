"""Ways through the space of codes, used in the window as a person does."""

import csv
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from desks import trained
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.engine.paths import slerp
from genexplorer.gui.carried import carry
from genexplorer.gui.panels.paths import PathsPanel
from genexplorer.gui.ways.tray import Tray

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> PathsPanel:
    desk = open_desk()
    trained(desk, home, qtbot)
    found = desk.panel("paths")
    desk.window.tabs.setCurrentWidget(found)
    assert isinstance(found, PathsPanel)
    found.desk = desk  # type: ignore[attr-defined]
    return found


def drop(tray: Tray, data: QMimeData) -> None:
    plain = Qt.KeyboardModifier.NoModifier
    tray.cards.dropEvent(QDropEvent(QPointF(300, 5), Qt.DropAction.CopyAction, data, LEFT, plain))


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def photo(path: Path, slope: int) -> Path:
    pixels = np.tile(np.linspace(0, 255, 30, dtype=np.uint8)[::slope], (30, 1))
    Image.fromarray(pixels).save(path)
    return path


def drawn(panel: PathsPanel, count: int) -> Callable[[], bool]:
    return lambda: panel.page().player.count() == count == len(panel.page().player.frames())


def test_it_says_what_to_do_before_there_is_a_model(open_desk: Callable[[], Desk], qtbot: QtBot) -> None:
    desk = open_desk()
    panel = desk.panel("paths")
    desk.window.tabs.setCurrentWidget(panel)
    assert "two codes" in panel.between.player.view.empty
    with qtbot.waitSignal(desk.session.failed) as told:
        panel.between.stops.add_random()
    assert "open a run first" in told.args[0]
    panel.between.player.view.setFocus()
    for key in (Qt.Key.Key_K, Qt.Key.Key_S):
        with qtbot.waitSignal(desk.session.failed):
            qtbot.keyClick(panel.between.player.view, key)


def test_dropped_pictures_and_bookmarks_become_a_way_that_plays(
    panel: PathsPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    page, session = panel.between, panel.session
    drop(page.stops, files(photo(tmp_path / "one.png", 1), photo(tmp_path / "other.png", -1)))
    qtbot.waitUntil(drawn(panel, 120), timeout=10_000)
    kept = session.bookmarks.add(np.full(6, 2, np.float32), np.zeros(session.checkpoint.spec.shape, np.uint8), "Two")
    drop(page.stops, carry(kept))
    qtbot.waitUntil(drawn(panel, 180), timeout=10_000)
    assert page.player.is_playing()
    assert {item.name for item in page.stops.items()} == {"one", "other", "Two"}
    stops = page.stops.codes()
    assert np.allclose(page.z[30], slerp(stops[0], stops[1], np.array(0.5)), atol=1e-5)
    page.close_loop.click()
    qtbot.waitUntil(drawn(panel, 121), timeout=10_000)
    page.how.setCurrentIndex(1)
    assert np.allclose(page.z[30], (stops[0] + stops[1]) / 2, atol=1e-5)
    page.per_leg.setValue(5)
    qtbot.waitUntil(drawn(panel, 11), timeout=10_000)
    assert page.names()[5] == page.stops.items()[1].name and page.names()[6].endswith("+ 0.200")


def test_a_bad_picture_is_told_and_the_others_stay(panel: PathsPanel, qtbot: QtBot, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    drop(panel.between.stops, files(photo(tmp_path / "good.png", 1), bad))
    qtbot.waitUntil(lambda: "bad.png" in panel._banner._label.text(), timeout=10_000)
    qtbot.waitUntil(lambda: len(panel.between.stops.items()) == 1, timeout=10_000)
    qtbot.waitUntil(drawn(panel, 1), timeout=10_000)


def test_a_walk_begins_by_itself_and_its_frames_are_sent_and_kept(panel: PathsPanel, qtbot: QtBot) -> None:
    panel.tabs.setCurrentWidget(panel.wander)
    qtbot.waitUntil(drawn(panel, 480), timeout=20_000)
    assert panel.wander.player.is_playing()
    first = panel.wander.z
    panel.wander.player.view.setFocus()
    qtbot.keyClick(panel.wander.player.view, Qt.Key.Key_Space)
    index = panel.wander.player.index()
    qtbot.keyClick(panel.wander.player.view, Qt.Key.Key_S)
    assert np.array_equal(panel.session.code.z, first[index])
    qtbot.keyClick(panel.wander.player.view, Qt.Key.Key_K)
    (kept,) = panel.session.bookmarks.all()
    assert np.array_equal(kept.z, first[index]) and kept.name == f"Walk {index + 1}"
    panel.wander.count.setValue(40)
    qtbot.mouseClick(panel.wander.again, LEFT)
    qtbot.waitUntil(drawn(panel, 40), timeout=10_000)
    assert not np.array_equal(panel.wander.z, first[:40])


def test_four_corners_make_a_grid_and_a_cell_goes_to_the_sliders(panel: PathsPanel, qtbot: QtBot) -> None:
    page = panel.square
    panel.tabs.setCurrentWidget(page)
    for n, slot in enumerate(page.slots):
        slot.add_code(f"corner {n}", np.eye(6, dtype=np.float32)[n])
    page.side.setValue(3)
    page.how.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page._pictures is not None and len(page._pictures) == 9, timeout=10_000)
    qtbot.waitUntil(lambda: len(page.grid.cells()) == 9, timeout=10_000)
    assert page.grid.columns() == 3
    qtbot.mouseClick(page.grid, LEFT, pos=page.grid.cells()[4].center().toPoint())
    assert np.allclose(panel.session.code.z, [0.25] * 4 + [0, 0])
    page.slots[0].add_code("instead", np.zeros(6))
    assert [item.name for item in page.slots[0].items()] == ["instead"]


def test_sums_of_sets(panel: PathsPanel, qtbot: QtBot) -> None:
    page, unit = panel.sums, np.eye(6, dtype=np.float32)
    panel.tabs.setCurrentWidget(page)
    page.sets[0].add_code("a", unit[0])
    qtbot.waitUntil(lambda: page.result.image() is not None, timeout=10_000)
    assert page.means[1].image() is None
    page.sets[0].add_code("b", unit[1])
    page.sets[1].add_code("c", unit[2])
    page.sets[2].add_code("d", unit[3])
    qtbot.waitUntil(lambda: page.means[2].image() is not None, timeout=10_000)
    panel.send_action.trigger()
    assert np.allclose(panel.session.code.z, [0.5, 0.5, -1, 1, 0, 0])
    assert panel.session.code.history.undoText() == "Go to A − B + C"


def test_trays_are_filled_from_the_menu_and_emptied_by_keys(panel: PathsPanel, qtbot: QtBot) -> None:
    tray = panel.between.stops
    panel.session.bookmarks.add(np.ones(6, np.float32), np.zeros((1, 8, 8), np.uint8), "Kept")
    tray._menu.aboutToShow.emit()
    offered = {action.text(): action for action in tray._menu.actions() if action.text()}
    for name in ("The code in hand", "A random code", "Kept"):
        offered[name].trigger()
    assert [item.name for item in tray.items()] == ["In hand", "Random 1", "Kept"]
    qtbot.waitUntil(lambda: not tray.pending(), timeout=10_000)
    tray.cards.setFocus()
    tray.cards.setCurrentIndex(tray.cards.model().index(2, 0))
    qtbot.keyClick(tray.cards, Qt.Key.Key_Return)
    assert np.allclose(panel.session.code.z, 1)
    qtbot.keyClick(tray.cards, Qt.Key.Key_Delete)
    assert [item.name for item in tray.items()] == ["In hand", "Random 1"]
    with qtbot.waitSignal(panel.session.failed) as told:
        data = carry(panel.session.bookmarks.add(np.ones(3), np.zeros((1, 8, 8), np.uint8)))
        drop(tray, data)
    assert "another model" in told.args[0]


def test_what_is_drawn_is_taken_away(
    panel: PathsPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.between.stops.add_random()
    panel.between.stops.add_random()
    panel.between.per_leg.setValue(10)
    qtbot.waitUntil(drawn(panel, 20), timeout=10_000)
    size = panel.session.checkpoint.spec.size
    menu = next(b for b in panel.findChildren(QToolButton) if b.text() == "Export").menu()
    for suffix in (".gif", ".mp4", ".png", ".csv", ".npz"):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, s=suffix: (str(tmp_path / f"way{s}"), ""))
        action = next(a for a in menu.actions() if suffix[1:].upper() in a.text())
        with qtbot.waitSignal(panel.session.told, timeout=10_000) as told:
            action.trigger()
        assert f"way{suffix}" in told.args[0]
    assert not panel.exporter.isVisible()
    with av.open(tmp_path / "way.mp4") as video:
        assert sum(1 for _ in video.decode(video=0)) == 20
    with Image.open(tmp_path / "way.gif") as image:
        assert image.size == (4 * size, 4 * size)
    assert Image.open(tmp_path / "way.png").height == 4 * size
    with (tmp_path / "way.csv").open(newline="") as file:
        assert [row[0] for row in csv.reader(file)][1] == "Random 1"
    assert np.array_equal(np.load(tmp_path / "way.npz")["z"], panel.between.z)


def test_another_model_begins_with_nothing_and_a_later_checkpoint_draws_anew(
    panel: PathsPanel, qtbot: QtBot, home: Path
) -> None:
    panel.between.stops.add_random()
    qtbot.waitUntil(drawn(panel, 1), timeout=10_000)
    before = panel._asked
    panel.session.open_checkpoint(panel.session.run.checkpoint())
    qtbot.waitUntil(lambda: panel._asked is not before and not panel.between.stops.pending(), timeout=10_000)
    assert len(panel.between.stops.items()) == 1
    panel.session.close_run()
    assert not panel.between.stops.items() and panel.between.player.index() == -1


def test_cards_reorder_by_dragging_over_themselves(panel: PathsPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    tray = panel.between.stops
    for n in range(3):
        tray.add_code(f"c{n}", np.full(6, n))
    tray.cards.setCurrentIndex(tray.cards.model().index(0, 0))
    data = tray.cards.model().mimeData([tray.cards.model().index(0, 0)])
    monkeypatch.setattr(QDropEvent, "source", lambda _: tray.cards)
    right = tray.cards.visualRect(tray.cards.model().index(2, 0)).topRight() + QPoint(20, 20)
    plain = Qt.KeyboardModifier.NoModifier
    tray.cards.dropEvent(QDropEvent(QPointF(right), Qt.DropAction.CopyAction, data, LEFT, plain))
    assert [item.name for item in tray.items()] == ["c1", "c2", "c0"]
