"""A field that opens over a number, to type it."""

import math

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class TypedNumber(QLineEdit):
    """`typed` tells another number than the one that stood there; whatever is none leaves it."""

    typed = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row, self._before = parent, ""
        self.setStyleSheet("padding: 0 4px; border-radius: 4px;")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._take)
        self.hide()

    def open(self, room: QRect, value: float, name: str) -> None:
        self._before = f"{value:.4g}"
        self.setGeometry(room)
        self.setAccessibleName(name)
        self.setText(self._before)
        self.selectAll()
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText("")
            self.editingFinished.emit()
        else:
            super().keyPressEvent(event)
        event.accept()  # the row below would open the field again

    def _take(self) -> None:
        if self.isHidden():
            return
        self.hide()
        self._row.setFocus()
        try:
            number = float(self.text().replace(",", ".").replace("−", "-"))
        except ValueError:
            return
        if not math.isnan(number) and f"{number:.4g}" != self._before:
            self.typed.emit(number)
