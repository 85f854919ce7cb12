from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QSlider, QToolButton

from genexplorer.gui.scrubber import Scrubber


def frames(count: int) -> list[tuple[int, Path]]:
    return [(100 * n, Path(f"{n}.png")) for n in range(1, count + 1)]


@pytest.fixture
def scrubber(qtbot) -> Scrubber:
    made = Scrubber(fps=100)
    qtbot.addWidget(made)
    made.resize(400, 40)
    made.heard = []
    made.frame_changed.connect(made.heard.append)
    made.show()
    return made


def test_empty_says_so_and_does_nothing(scrubber, qtbot) -> None:
    assert scrubber.findChild(QLabel).text() == "no frames yet"
    assert scrubber.index() == -1 and not scrubber.findChild(QToolButton).isEnabled()
    scrubber.play()
    assert not scrubber.is_playing() and not scrubber.heard


def test_the_newest_frame_is_followed_until_someone_looks_back(scrubber, qtbot) -> None:
    scrubber.set_frames(frames(3))
    scrubber.set_frames(frames(5))
    assert scrubber.heard == [2, 4] and scrubber.findChild(QLabel).text() == "step 500"
    qtbot.keyClick(scrubber.findChild(QSlider), Qt.Key.Key_Left)
    scrubber.set_frames(frames(9))
    assert scrubber.index() == 3 and scrubber.heard == [2, 4, 3]
    qtbot.keyClick(scrubber.findChild(QSlider), Qt.Key.Key_End)
    scrubber.set_frames(frames(12))
    assert scrubber.index() == 11


def test_another_run_is_shown_anew(scrubber) -> None:
    scrubber.set_frames(frames(3))
    scrubber.set_frames([(7, Path("other.png"))])
    assert scrubber.heard == [2, 0] and scrubber.findChild(QLabel).text() == "step 7"
    scrubber.set_frames([])
    assert scrubber.index() == -1


def test_arrow_keys_step(scrubber, qtbot) -> None:
    scrubber.set_frames(frames(4))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        qtbot.keyClick(scrubber.findChild(QSlider), key)
    assert scrubber.heard == [3, 2, 1, 2]


def test_plays_to_the_end_and_stops(scrubber, qtbot) -> None:
    scrubber.set_frames(frames(4))
    button = scrubber.findChild(QToolButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert scrubber.is_playing() and button.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: not scrubber.is_playing(), timeout=2000)
    assert scrubber.heard == [3, 0, 1, 2, 3] and button.accessibleName() == "Play"


def test_space_pauses(scrubber, qtbot) -> None:
    scrubber.set_frames(frames(400))
    slider = scrubber.findChild(QSlider)
    qtbot.keyClick(slider, Qt.Key.Key_Space)
    assert scrubber.is_playing()
    qtbot.keyClick(slider, Qt.Key.Key_Space)
    assert not scrubber.is_playing()


def test_no_timer_runs_unseen(scrubber, qtbot) -> None:
    scrubber.set_frames(frames(400))
    timer = scrubber.findChild(QTimer)
    assert not timer.isActive()
    scrubber.play()
    assert timer.isActive()
    scrubber.hide()
    assert not timer.isActive()
    scrubber.show()
    assert timer.isActive()
