"""Pages behind tabs; where these are more than fit, the bar scrolls and a menu names them all."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QTabBar, QTabWidget, QToolButton, QWidget

from .icons import icon
from .ring import draw_ring
from .tab_order import as_it_is_read

_AROUND = 28  # pixels beside the name of a tab


class Tabs(QTabWidget):
    """Where their names lack the room, those that have icons show these instead."""

    def __init__(self, pages: Mapping[str, QWidget] | None = None, icons: Mapping[str, str] | None = None) -> None:
        super().__init__(documentMode=True)
        self.setTabBar(_Bar())
        self._icons = dict(icons or {})
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight if icons else Qt.TextElideMode.ElideNone)
        self.more = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup, autoRaise=True)
        self.more.setIcon(icon("caret-down"))
        self.more.setToolTip("All pages")
        self.more.setAccessibleName("All pages")
        self.more.setMenu(QMenu(self.more))
        self.more.menu().aboutToShow.connect(self._name_all)
        self.setCornerWidget(self.more)
        self.more.hide()
        for name, page in (pages or {}).items():
            self.addTab(page, name)

    def exchange(self, place: int, page: QWidget) -> None:
        """Another page behind a tab that stays as it is; nobody is told of a turn."""
        front, shown, before = self.currentIndex() == place, self.isTabVisible(place), self.widget(place)
        assert before is not None
        blocked = self.blockSignals(True)
        self.insertTab(place + 1, page, self.tabText(place))
        self.setTabVisible(place + 1, shown)
        if front:
            self.setCurrentIndex(place + 1)
        self.removeTab(place)
        self.blockSignals(blocked)
        before.deleteLater()

    def focusNextPrevChild(self, onward: bool) -> bool:
        """Asked by whatever in here has the keyboard: by now all is made, and laid where it belongs."""
        as_it_is_read(self)
        return super().focusNextPrevChild(onward)

    def tabInserted(self, index: int) -> None:
        """Whatever becomes of its name on the screen, it is still told."""
        super().tabInserted(index)
        self.setTabToolTip(index, self.tabText(index))
        self.tabBar().setAccessibleTabName(index, self.tabText(index))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def show_page(self, place: int, shown: bool) -> None:
        """Whether a page has its tab."""
        self.setTabVisible(place, shown)
        self._fit()

    def _fit(self) -> None:
        shown = [self.tabToolTip(place) for place in range(self.count()) if self.isTabVisible(place)]
        needed = sum(self.fontMetrics().horizontalAdvance(name) + _AROUND for name in shown)
        narrow = needed > self.width()
        self.setUsesScrollButtons(narrow and not self._icons)
        self.more.setVisible(narrow and not self._icons)
        for place in range(self.count() if self._icons else 0):
            name = self.tabToolTip(place)
            self.setTabText(place, "" if narrow else name)
            self.setTabIcon(place, icon(self._icons[name]) if narrow else QIcon())

    def _name_all(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for place in range(self.count()):
            if self.isTabVisible(place):
                action = menu.addAction(self.tabToolTip(place), lambda place=place: self.setCurrentIndex(place))  # type: ignore[misc]
                action.setCheckable(True)
                action.setChecked(place == self.currentIndex())


class _Bar(QTabBar):
    """Shows where the keyboard is, which a style sheet does not."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Pages")
        for name, side in (("ScrollLeftButton", "left"), ("ScrollRightButton", "right")):
            button = self.findChild(QToolButton, name)
            assert isinstance(button, QToolButton)
            button.setToolTip(f"Tabs further {side}")
            button.setAccessibleName(f"Tabs further {side}")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            draw_ring(QPainter(self), self.tabRect(self.currentIndex()).adjusted(2, 2, -2, -2))
