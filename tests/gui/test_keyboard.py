"""The window without a mouse: Tab reaches every control, each says what it is, and shows where the keyboard is."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from desks import make_run, trained
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.engine.train import train

CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractSlider)
PANELS = ("latent", "map", "paths", "reconstruct", "samples", "compare", "density", "representation")
SPECIAL = {"units": "sparse", "restore": "denoising"}  # panels of one family


def controls(inside: QWidget) -> list[QWidget]:
    """What can be worked with now, and what can have the keyboard by itself."""
    found = []
    for widget in inside.findChildren(QWidget):
        part = isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox | QLineEdit)  # of another control
        mouse = isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")  # its twin is a key, or a menu
        can = isinstance(widget, CONTROLS) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if can and widget.isVisible() and widget.isEnabled() and not part and not mouse and not widget.isWindow():
            found.append(widget.focusProxy() or widget)
    return found


def walked(qtbot: QtBot) -> list[QWidget]:
    """Where Tab goes, until it comes round; of those of which one is chosen, where the arrows go from there."""
    seen: list[QWidget] = []
    while (here := QApplication.focusWidget()) is not None and here not in seen:
        seen.append(here)
        qtbot.keyClick(here, Qt.Key.Key_Tab)
    for here in list(seen):
        if isinstance(here, QAbstractButton) and here.group() is not None and here.group().exclusive():
            seen += [each for each in here.group().buttons() if each.isEnabled()]
    return seen


def backwards(reached: list[QWidget], inside: QWidget) -> list[tuple[str, str]]:
    """Where Tab goes up, or left in a row, though both have one parent: nobody reads like that."""

    def place(widget: QWidget) -> tuple[int, int, int]:
        where = widget.mapTo(inside, widget.rect().topLeft())
        return where.x(), where.y(), where.y() + widget.height()

    here, found = [each for each in reached if inside.isAncestorOf(each)], []
    for a, b in pairwise(here):
        (left, top, _), (next_left, _, next_bottom) = place(a), place(b)
        above = next_bottom <= top
        before = not above and place(a)[2] > place(b)[1] and next_left < left
        if (above or before) and (a.parentWidget() is b.parentWidget() or told(b) == "What am I looking at?"):
            found.append((told(a) or a.toolTip(), told(b) or b.toolTip()))
    return found


def told(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def pixels(widget: QWidget) -> bytes:
    """Of the widget and a little around it: a ring may lie outside."""
    image = widget.window().grab(widget.rect().translated(widget.mapTo(widget.window(), widget.rect().topLeft())))
    return bytes(image.toImage().constBits())


def check(desk: Desk, inside: QWidget, qtbot: QtBot) -> None:
    wanted = controls(inside)
    assert wanted
    wanted[0].setFocus()
    reached = walked(qtbot)
    assert not [(type(each).__name__, told(each) or each.toolTip()) for each in wanted if each not in reached]
    assert not [(type(each).__name__, each.toolTip()) for each in wanted if not told(each)]
    assert not backwards(reached, inside)
    unseen = []
    for each in wanted:
        elsewhere = next(other for other in reached if other is not each and not each.isAncestorOf(other))
        if not each.isVisible():
            continue
        each.setFocus()
        here = pixels(each)
        elsewhere.setFocus()
        if here == pixels(each):
            unseen.append((type(each).__name__, told(each)))
    assert not unseen, "the keyboard is there, and nobody can see it"


@pytest.fixture
def desk(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> Desk:
    made = open_desk()
    made.window.resize(1280, 1400)  # all of a panel at once
    trained(made, home, qtbot)
    made.panel("latent").strips_action.setChecked(False)
    rng = np.random.default_rng(0)
    for _ in range(2):
        made.session.bookmarks.add(rng.normal(size=6).astype(np.float32), np.zeros((1, 8, 8), np.uint8))
    return made


@pytest.mark.parametrize("name", PANELS)
def test_tab_reaches_all_of_a_panel(name: str, desk: Desk, qtbot: QtBot) -> None:
    panel = desk.panel(name)
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: not panel.busy, timeout=20_000)
    qtbot.wait(500)
    tabs = getattr(panel, "tabs", None)
    for place in range(tabs.count() if tabs else 1):
        if tabs:
            tabs.setCurrentIndex(place)
            if name == "paths" and panel.page().player:
                panel.page().player.pause()
            qtbot.waitUntil(lambda: not panel.busy, timeout=20_000)
        if name == "representation":
            qtbot.waitUntil(lambda: not panel.measuring.running, timeout=60_000)
        check(desk, panel, qtbot)


@pytest.mark.parametrize("name", list(SPECIAL))
def test_tab_reaches_all_of_a_panel_of_one_family(name: str, desk: Desk, home: Path, qtbot: QtBot) -> None:
    run = make_run(home, name, family=SPECIAL[name])
    list(train(run))
    desk.session.open_run(run)
    test_tab_reaches_all_of_a_panel(name, desk, qtbot)


def test_tab_reaches_all_of_the_docks(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.library.runs.count() > 0, timeout=10_000)
    for dock in (desk.train, desk.library):
        for place in range(dock.tabs.count()):
            dock.tabs.setCurrentIndex(place)
            qtbot.waitUntil(lambda: bool(desk.train.previews.scrubber.frames()), timeout=10_000)
            qtbot.wait(300)
            check(desk, dock, qtbot)


def test_arrows_choose_one_of_a_few(desk: Desk, qtbot: QtBot) -> None:
    choice = desk.panel("latent").right.choice
    choice.button(0).setFocus()
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert choice.button(2).hasFocus() and choice.choice() == 2 and desk.panel("latent").right.shown() == "named"
