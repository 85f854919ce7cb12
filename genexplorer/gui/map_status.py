"""What a map shows, how far work on it is, and what can be done about it: one row beneath it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from .elided import Elided


class MapStatus(QWidget):
    cancelled = Signal()
    offered = Signal()  # the offer was taken

    def __init__(self) -> None:
        super().__init__()
        self.label, self.bar = Elided(), QProgressBar(textVisible=False)
        self.bar.setFixedWidth(96)
        self.cancel, self.offer = QPushButton("Cancel"), QPushButton()
        self.cancel.setToolTip("Stop; what is there stays")
        self.cancel.clicked.connect(self.cancelled)
        self.offer.clicked.connect(self.offered)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label, 1)
        for widget in (self.bar, self.cancel, self.offer):
            row.addWidget(widget)
        self.rest("")
        self.propose("", "")

    def rest(self, text: str) -> None:
        """Nothing is being worked on."""
        self.label.setText(text)
        self.bar.hide()
        self.cancel.hide()

    def work(self, text: str, done: int, total: int) -> None:
        """total 0: no telling how far."""
        self.label.setText(text)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.setAccessibleName(text)
        self.bar.show()
        self.cancel.show()

    def propose(self, text: str, tip: str) -> None:
        """A button; none where the text is empty."""
        self.offer.setText(text)
        self.offer.setToolTip(tip)
        self.offer.setVisible(bool(text))
