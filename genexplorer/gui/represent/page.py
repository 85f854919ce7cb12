"""What all pages have: an answer that they show, and a sentence where there is none."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget


class Page(QStackedWidget):
    """`say` puts a sentence in the place of what is shown; `show_whole` what is shown in the place of the sentence."""

    title: ClassVar[str] = ""

    def __init__(self, whole: QWidget) -> None:
        super().__init__()
        self.pending = False  # whether an answer may still come
        self.empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.empty.setProperty("role", "muted")
        self.empty.setMargin(32)
        for each in (self.empty, whole):
            self.addWidget(each)

    def say(self, sentence: str) -> None:
        self.empty.setText(sentence)
        self.empty.setAccessibleName(sentence)
        self.setCurrentIndex(0)

    def show_whole(self) -> None:
        self.setCurrentIndex(1)

    @property
    def shows(self) -> bool:
        """Whether there is an answer."""
        return self.currentIndex() == 1
