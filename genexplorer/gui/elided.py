"""A line of text that ends in "…" where it lacks the room, and never asks for more."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel


class Elided(QLabel):
    """The whole text is in its tooltip. As narrow as can be, so that what it says lays no window out anew."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setProperty("role", "muted")

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter, middle, role = QPainter(self), Qt.AlignmentFlag.AlignVCenter, self.foregroundRole()
        self.style().drawItemText(painter, room, middle, self.palette(), self.isEnabled(), text, role)
