"""Actions of a panel, and their buttons."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QWidget

from .icons import icon


def local_action(
    owner: QWidget, text: str, name: str, key: str, does: str, call: Callable[[], object] | None = None
) -> QAction:
    """Its key works wherever the keyboard is in `owner`; `name` is its icon's, empty for none."""
    action = QAction(text, owner)
    if name:
        action.setIcon(icon(name))
    action.setShortcut(key)
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.setToolTip(f"{does} ({key})")
    if call is not None:
        action.triggered.connect(lambda: call())
    owner.addAction(action)
    return action


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
