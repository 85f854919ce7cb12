"""The two-players panel as a person uses it: watch a training, read a step, measure, cancel."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import make_run
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from test_seeds_panel import gan_run

from genexplorer.app import Desk
from genexplorer.engine.players import Both, Modes, Spread
from genexplorer.engine.train import Saved, Step, train
from genexplorer.gui.player_facts import modes_words, spread_words


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> object:
    run = gan_run(home, "gan")
    list(train(run))
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("players")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel._both is not None and panel._game is not None, timeout=20_000)
    return panel


def test_histograms_and_bands_are_what_d_said(panel: object, qtbot: QtBot) -> None:
    assert len(panel.histogram.bins.own) == len(panel.histogram.bins.other) == 297
    assert panel.standing.text().startswith("D ranks a real image above a sample in")
    real, fake = panel.scores._curves
    rows = panel.session.run.metrics()
    assert real.y == pytest.approx([row["real"] for row in rows])
    assert (fake.high - fake.low) / 2 == pytest.approx([row["fake_std"] for row in rows])
    panel.scores.setFocus()
    for _ in range(2):
        qtbot.keyClick(panel.scores, Qt.Key.Key_Left)
    assert panel.scores.accessibleDescription().startswith(f"At {rows[-2]['step']} step: real ")


def test_the_pace_is_drawn_as_is_chosen(panel: object) -> None:
    assert [curve.name for curve in panel.pace._curves] == ["D is right"]
    panel.choice.setCurrentText("Losses")
    assert [curve.name for curve in panel.pace._curves] == ["D", "G"]
    panel.choice.setCurrentText("Gradients")
    assert panel.gradients.isVisible() and not panel.pace.isVisible() and len(panel.gradients._curves) == 2


def test_a_press_measures_and_says_of_which_step(panel: object, qtbot: QtBot) -> None:
    panel.measure_action.trigger()
    qtbot.waitUntil(lambda: len(panel._found) == 3 and not panel.work.isVisible(), timeout=60_000)
    text = panel.results.text()
    assert "Digit, read off linearly" in text and "Kinds drawn" in text and "Variety" in text and "step 12" in text


def test_cancel_ends_it_and_another_may_follow(panel: object, qtbot: QtBot) -> None:
    panel.measure_action.trigger()
    qtbot.waitUntil(panel.work.isVisible)
    qtbot.mouseClick(panel.work.cancel_button, Qt.MouseButton.LeftButton)
    assert not panel.work.isVisible() and panel._errands.now is None
    qtbot.waitUntil(lambda: not panel.busy, timeout=20_000)
    assert len(panel._found) < 3
    panel.measure_action.trigger()
    qtbot.waitUntil(lambda: Spread in panel._found, timeout=60_000)
    panel._cancel()


def test_it_follows_a_training(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    run, desk, seen = gan_run(home, "live", steps=18), open_desk(), []
    panel = desk.panel("players")
    for event in train(run):
        match event:
            case Saved(step=0):
                pass
            case Saved():
                desk.session.open_run(run) if not seen else desk.session.refresh()
                desk.window.tabs.setCurrentWidget(panel)
                before = seen[-1] if seen else None
                qtbot.waitUntil(
                    lambda before=before: panel._both is not None and panel._both is not before, timeout=9000
                )
                seen.append(panel._both)
            case Step(step=15):
                qtbot.waitUntil(lambda: panel._game is not None and panel.scores._curves[0].x[-1] == 15, timeout=9000)
    assert len(seen) >= 2 and not np.array_equal(seen[0].fake, seen[1].fake)


def test_it_is_there_for_gans_alone(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, panel: object) -> None:
    other = make_run(home, "vae")
    list(train(other))
    panel.session.open_run(other)
    assert panel._both is None and panel.histogram.bins is None and "Train a GAN" in panel.histogram.empty
    assert not panel.measure_action.isEnabled() and panel.standing.text() == ""


def test_words() -> None:
    modes = Modes(("a", "b", "c"), np.array([0.5, 0.4, 0.1]), np.array([0.9, 0.1, 0.0]), 0.97)
    assert "2 of 3, hardly ever c" in modes_words(modes)
    assert "50\u00a0% of it" in spread_words(Spread(0.2, 0.4))
    assert Both(np.array([1.0]), np.array([0.0])).right == 1
