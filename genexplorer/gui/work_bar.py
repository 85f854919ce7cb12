"""What goes on in the background, how far it is, and a button that ends it; not there while nothing goes on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from genexplorer.core.events import Progress

from .elided import Elided


class WorkBar(QWidget):
    """`tip` says what becomes of the work once it is cancelled."""

    cancelled = Signal()

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.label, self.bar, self.cancel_button = Elided(), QProgressBar(textVisible=False), QPushButton("Cancel")
        self.bar.setMinimumWidth(64)
        self.cancel_button.setToolTip(tip)
        self.cancel_button.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        self.hide()

    def tell(self, progress: Progress | None) -> None:
        """How far it is, or None: nothing goes on."""
        self.setVisible(progress is not None)
        if progress is not None:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            self.bar.setAccessibleName(progress.what)
            self.label.setText(f"{progress.what} …")
