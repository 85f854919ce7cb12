"""One of a few: buttons side by side in one frame, each with a key."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget


class Segments(QFrame):
    """`chosen` tells the number of the button that a person pressed; `choose` says nothing."""

    chosen = Signal(int)

    def __init__(self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """Each choice is its text, what it does in a sentence, and its key."""
        super().__init__(parent)
        self.setProperty("role", "segments")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for number, (text, does, key) in enumerate(choices):
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.setToolTip(f"{does} ({key})" if key else does)
            button.setAccessibleName(text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, number)
            row.addWidget(button, 1)
        self._group.idClicked.connect(self.chosen)
        self.choose(0)

    def button(self, number: int) -> QToolButton:
        button = self._group.button(number)
        assert isinstance(button, QToolButton)
        return button

    def choice(self) -> int:
        return self._group.checkedId()

    def choose(self, number: int) -> None:
        self.button(number).setChecked(True)
