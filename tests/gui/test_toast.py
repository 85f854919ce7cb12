import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from genexplorer.gui.toast import Toasts

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    return made


def test_it_says_so_in_the_corner_and_goes_by_itself(window, qtbot) -> None:
    toasts = Toasts(window)
    toast = toasts.show("Saved the run.", "good", ms=50)
    assert toast.isVisible() and toast.findChild(QLabel).text() == "Saved the run."
    corner = toast.mapTo(window, toast.rect().bottomRight())
    assert corner == QPoint(640 - 16 - 1, 480 - 16 - 1)
    qtbot.waitUntil(lambda: not toasts.toasts(), timeout=1000)


@pytest.mark.parametrize(
    "text",
    [
        "Saved the run, and the window may be closed now without losing anything of it.",
        "/home/" + "a-name-without-a-space" * 4 + "/model.safetensors is gone.",
    ],
)
def test_every_message_is_readable_in_full(window, qtbot, text: str) -> None:
    toasts = Toasts(window)
    for _ in range(2):
        toast = toasts.show(text)
        qtbot.wait(30)
        words = toast.findChild(QLabel)
        assert words.height() >= words.heightForWidth(words.width()) > 0
        assert words.minimumSizeHint().width() <= words.width()
        assert toast.findChild(QToolButton).height() > 8
        toast.dismiss()


def test_errors_stay_until_dismissed(window, qtbot) -> None:
    toasts = Toasts(window)
    toast = toasts.show("The disk is full; free some space.", "error", ms=10)
    qtbot.wait(60)
    assert toasts.toasts() == [toast]
    qtbot.mouseClick(toast.findChild(QToolButton), LEFT)
    assert not toasts.toasts()


def test_the_action_is_done_once_and_the_toast_leaves(window, qtbot) -> None:
    done = []
    toasts = Toasts(window)
    toast = toasts.show("Deleted a run.", action=("Undo", lambda: done.append(1)))
    qtbot.mouseClick(toast.findChild(QPushButton), LEFT)
    assert done == [1] and not toasts.toasts()


def test_they_stack_without_overlap_and_follow_the_window(window, qtbot) -> None:
    toasts = Toasts(window)
    long = "A sentence that is long enough to need three lines of this little box, " * 2
    made = [toasts.show("first", "info"), toasts.show(long, "error"), toasts.show("third", "good")]
    window.resize(800, 600)
    qtbot.wait(10)
    boxes = [each.geometry().translated(each.parentWidget().pos()) for each in made]
    assert boxes[0].bottom() < boxes[1].top() and boxes[1].bottom() < boxes[2].top()
    assert boxes[2].bottomRight() == QPoint(800 - 17, 600 - 17)
    words = made[1].findChild(QLabel)
    assert words.height() >= words.heightForWidth(words.width())


def test_the_same_words_are_said_once_and_never_a_wall_of_them(window) -> None:
    toasts = Toasts(window)
    for _ in range(3):
        toasts.show("No memory left.", "error")
    assert len(toasts.toasts()) == 1
    for number in range(9):
        toasts.show(f"message {number}")
    assert [each.text for each in toasts.toasts()] == ["No memory left.", "message 6", "message 7", "message 8"]


def test_clicks_beside_them_reach_the_window(window, qtbot) -> None:
    button = QPushButton("below", window)
    button.setGeometry(0, 0, 640, 480)
    button.show()
    toasts = Toasts(window)
    toasts.show("hello")
    assert window.childAt(100, 450) is button
    assert window.childAt(600, 440) is not button


NEVER_CLOSED = """
from PySide6.QtWidgets import QApplication, QWidget
from genexplorer.gui.toast import Toasts
app = QApplication(["test", "-platform", "offscreen"])
window = QWidget()
toasts = Toasts(window)
window.show()
toasts.show("hello")
app.processEvents()
"""


def test_a_program_that_ends_with_its_window_open_ends_well() -> None:
    assert subprocess.run([sys.executable, "-c", NEVER_CLOSED], capture_output=True).returncode == 0
