"""The gauge follows the code in hand once it rests, says one word, and tells the rest on a click."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desks import make_run
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.at_hand import test_images as images_of
from genexplorer.engine.runs import RunStore
from genexplorer.engine.train import train
from genexplorer.gui.plausibility_gauge import PlausibilityGauge
from genexplorer.gui.session import Session


@pytest.fixture
def session(home: Path) -> Session:
    list(train(make_run(home, "ready")))
    return Session(RunStore(home))


@pytest.fixture
def gauge(session: Session, qtbot: QtBot) -> Iterator[PlausibilityGauge]:
    made = PlausibilityGauge(session)
    qtbot.addWidget(made)
    made.show()
    session.open_run(session.store.find("ready"))
    yield made
    made.shut()


def whole(gauge: PlausibilityGauge) -> bool:
    return gauge.told is not None and gauge.told.nearest is not None


def test_it_tells_a_real_code_from_one_that_is_far_off(
    gauge: PlausibilityGauge, session: Session, qtbot: QtBot
) -> None:
    checkpoint = session.checkpoint
    images = images_of(checkpoint, session.store.cache).images
    import torch

    from genexplorer.core.data import to_float

    real = checkpoint.model().encode(to_float(images.take(torch.tensor([5]))))[0].numpy()
    session.code.change("real", real)
    qtbot.waitUntil(lambda: whole(gauge), timeout=15_000)
    assert gauge.told.verdict == "Plausible" and gauge.told.compared == 1500 and gauge.told.reals == 297
    session.code.change("far", np.full(6, 9, np.float32))
    assert gauge.told is None, "the word of another code is not left standing"
    qtbot.waitUntil(lambda: whole(gauge), timeout=15_000)
    assert gauge.told.verdict == "Implausible" and "Implausible" in gauge.toolTip()
    assert gauge.accessibleDescription().startswith("Implausible: length of the code 100 %")


def test_what_is_told_stands_until_a_later_checkpoint_has_told_as_much(
    gauge: PlausibilityGauge, session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: whole(gauge), timeout=15_000)
    before, seen = gauge.told, []
    session.open_checkpoint(Checkpoint.open(session.run.checkpoints()[0]))
    qtbot.waitUntil(lambda: seen.append(whole(gauge)) or gauge.told is not before, timeout=15_000)
    assert all(seen) and gauge.told["code"].value != before["code"].value


def test_a_hand_that_moves_asks_nothing(gauge: PlausibilityGauge, session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: whole(gauge), timeout=15_000)
    asked: list[object] = []
    gauge._questions.ask = lambda request, kind=None: asked.append(request)  # type: ignore[method-assign]
    for n in range(8):
        session.code.drag(np.full(6, n / 10, np.float32))
        qtbot.wait(50)
    assert not asked
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=2000)
    assert np.array_equal(asked[0].z, np.full(6, 0.7, np.float32))  # type: ignore[attr-defined]


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_the_numbers_are_told_on_a_click(gauge: PlausibilityGauge, session: Session, qtbot: QtBot, by: str) -> None:
    session.code.change("some", np.array([1, 0, -1, 0.5, 0, 2], np.float32))
    qtbot.waitUntil(lambda: whole(gauge), timeout=15_000)
    if by == "mouse":
        qtbot.mouseClick(gauge, Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(gauge, Qt.Key.Key_Space)
    assert gauge._card.isVisible()
    texts = [label.text() for label in gauge._card.findChildren(QLabel)]
    assert f"{np.sqrt(6.25):.2f}" in texts and any("Nearest of 1,500 training images" in text for text in texts)
    assert any("297 real images" in text for text in texts)
    assert gauge._card._nearest.image() is not None
    qtbot.keyClick(gauge._card, Qt.Key.Key_Escape)
    assert not gauge._card.isVisible()


def test_a_gauge_that_is_not_seen_asks_nothing(session: Session, qtbot: QtBot) -> None:
    hidden = PlausibilityGauge(session)
    qtbot.addWidget(hidden)
    session.open_run(session.store.find("ready"))
    qtbot.wait(400)
    assert hidden._questions is None and hidden.told is None
    hidden.show()
    qtbot.waitUntil(lambda: hidden.told is not None, timeout=15_000)
    session.close_run()
    assert hidden.told is None
    hidden.shut()
