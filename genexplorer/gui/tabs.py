"""Pages behind tabs that grow narrower rather than hide behind arrows."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

from .icons import icon
from .ring import draw_ring
from .tab_order import as_it_is_read

_AROUND = 28  # pixels beside the name of a tab


class Tabs(QTabWidget):
    """Where their names lack the room they are cut; those that have icons show these instead."""

    def __init__(self, pages: Mapping[str, QWidget] | None = None, icons: Mapping[str, str] | None = None) -> None:
        super().__init__(documentMode=True)
        self.setTabBar(_Bar())
        self._icons = dict(icons or {})
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        needed = sum(self.fontMetrics().horizontalAdvance(name) + _AROUND for name in self._icons)
        narrow = needed > self.width()
        for place in range(self.count() if self._icons else 0):
            name = self.tabToolTip(place)
            self.setTabText(place, "" if narrow else name)
            self.setTabIcon(place, icon(self._icons[name]) if narrow else QIcon())


class _Bar(QTabBar):
    """Shows where the keyboard is, which a style sheet does not."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Pages")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            draw_ring(QPainter(self), self.tabRect(self.currentIndex()).adjusted(2, 2, -2, -2))
