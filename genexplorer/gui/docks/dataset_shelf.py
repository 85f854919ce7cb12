"""The data sets to choose from: the person's own folders, and those that the program brings."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QListWidgetItem

from genexplorer.core.data import DatasetRecipe
from genexplorer.engine.library import DatasetCard
from genexplorer.gui.docks.shelf import Shelf, picture_icon

_CARD = Qt.ItemDataRole.UserRole


class DatasetShelf(Shelf):
    """A click chooses; a folder of one's own can be taken off the list, and stays on the disk."""

    chosen = Signal(object)  # DatasetRecipe
    removed = Signal(object)  # Path

    def __init__(self) -> None:
        super().__init__("Data sets")
        self._wanted: DatasetRecipe | None = None
        self._reveal = self.add_action("Show in folder", "folder", self._show_in_folder)
        self._remove = self.add_action("Remove from the list", "minus-circle", self._take_off, "Del")
        self._remove.setToolTip("The pictures stay where they are")
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)
        self.currentItemChanged.connect(lambda: self._allow())
        self._allow()

    def select(self, recipe: DatasetRecipe) -> None:
        """Mark a data set, now or as soon as it is on the shelf."""
        self._wanted = recipe
        for row in range(self.count()):
            if self.item(row).data(_CARD).recipe == recipe:
                self.setCurrentRow(row)

    def show_cards(self, cards: list[DatasetCard]) -> None:
        self.clear()
        for card in cards:
            below = str(card.folder.parent) if card.folder else card.recipe.name
            item = QListWidgetItem(picture_icon(card.picture), f"{card.title}\n{below}")
            item.setData(_CARD, card)
            item.setToolTip(card.about)
            self.addItem(item)
        if self._wanted is not None:
            self.select(self._wanted)

    def _choose(self, item: QListWidgetItem) -> None:
        self._wanted = item.data(_CARD).recipe
        self.chosen.emit(self._wanted)

    def _folder(self) -> Path | None:
        item = self.currentItem()
        return item.data(_CARD).folder if item else None

    def _allow(self) -> None:
        for action in (self._reveal, self._remove):
            action.setEnabled(self._folder() is not None)

    def _show_in_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder())))

    def _take_off(self) -> None:
        self._wanted = None
        self.removed.emit(self._folder())
