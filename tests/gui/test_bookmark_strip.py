"""The bookmarks, used with mouse and keyboard."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from genexplorer.engine.runs import RunStore
from genexplorer.gui.bookmark_strip import BookmarkStrip, moved
from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.carried import carried, carry
from genexplorer.gui.session import Session

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def strip(qtbot: QtBot, tmp_path: Path) -> BookmarkStrip:
    session = Session(RunStore(tmp_path))
    session.code.start(2)
    for n in range(3):
        session.bookmarks.add(np.array([n + 1, 0], np.float32), np.full((1, 8, 8), 80 * n, np.uint8))
    made = BookmarkStrip(session)
    made.session = session  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.resize(400, made.sizeHint().height())
    made.show()
    qtbot.waitExposed(made)
    return made


def names(strip: BookmarkStrip) -> list[str]:
    return [b.name for b in strip._session.bookmarks.all()]


def middle(strip: BookmarkStrip, row: int) -> QPoint:
    return strip.visualRect(strip.model().index(row, 0)).center()


def test_a_click_or_enter_sends_the_code_to_the_sliders(strip: BookmarkStrip, qtbot: QtBot) -> None:
    qtbot.mouseClick(strip.viewport(), LEFT, pos=middle(strip, 1))
    code = strip._session.code
    assert code.z[0] == 2 and code.history.undoText() == "Go to Code 2"
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert code.z[0] == 3


def test_it_is_renamed_in_place(strip: BookmarkStrip, qtbot: QtBot) -> None:
    strip.setFocus()
    strip.setCurrentIndex(strip.model().index(0, 0))
    qtbot.keyClick(strip, Qt.Key.Key_F2)
    editor = strip.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Grandmother with a long name")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(strip) == ["Grandmother with a long name", "Code 2", "Code 3"])


def test_the_cross_and_delete_take_away_and_send_nothing(strip: BookmarkStrip, qtbot: QtBot) -> None:
    rect = strip.visualRect(strip.model().index(1, 0))
    qtbot.mouseClick(strip.viewport(), LEFT, pos=rect.topRight() + QPoint(-10, 10))
    assert names(strip) == ["Code 1", "Code 3"] and not strip._session.code.z.any()
    strip.setFocus()
    strip.setCurrentIndex(strip.model().index(1, 0))
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert names(strip) == ["Code 1"]
    strip._session.bookmarks.put([])
    assert not strip.grab().isNull() and "appear here" in strip.accessibleDescription()


def test_a_code_travels_whole(strip: BookmarkStrip) -> None:
    code = Bookmark("größe", np.array([1, 2], np.float32), np.ones((3, 8, 8), np.uint8))
    data = carry(code)
    (back,) = carried(data)
    assert back.name == "größe" and data.hasImage()
    assert np.array_equal(back.z, code.z) and np.array_equal(back.picture, code.picture)
    there = middle(strip, 1)
    event = QDropEvent(
        there.toPointF() - QPoint(20, 0), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    strip.dropEvent(event)
    assert "größe" in names(strip) and len(names(strip)) == 4


def test_several_are_chosen_and_travel_or_go_as_one(strip: BookmarkStrip, qtbot: QtBot) -> None:
    qtbot.mouseClick(strip.viewport(), LEFT, pos=middle(strip, 0))
    sent = strip._session.code.z.copy()
    qtbot.mouseClick(strip.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, pos=middle(strip, 2))
    assert np.array_equal(strip._session.code.z, sent)  # choosing sends nothing
    codes = carried(strip.model().mimeData(strip.selectedIndexes()))
    assert [code.name for code in codes] == ["Code 1", "Code 3"]
    assert [code.z.tolist() for code in codes] == [kept.z.tolist() for kept in strip._session.bookmarks.all()[::2]]
    assert not strip.grab().isNull()
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert names(strip) == ["Code 2"]


def test_reordering() -> None:
    cards = [Bookmark(name, np.zeros(1), np.zeros((1, 1, 1), np.uint8)) for name in "abcd"]
    for row, before, order in ((0, 3, "bcad"), (3, 0, "dabc"), (1, 1, "abcd"), (1, 4, "acdb")):
        assert "".join(c.name for c in moved(list(cards), row, before)) == order


def test_a_double_click_opens_the_name(strip: BookmarkStrip) -> None:
    QTest.mouseClick(strip.viewport(), LEFT, pos=middle(strip, 0))
    QTest.mouseDClick(strip.viewport(), LEFT, pos=middle(strip, 0))
    assert strip.findChild(QLineEdit) is not None
