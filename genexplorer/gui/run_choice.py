"""Another run, chosen from those that can stand beside the open one."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.alike import Choice


class RunChoice(QComboBox):
    """`chosen` tells that a person took another one, or none; what was taken stays while it is there."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(9)
        self.setAccessibleName("Run beside")
        self.setToolTip("Another run with images of this size, drawn by the same seeds beside this one")
        self.activated.connect(self.chosen)
        self.show_choices((), None)

    def checkpoint(self) -> Checkpoint | None:
        data = self.currentData()
        return data if isinstance(data, Checkpoint) else None

    def show_choices(self, choices: tuple[Choice, ...], leave: Path | None) -> None:
        """All but the run whose checkpoints lie in the folder `leave`."""
        now = self.checkpoint()
        self.clear()
        self.addItem("no other run")
        for choice in choices:
            if choice.checkpoint.path.parent == leave:
                continue
            self.addItem(choice.name, choice.checkpoint)
            last = self.count() - 1
            self.setItemData(last, choice.about, Qt.ItemDataRole.ToolTipRole)
            if now is not None and choice.checkpoint.path == now.path:
                self.setCurrentIndex(last)
