"""A list of things with a picture each."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget

from genexplorer.gui.icons import icon
from genexplorer.gui.images import to_qimage

_ICON = 64  # logical pixels


class Shelf(QListWidget):
    """Its actions are its context menu; their shortcuts hold while it has the focus."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setSpacing(2)
        self.setWordWrap(True)
        self.setUniformItemSizes(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def add_action(self, text: str, name: str, call: Callable[[], object], key: str = "") -> QAction:
        action = QAction(icon(name), text, self)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: call())
        self.addAction(action)
        return action


def picture_icon(pixels: np.ndarray | None) -> QIcon:
    """Pixels, uint8 (C, H, W), crisp where they are few; a sign in their place where there are none."""
    if pixels is None:
        return icon("image", "muted")
    image = to_qimage(pixels)
    crisp = (
        Qt.TransformationMode.FastTransformation
        if image.width() < _ICON
        else Qt.TransformationMode.SmoothTransformation
    )
    pixmap = QPixmap.fromImage(image.scaled(2 * _ICON, 2 * _ICON, Qt.AspectRatioMode.KeepAspectRatio, crisp))
    made = QIcon(pixmap)
    made.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint it
    return made
