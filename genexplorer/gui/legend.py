"""What the colours of a map mean: names to press, or a ramp with its ends."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from . import theme
from .tints import Tints

_ROWS = 10
_WIDEST = 144  # pixels of a name


class Legend(QFrame):
    """A card above the map. Pressing a name brings its points to the front; pressing it again lets all be equal."""

    picked = Signal(int)  # which name, -1 for none

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.chosen = -1
        self._title, self._bar = QLabel(), _Ramp()
        self._title.setProperty("role", "muted")
        self._buttons: list[QToolButton] = []
        self._entries: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addLayout(self._grid)
        column.addWidget(self._bar)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    def show_tints(self, tints: Tints) -> None:
        if [name for name, _ in tints.names] != [
            name for name, _ in self._entries
        ] or tints.title != self._title.text():
            self._rebuild([name for name, _ in tints.names])
        for button, (_, color) in zip(self._buttons, tints.names, strict=True):
            button.setIcon(dot(color))
        self._entries = tints.names
        self._title.setText(tints.title)
        self._bar.set_ramp(tints)
        self._bar.setVisible(bool(tints.ramp))
        self.setVisible(bool(tints.names or tints.ramp))

    def entries(self) -> tuple[tuple[str, str], ...]:
        """Names with their colours."""
        return self._entries

    def button(self, number: int) -> QToolButton:
        return self._buttons[number]

    def _rebuild(self, texts: list[str]) -> None:
        for button in self._buttons:
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons, self.chosen = [], -1
        for n, text in enumerate(texts):
            button = QToolButton()
            short = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, _WIDEST)
            button.setText(short.replace("&", "&&"))
            button.setAccessibleName(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setStyleSheet("padding: 0 4px 0 0;")
            button.setCheckable(True)
            button.setToolTip(f"Bring “{text}” to the front")
            button.clicked.connect(lambda on, n=n: self._pick(n if on else -1))
            self._grid.addWidget(button, n % _ROWS, n // _ROWS)
            self._buttons.append(button)

    def _pick(self, chosen: int) -> None:
        self.chosen = chosen
        for n, button in enumerate(self._buttons):
            button.setChecked(n == chosen)
        self.picked.emit(chosen)


class _Ramp(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._tints: Tints | None = None

    def set_ramp(self, tints: Tints) -> None:
        self._tints = tints
        self.setAccessibleName(f"{tints.title} from {tints.low:.3g} to {tints.high:.3g}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(136, self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._tints is None or not self._tints.ramp:
            return
        painter, gradient = QPainter(self), QLinearGradient(0, 0, self.width(), 0)
        for at, color in zip(np.linspace(0, 1, 16), self._tints.ramp[:: len(self._tints.ramp) // 15], strict=False):
            gradient.setColorAt(float(at), QColor(color))
        painter.fillRect(QRectF(0, 0, self.width(), 8), gradient)
        painter.setPen(QColor(theme.colors().muted))
        room = self.rect().adjusted(0, 10, 0, 0)
        for number, side in (
            (self._tints.low, Qt.AlignmentFlag.AlignLeft),
            (self._tints.high, Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(room, side, _short(number))


def _short(number: float) -> str:
    text = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
    return text.replace("-", "−")


def dot(color: str) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(6, 6, 12, 12)
    painter.end()
    icon = QIcon()
    for state in (QIcon.State.On, QIcon.State.Off):
        icon.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return icon
