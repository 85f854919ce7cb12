"""The steps of the code in hand, as a list to go back and forth in."""

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QMenu, QToolButton, QUndoView, QWidget, QWidgetAction

from .icons import icon


class HistoryButton(QToolButton):
    def __init__(self, history: QUndoStack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(icon("clock-counter-clockwise"))
        self.setToolTip("History: click a step to go back to it (Ctrl+H)")
        self.setAccessibleName("History")
        self.setShortcut("Ctrl+H")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.steps = QUndoView(history)
        self.steps.setEmptyLabel("Start")
        self.steps.setFixedSize(264, 320)
        self.steps.setAccessibleName("Steps")
        content = QWidgetAction(self)
        content.setDefaultWidget(self.steps)
        menu = QMenu(self)
        menu.addAction(content)
        menu.aboutToShow.connect(self.steps.setFocus)
        self.setMenu(menu)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
