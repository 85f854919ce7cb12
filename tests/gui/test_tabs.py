"""Tabs that are more than fit keep their names, and a menu leads to those that are out of sight."""

from PySide6.QtWidgets import QLabel

from genexplorer.gui.tabs import Tabs

NAMES = ["Latent space", "Map", "Interpolate", "Reconstruct", "Samples", "Compare", "Density", "Two players"]


def shown(qtbot, width: int, icons: dict[str, str] | None = None) -> Tabs:
    tabs = Tabs({name: QLabel(name) for name in NAMES}, icons)
    qtbot.addWidget(tabs)
    tabs.resize(width, 200)
    tabs.show()
    qtbot.waitExposed(tabs)
    return tabs


def test_where_all_fit_there_is_no_menu(qtbot) -> None:
    assert shown(qtbot, 1600).more.isHidden()


def test_where_they_do_not_fit_names_stay_whole_and_the_menu_goes_to_any(qtbot) -> None:
    tabs = shown(qtbot, 400)
    assert not tabs.more.isHidden() and [tabs.tabText(place) for place in range(len(NAMES))] == NAMES
    bar = tabs.tabBar()
    assert all(
        bar.tabRect(place).width() >= bar.fontMetrics().horizontalAdvance(name) for place, name in enumerate(NAMES)
    )
    menu = tabs.more.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == NAMES and menu.actions()[0].isChecked()
    menu.actions()[-1].trigger()
    assert tabs.currentIndex() == len(NAMES) - 1
    assert bar.rect().contains(bar.tabRect(tabs.currentIndex()))


def test_a_page_that_has_no_tab_is_in_no_menu_and_takes_no_room(qtbot) -> None:
    tabs = shown(qtbot, 400)
    for place in range(2, len(NAMES)):
        tabs.show_page(place, False)
    assert tabs.more.isHidden()
    tabs.more.menu().aboutToShow.emit()
    assert [action.text() for action in tabs.more.menu().actions()] == NAMES[:2]


def test_tabs_with_icons_show_these_instead(qtbot) -> None:
    tabs = shown(qtbot, 300, dict.fromkeys(NAMES, "gear"))
    assert tabs.more.isHidden() and not tabs.tabText(0) and not tabs.tabIcon(0).isNull()
    assert tabs.tabToolTip(0) == "Latent space"
