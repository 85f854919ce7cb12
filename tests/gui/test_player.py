"""Pictures that play: the clock against arithmetic, the player as a person uses it."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from genexplorer.gui.beat import Beat
from genexplorer.gui.player import Player
from genexplorer.gui.reel import Reel

LEFT = Qt.MouseButton.LeftButton


def frames(count: int, size: int = 8) -> np.ndarray:
    return np.arange(count, dtype=np.uint8)[:, None, None, None].repeat(size, 2).repeat(size, 3)


@pytest.fixture
def player(qtbot: QtBot) -> Player:
    made = Player()
    qtbot.addWidget(made)
    made.resize(480, 320)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(player: Player) -> int:
    image = player.view.image()
    assert image is not None
    return image.pixelColor(0, 0).red()


def test_a_beat_does_not_drift_and_counts_what_it_misses() -> None:
    beat = Beat()
    beat.start(100.0, 50, 60)
    assert beat.due() == pytest.approx(100.02) and beat.advance(100.019) is None
    late = [beat.advance(100.02 * 1 + 0.02 * k + 0.011) for k in range(50)]  # always 11 ms late
    assert late == [(k + 1, 0) for k in range(50)] and beat.due() == pytest.approx(101.02)
    assert beat.advance(101.081) == (54, 3)


def test_a_beat_above_the_displays_rate_strides() -> None:
    beat = Beat()
    beat.start(0.0, 120, 60)
    assert [beat.advance(k / 60) for k in (1, 2, 3)] == [(2, 0), (4, 0), (6, 0)]
    beat.start(0.0, 90, 60)
    assert [beat.advance(k / 60) for k in (1, 2, 3)] == [(1, 0), (3, 0), (4, 0)]


def test_it_plays_at_its_rate_and_loops(player: Player, qtbot: QtBot) -> None:
    player.set_frames(frames(10))
    player.rate.setValue(50)
    seen: list[int] = []
    player.frame_changed.connect(seen.append)
    start = time.perf_counter()
    player.play()
    qtbot.waitUntil(lambda: player.shown + player.dropped >= 25, timeout=5_000)
    assert player.shown + player.dropped == pytest.approx(50 * (time.perf_counter() - start), abs=5)
    player.pause()
    steps = np.diff([0, *seen]) % 10
    assert steps.sum() == player.shown + player.dropped and shown(player) == player.index()


def test_keys_and_buttons(player: Player, qtbot: QtBot) -> None:
    player.set_frames(frames(6))
    player.view.setFocus()
    qtbot.keyClick(player.view, Qt.Key.Key_Right)
    qtbot.keyClick(player.view, Qt.Key.Key_Right)
    assert shown(player) == 2
    for _ in range(3):
        qtbot.keyClick(player.view, Qt.Key.Key_Left)
    assert shown(player) == 5
    qtbot.keyClick(player.view, Qt.Key.Key_Space)
    assert player.is_playing()
    qtbot.mouseClick(player._button, LEFT)
    assert not player.is_playing()
    player._slider.setFocus()
    qtbot.keyClick(player._slider, Qt.Key.Key_Home)
    assert shown(player) == 0
    qtbot.keyClick(player.view, Qt.Key.Key_L)
    assert not player.loop.isChecked()
    player.play()
    qtbot.waitUntil(lambda: not player.is_playing(), timeout=2_000)
    assert player.index() == 5
    player.play()
    assert player.index() == 0


def test_frames_that_come_late_are_waited_for_and_none_is_dropped(player: Player, qtbot: QtBot) -> None:
    player.expect(40)
    player.play()
    assert not player.is_playing()
    player.put(0, frames(8))
    assert player.is_playing()
    qtbot.waitUntil(lambda: player.index() == 7, timeout=2_000)
    qtbot.wait(100)
    assert player.index() == 7 and "20 %" in player._label.text()
    player.put(8, frames(40)[8:])
    qtbot.waitUntil(lambda: player.index() > 20, timeout=2_000)
    assert player.dropped <= 2 and "%" not in player._label.text()


def test_new_frames_of_the_same_way_replace_the_old_in_place(player: Player) -> None:
    player.set_frames(frames(10))
    player.show_frame(4)
    player.expect(10)
    player.put(0, frames(8) + 100)
    assert shown(player) == 104 and player.frames()[9, 0, 0, 0] == 9
    player.set_frames(frames(3, size=4))
    assert player.index() == 0 and len(player.frames()) == 3
    player.set_frames(None)
    assert player.index() == -1 and not player._button.isEnabled() and player.view.image() is None


def test_it_rests_while_hidden(player: Player, qtbot: QtBot) -> None:
    player.set_frames(frames(200))
    player.play()
    player.hide()
    index = player.index()
    qtbot.wait(80)
    assert player.index() == index and player.is_playing()
    player.show()
    qtbot.waitUntil(lambda: player.index() > index, timeout=2_000)
    assert player.dropped <= 2


def test_the_reel_goes_where_it_is_pressed(player: Player, qtbot: QtBot) -> None:
    reel = Reel(player)
    qtbot.addWidget(reel)
    reel.resize(400, reel.sizeHint().height())
    reel.show()
    player.set_frames(frames(61))
    picked = reel.picked()
    assert picked[0] == 0 and picked[-1] == 60 and len(picked) == 6
    qtbot.mouseClick(reel, LEFT, pos=QPoint(399, 10))
    assert player.index() == 60
    qtbot.mousePress(reel, LEFT, pos=QPoint(0, 10))
    qtbot.mouseMove(reel, QPoint(200, 10))
    assert player.index() == 30
    strip = reel.grab().toImage()
    assert strip.pixelColor(5, 10).red() == 0 and strip.pixelColor(395, 10).red() == 60
