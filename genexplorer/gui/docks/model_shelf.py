"""Trained models that come with the program."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidgetItem

from genexplorer.engine.library import ModelCard
from genexplorer.gui.docks.shelf import Shelf, picture_icon

_CARD = Qt.ItemDataRole.UserRole


class ModelShelf(Shelf):
    """A click opens."""

    chosen = Signal(object)  # Path of the checkpoint

    def __init__(self) -> None:
        super().__init__("Models that come with genexplorer")
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_cards(self, cards: list[ModelCard]) -> None:
        self.clear()
        for card in cards:
            item = QListWidgetItem(picture_icon(card.picture), f"{card.title}\n{card.family}")
            item.setData(_CARD, card)
            item.setToolTip(f"{card.title}: comes with genexplorer, and is ready to be explored")
            self.addItem(item)

    def mark(self, path: Path | None) -> None:
        """The one that is open, or none of them."""
        self.clearSelection()
        for row in range(self.count()):
            self.item(row).setSelected(self.item(row).data(_CARD).path == path)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_CARD).path)
