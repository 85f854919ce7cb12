"""A tab for each panel; the panel itself is made when it is first needed, or once the window has nothing else to do."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from genexplorer.core.checkpoint import Checkpoint

from .main_window import MainWindow
from .panel import PANELS, Panel
from .session import Session

_EVERY_MS = 30


class PanelTabs(QObject):
    """Hands the open checkpoint to the panels that fit it. The first picture waits for no panel but its own."""

    made = Signal()  # there is one more panel

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._window, self._tabs = session, window, window.tabs
        self._kinds = [PANELS[name] for name in PANELS]
        self._panels: dict[int, Panel] = {}  # by the places of their tabs
        for kind in self._kinds:
            self._tabs.addTab(QWidget(), kind.title)
        session.checkpoint_changed.connect(self._open)
        self._tabs.currentChanged.connect(self._turned)
        self._idle = QTimer(self, interval=_EVERY_MS)
        self._idle.timeout.connect(self._make_another)
        self._idle.start()
        self._open(session.checkpoint)

    def all(self) -> list[Panel]:
        """Every panel, in the order of the tabs."""
        return [self._panel(place) for place in range(len(self._kinds))]

    def panel(self, name: str) -> Panel:
        return self._panel(next(place for place, kind in enumerate(self._kinds) if kind.name == name))

    def reveal(self, name: str) -> None:
        """Bring a panel to the front, if there is such a one and it can show what is open."""
        for place, kind in enumerate(self._kinds):
            if kind.name == name and kind.fits(self._session.checkpoint):
                self._tabs.setCurrentIndex(place)

    def in_front(self) -> str:
        """The name of the panel that is seen."""
        return self._kinds[self._tabs.currentIndex()].name

    def actions(self) -> list[QAction]:
        """What the panels that are made offer to the menu, in the order of the tabs."""
        return [action for _, panel in sorted(self._panels.items()) for action in panel.panel_actions()]

    def shut(self) -> None:
        """End all threads."""
        self._idle.stop()
        for panel in self._panels.values():
            panel.shut()

    def _panel(self, place: int) -> Panel:
        """Made now where it is not there yet."""
        if place not in self._panels:
            panel = self._panels[place] = self._kinds[place](self._session)
            if self._session.checkpoint is not None:
                panel.follow(self._session.checkpoint)
            self._tabs.exchange(place, panel)
            self.made.emit()
        return self._panels[place]

    def _open(self, checkpoint: Checkpoint | None) -> None:
        for panel in list(self._panels.values()):
            panel.follow(checkpoint)
        self._window.show_tabs({place for place, kind in enumerate(self._kinds) if kind.fits(checkpoint)})
        self._turned(self._tabs.currentIndex())

    def _turned(self, place: int) -> None:
        if place >= 0:
            self._panel(place)

    def _make_another(self) -> None:
        """One more, while the one that is seen has nothing left to answer."""
        missing = [place for place in range(len(self._kinds)) if place not in self._panels]
        if not missing:
            self._idle.stop()
        elif not self._panel(self._tabs.currentIndex()).busy:
            self._panel(missing[0])
