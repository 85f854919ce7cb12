"""An image and a few words beside a place of a map."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from .images import ImageView

SIDE = 112
_AWAY = 16
_WIDEST = 224  # pixels of a line


class HoverCard(QFrame):
    """Lies inside its parent, and lets the mouse through."""

    def __init__(self, parent: QWidget, side: int = SIDE) -> None:
        super().__init__(parent)
        self._side = side
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.image, self._text = ImageView(""), QLabel()
        self.image.setFixedSize(side, side)
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.image, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._text)
        self.hide()

    def text(self) -> str:
        return self._text.text()

    def show_at(self, place: QPointF, pixels: np.ndarray, text: str) -> None:
        """pixels is uint8 (C, H, W). Beside the place, on the side that has room."""
        self.image.setFixedSize(round(self._side * pixels.shape[-1] / pixels.shape[-2]), self._side)
        self.image.set_image(pixels)
        metrics = self._text.fontMetrics()
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, _WIDEST) for line in text.splitlines()]
        self._text.setText("\n".join(lines))
        self._text.setVisible(bool(text))
        self.layout().activate()  # type: ignore[union-attr]
        self.resize(self.sizeHint())
        room = self.parentWidget().size()  # type: ignore[union-attr]
        x, y = place.x() + _AWAY, place.y() + _AWAY
        x = place.x() - _AWAY - self.width() if x + self.width() > room.width() else x
        y = place.y() - _AWAY - self.height() if y + self.height() > room.height() else y
        self.move(round(max(0, x)), round(max(0, y)))
        self.show()
        self.raise_()
