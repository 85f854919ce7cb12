"""Short messages in the corner: they stop nobody's work, and errors wait until they were read."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from . import icons, theme
from .words import breakable

Kind = Literal["info", "error", "good"]
ICONS: dict[Kind, tuple[str, str]] = {
    "info": ("info", "accent"),
    "error": ("warning-circle", "error"),
    "good": ("check-circle", "good"),
}
MARGIN, WIDTH, MOST = 16, 360, 4


class Toast(QFrame):
    """One message, with at most one thing to do about it."""

    def __init__(self, text: str, kind: Kind, action: tuple[str, Callable[[], None]] | None) -> None:
        super().__init__()
        self.text, self.kind = text, kind
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 8, 8, 8)
        row.setSpacing(8)
        words = QLabel(breakable(text), wordWrap=True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(words, 1, Qt.AlignmentFlag.AlignVCenter)
        if action is not None:
            name, do = action
            button = QPushButton(name)
            button.clicked.connect(self.dismiss)
            button.clicked.connect(lambda: do())
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        close = QToolButton()
        close.setIcon(icons.icon("x", "muted"))
        close.setToolTip("Dismiss")
        close.setAccessibleName("Dismiss")
        close.clicked.connect(self.dismiss)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def dismiss(self) -> None:
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, c = QPainter(self), theme.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.error if self.kind == "error" else c.line), 1))
        painter.setBrush(QColor(c.surface))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        name, role = ICONS[self.kind]
        icons.draw(painter, QRect(12, 12, 20, 20), name, getattr(c, role))


class Toasts(QObject):
    """The stack in the parent's lower right corner; it covers no more than the messages themselves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent.size()  # asked of the window in time: while it is destroyed, it must not be asked
        self._stack = QWidget(parent)
        self._stack.setAccessibleName("Messages")
        self._column = QVBoxLayout(self._stack)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._stack.hide()
        parent.installEventFilter(self)

    def show(
        self, text: str, kind: Kind = "info", action: tuple[str, Callable[[], None]] | None = None, ms: int = 5000
    ) -> Toast:
        """Say it. Errors stay until dismissed; a message that is already there is not said twice."""
        for there in self.toasts():
            if (there.text, there.kind) == (text, kind):
                there.dismiss()
        made = Toast(text, kind, action)
        self._column.addWidget(made)
        made.installEventFilter(self)
        made.show()
        while len(shown := self.toasts()) > MOST:
            min(shown[:-1], key=lambda each: each.kind == "error").dismiss()
        self._stack.show()
        self._stack.raise_()
        self._place()
        if kind != "error":
            QTimer.singleShot(ms, made, made.dismiss)
        QAccessible.updateAccessibility(QAccessibleEvent(made, QAccessible.Event.Alert))
        return made

    def toasts(self) -> list[Toast]:
        """Those on the screen, oldest first."""
        placed = (self._column.itemAt(n) for n in range(self._column.count()))
        widgets = (item.widget() for item in placed if item is not None)
        return [each for each in widgets if isinstance(each, Toast) and not each.isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, Toast):
            if event.type() in (QEvent.Type.Hide, QEvent.Type.LayoutRequest):
                self._place()
        elif isinstance(event, QResizeEvent):
            self._room = event.size()
            self._place()
        return False

    def _place(self) -> None:
        shown = self.toasts()
        self._stack.setVisible(bool(shown))
        height = sum(each.heightForWidth(WIDTH) for each in shown) + self._column.spacing() * max(0, len(shown) - 1)
        right, bottom = self._room.width() - MARGIN, self._room.height() - MARGIN
        self._stack.setGeometry(right - WIDTH, bottom - height, WIDTH, height)
