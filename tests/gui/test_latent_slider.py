import time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from genexplorer.engine.axes import subscript
from genexplorer.gui import theme
from genexplorer.gui.latent_slider import LatentSlider

BUTTON = Qt.MouseButton.LeftButton


@pytest.fixture
def row(qtbot) -> LatentSlider:
    made = LatentSlider(f"z{subscript(3)}", "1.42 nats")
    qtbot.addWidget(made)
    made.resize(420, 30)
    made.show()
    made.heard = []
    made.moved.connect(lambda value: made.heard.append(("moved", round(value, 3))))
    made.committed.connect(lambda old, new: made.heard.append(("committed", round(old, 3), round(new, 3))))
    return made


def at(row: LatentSlider, value: float) -> QPoint:
    return QPoint(round(row.x_of(value)), 15)


def wheel(row: LatentSlider, notches: int) -> bool:
    event = QWheelEvent(
        QPointF(200, 15), QPointF(200, 15), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    row.wheelEvent(event)
    return event.isAccepted()


def test_a_drag_moves_live_and_is_one_step(row, qtbot) -> None:
    qtbot.mousePress(row, BUTTON, pos=at(row, 0))
    for value in (0.5, 1, 1.5):
        qtbot.mouseMove(row, at(row, value))
    qtbot.mouseRelease(row, BUTTON, pos=at(row, 1.5))
    moves = [each for each in row.heard if each[0] == "moved"]
    assert len(moves) >= 3 and row.heard[-1][0] == "committed"
    assert len(row.heard) == len(moves) + 1
    assert row.value() == pytest.approx(1.5, abs=0.03) and row.heard[-1][1:] == (0, round(row.value(), 3))


def test_a_drag_past_the_end_stays_in_range(row, qtbot) -> None:
    qtbot.mousePress(row, BUTTON, pos=at(row, 2.9))
    qtbot.mouseMove(row, QPoint(415, 15))
    qtbot.mouseRelease(row, BUTTON, pos=QPoint(415, 15))
    assert row.value() == 3


def test_double_click_returns_to_zero(row, qtbot) -> None:
    row.set_value(2)
    qtbot.mouseDClick(row, BUTTON, pos=at(row, 1))
    assert row.value() == 0 and row.heard[-1] == ("committed", 2, 0)


def test_arrow_keys_step_and_shift_is_fine(row, qtbot) -> None:
    qtbot.keyClick(row, Qt.Key.Key_Right)
    assert row.heard == [("moved", 0.06), ("committed", 0, 0.06)]
    qtbot.keyClick(row, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert row.value() == pytest.approx(0.054)
    qtbot.keyClick(row, Qt.Key.Key_End)
    qtbot.keyClick(row, Qt.Key.Key_Delete)
    assert row.heard[-1] == ("committed", 3, 0)


def test_a_number_can_be_typed(row, qtbot) -> None:
    qtbot.mouseClick(row, BUTTON, pos=row.number_rect().center())
    editor = row.findChild(QLineEdit)
    qtbot.keyClicks(editor, "-1,25")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert row.heard == [("moved", -1.25), ("committed", 0, -1.25)]
    assert editor.isHidden()


@pytest.mark.parametrize(("typed", "value"), [("99", 3.0), ("nan", 0.5), ("a lot", 0.5), ("", 0.5)])
def test_typing_what_cannot_be_keeps_the_row_whole(row, qtbot, typed: str, value: float) -> None:
    row.set_value(0.5)
    row.edit()
    editor = row.findChild(QLineEdit)
    qtbot.keyClicks(editor, typed)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert row.value() == value


def test_escape_leaves_the_value(row, qtbot) -> None:
    row.set_value(0.5)
    qtbot.keyClick(row, Qt.Key.Key_Return)
    editor = row.findChild(QLineEdit)
    qtbot.keyClicks(editor, "2")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert row.value() == 0.5 and editor.isHidden() and not row.heard


def test_the_wheel_belongs_to_the_list_until_the_row_has_focus(row, qtbot) -> None:
    row.clearFocus()
    assert not wheel(row, 1) and row.value() == 0
    row.activateWindow()
    row.setFocus()
    qtbot.waitUntil(row.hasFocus)
    assert wheel(row, 2) and row.value() == pytest.approx(0.06)
    assert row.heard[-1] == ("committed", 0, 0.06)


def test_a_locked_row_is_left_alone(row, qtbot) -> None:
    with qtbot.waitSignal(row.lock_changed):
        qtbot.mouseClick(row, BUTTON, pos=row.lock_rect().center())
    qtbot.mouseClick(row, BUTTON, pos=at(row, 2))
    qtbot.mouseDClick(row, BUTTON, pos=at(row, 2))
    qtbot.keyClick(row, Qt.Key.Key_Right)
    assert row.is_locked() and row.value() == 0 and not row.heard
    assert "locked" in row.accessibleDescription()
    qtbot.keyClick(row, Qt.Key.Key_L)
    assert not row.is_locked()


def test_set_value_and_range_say_nothing(row, qtbot) -> None:
    row.set_value(7)
    row.set_range(-1, 1)
    assert not row.heard and row.value() == 7 and row.x_of(7) == row.x_of(1)


def test_the_knob_is_where_the_value_is(row, qtbot) -> None:
    row.set_value(-2)
    shown = row.grab().toImage()
    accent = QColor(theme.colors().accent)
    assert shown.pixelColor(at(row, -1)) == accent
    assert shown.pixelColor(at(row, 1)) == QColor(theme.colors().line)


def test_a_hundred_rows_are_cheap(qtbot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    QLineEdit(panel)
    start = time.perf_counter()
    box = QVBoxLayout(panel)
    for number in range(100):
        box.addWidget(LatentSlider(f"z{subscript(number)}", "0.10 nats"))
    made = time.perf_counter() - start
    panel.show()
    QApplication.processEvents()
    start = time.perf_counter()
    panel.repaint()
    painted = time.perf_counter() - start
    assert made < 0.15 and painted < 0.15
