"""Rows, tabs and sentences that give way, so that large text makes no window wide."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.events import Progress
from genexplorer.gui.tabs import Tabs
from genexplorer.gui.work_bar import WorkBar
from genexplorer.gui.wrap import Wrap


def row(qtbot: QtBot, width: int) -> tuple[QWidget, list[QPushButton]]:
    whole, buttons = QWidget(), [QPushButton(text) for text in ("one", "two", "three")]
    qtbot.addWidget(whole)
    layout = Wrap(whole)
    layout.addWidget(buttons[0])
    layout.addWidget(buttons[1])
    layout.addStretch()
    layout.addWidget(buttons[2])
    whole.resize(width, layout.heightForWidth(width))
    whole.show()
    return whole, buttons


def test_a_stretch_pushes_what_follows_to_the_end_of_the_line(qtbot: QtBot) -> None:
    _whole, (one, two, three) = row(qtbot, 600)
    assert one.x() == 0 and two.x() == one.width() + 8 and three.geometry().right() == 599
    assert one.y() == two.y() == three.y()


def test_what_lacks_room_begins_another_line(qtbot: QtBot) -> None:
    _whole, (one, two, three) = row(qtbot, 160)
    assert one.y() == two.y() and three.y() == one.y() + one.height() + 8 and three.x() == 0


def test_what_is_told_never_widens_a_window(qtbot: QtBot) -> None:
    bar = WorkBar("Stop")
    qtbot.addWidget(bar)
    bar.tell(Progress("Short", 0, 1))
    before = bar.minimumSizeHint().width()
    bar.tell(Progress("Reading " + 40 * "a very long name ", 0, 1))
    assert bar.minimumSizeHint().width() == before and "long name" in bar.label.toolTip()


def test_tabs_that_lack_room_show_icons_and_still_tell_their_names(qtbot: QtBot) -> None:
    tabs = Tabs({"Runs": QLabel(), "Data sets": QLabel()}, {"Runs": "flask", "Data sets": "image"})
    qtbot.addWidget(tabs)
    for width, names in ((400, ["Runs", "Data sets"]), (90, ["", ""]), (400, ["Runs", "Data sets"])):
        tabs.resize(width, 100)
        tabs.show()
        QApplication.processEvents()
        assert [tabs.tabText(place) for place in range(2)] == names
        assert [tabs.tabToolTip(place) for place in range(2)] == ["Runs", "Data sets"]


def test_the_window_fits_1280_pixels_with_text_at_half_as_much_again(open_desk: Callable[[], Desk]) -> None:
    desk = open_desk()
    try:
        desk.window.set_scale(1.5)
        QApplication.processEvents()
        assert desk.window.minimumSizeHint().width() <= 1280 and desk.window.minimumSizeHint().height() <= 720
    finally:
        desk.window.set_scale(1.0)
