"""Buttons of actions."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton


def buttons_of(*actions: QAction, texts: bool = False) -> list[QToolButton]:
    """One for each, with its name beside the icon where `texts` asks for it."""
    made = []
    for action in actions:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        if texts:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.append(button)
    return made
