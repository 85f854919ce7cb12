"""Where Tab goes: from control to control as they lie, whatever was made first."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QGridLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QWidget,
)


def as_it_is_read(inside: QWidget) -> None:
    """Let Tab go through what can have the keyboard in there from left to right and from top to bottom."""
    for here, there in pairwise(_controls(inside)):
        QWidget.setTabOrder(here, there)


def _controls(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    if not isinstance(widget, QAbstractSpinBox | QComboBox):  # their parts are no controls of their own
        for part in _parts(widget):
            yield from _controls(part)


def _parts(widget: QWidget) -> Iterator[QWidget]:
    match widget:
        case QTabWidget():
            yield from filter(None, (widget.tabBar(), widget.cornerWidget(), widget.currentWidget()))
        case QSplitter():
            yield from filter(None, (widget.widget(place) for place in range(widget.count())))
        case QScrollArea():
            yield from filter(None, (widget.widget(),))
        case _ if (layout := widget.layout()) is not None:
            yield from _laid(layout)
        case _:
            free = [each for each in widget.children() if isinstance(each, QWidget) and not each.isWindow()]
            yield from sorted(free, key=lambda each: (each.y(), each.x()))


def _laid(layout: QLayout) -> Iterator[QWidget]:
    for item in _in_order(layout):
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _laid(inner)


def _in_order(layout: QLayout) -> list[QLayoutItem]:
    places = range(layout.count())
    if isinstance(layout, QGridLayout):
        places = sorted(places, key=lambda place: layout.getItemPosition(place)[:2])  # type: ignore[assignment, index]
    return [item for place in places if (item := layout.itemAt(place)) is not None]
