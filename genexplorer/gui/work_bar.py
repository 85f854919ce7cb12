"""What goes on in the background, how far it is, and a button that ends it; not there while nothing goes on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from genexplorer.core.events import Progress


class WorkBar(QWidget):
    cancelled = Signal()

    def __init__(self, tip: str) -> None:
        super().__init__()
        self._doing, self._bar, self.cancel_button = QLabel(), QProgressBar(textVisible=False), QPushButton("Cancel")
        self._doing.setProperty("role", "muted")
        self._bar.setAccessibleName("Progress")
        self.cancel_button.setToolTip(tip)
        self.cancel_button.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._doing)
        row.addWidget(self._bar, 1)
        row.addWidget(self.cancel_button)
        self.hide()

    def tell(self, progress: Progress | None) -> None:
        """How far it is, or None: nothing goes on."""
        self.setVisible(progress is not None)
        if progress is not None:
            self._bar.setRange(0, progress.total)
            self._bar.setValue(progress.done)
            self._doing.setText(f"{progress.what} …")
