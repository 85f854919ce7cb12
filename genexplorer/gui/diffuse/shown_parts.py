"""Which pictures of a moment are shown."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton

from .stage import DOES, NAMES, PARTS, SIGNS


def slanted(font: QFont) -> QFont:
    """As letters of formulas are written; a widespread upright font also lacks the hat over x."""
    font.setItalic(True)
    return font


class ShownParts(QFrame):
    """A button for each; the last one stays."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "segments")
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self.buttons: list[QToolButton] = []
        for number, (sign, does) in enumerate(zip(SIGNS, DOES, strict=True)):
            button = QToolButton()
            button.setText(sign)
            button.setFont(slanted(button.font()))
            button.setCheckable(True)
            button.setChecked(True)
            button.setProperty("segment", True)
            button.setToolTip(f"Show it or not. {does}")
            button.setAccessibleName(NAMES[number])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, number=number: self._switch(number))
            row.addWidget(button)
            self.buttons.append(button)

    def numbers(self) -> list[int]:
        return [number for number, button in enumerate(self.buttons) if button.isChecked()]

    def choose(self, numbers: Collection[int]) -> None:
        """Without a word."""
        for number, button in enumerate(self.buttons):
            button.setChecked(number in numbers)

    def names(self) -> list[str]:
        return [PARTS[number] for number in self.numbers()]

    def _switch(self, number: int) -> None:
        if not self.numbers():
            self.buttons[number].setChecked(True)
        else:
            self.changed.emit()
