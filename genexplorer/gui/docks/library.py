"""The Library dock: data sets with a picture each, and runs with what they are doing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QInputDialog, QListWidgetItem, QMessageBox, QVBoxLayout, QWidget

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DatasetRecipe
from genexplorer.core.errors import Failure, UserError
from genexplorer.engine.jobs import Reply
from genexplorer.engine.library import RunCard, models, pictures, survey
from genexplorer.gui.docks.dataset_shelf import DatasetShelf
from genexplorer.gui.docks.model_shelf import ModelShelf
from genexplorer.gui.docks.shelf import Shelf, picture_icon
from genexplorer.gui.questions import Questions
from genexplorer.gui.session import Session
from genexplorer.gui.tabs import Tabs

_EVERY_MS = 2000
_DATASETS_AFTER_MS = 1500
_SIGNS = {"training": "●", "finished": "✓", "stopped": "◦", "broken": "✕"}


class Library(QWidget):
    """Looks at the disk in the background every two seconds, so that runs of other processes show too."""

    dataset_chosen = Signal(object)  # DatasetRecipe
    folders_changed = Signal(list)  # list[Path]
    model_chosen = Signal(object)  # Path
    compared = Signal(object)  # Run

    def __init__(self, session: Session, folders: Sequence[Path] = ()) -> None:
        super().__init__()
        self.session = session
        self._folders = tuple(folders)
        self.setMinimumWidth(176)
        self.runs, self.models, self.datasets = Shelf("Runs"), ModelShelf(), DatasetShelf()
        self._cards: list[RunCard] = []
        self.runs.itemActivated.connect(lambda item: self.session.open_run(item.data(Qt.ItemDataRole.UserRole).run))
        self.runs.itemClicked.connect(lambda item: self.session.open_run(item.data(Qt.ItemDataRole.UserRole).run))
        self.models.chosen.connect(self.model_chosen)
        self.datasets.chosen.connect(self.dataset_chosen)
        self.datasets.removed.connect(self._remove_folder)
        for text, name, call, key in (
            ("Open", "folder-open", self._open, ""),
            ("Compare curves", "chart-line", self._compare, "C"),
            ("Rename…", "pencil-simple", self._rename, "F2"),
            ("Duplicate", "copy", self._duplicate, ""),
            ("Show in folder", "folder", self._reveal, ""),
            ("Move to trash", "trash", self._trash, "Del"),
        ):
            self.runs.add_action(text, name, call, key)
        self.tabs = Tabs(
            {"Runs": self.runs, "Models": self.models, "Data sets": self.datasets},
            {"Runs": "flask", "Models": "cube", "Data sets": "image"},
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.tabs)
        self._questions = Questions(self._answer, "genexplorer-library", self, every_ms=50)
        self._questions.answered.connect(self._receive)
        for what in ("runs", "models"):
            self._questions.ask(what, what)
        # pictures of data sets take work: not in the first second, which is for the first picture of a model
        self._later = QTimer(self, singleShot=True, interval=_DATASETS_AFTER_MS)
        self._later.timeout.connect(self._look_at_datasets)
        self._later.start()
        self.tabs.currentChanged.connect(lambda: self._look_at_datasets() if self._later.isActive() else None)
        session.checkpoint_changed.connect(self._mark)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_EVERY_MS)

    def look(self) -> None:
        """Look at the disk again."""
        self._questions.ask("runs", "runs")

    def add_folder(self, recipe: DatasetRecipe, path: Path) -> None:
        """A folder of images stays on the shelf, in front, until it is taken off."""
        self.datasets.select(recipe)
        self.tabs.setCurrentWidget(self.datasets)
        if path not in self._folders:
            self._put_folders((path, *self._folders))

    def _look_at_datasets(self) -> None:
        self._later.stop()
        self._questions.ask("datasets", "datasets")

    def _remove_folder(self, path: Path) -> None:
        self._put_folders(tuple(folder for folder in self._folders if folder != path))

    def _put_folders(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self.folders_changed.emit(list(folders))
        self._look_at_datasets()

    def shut(self) -> None:
        self._timer.stop()
        self._later.stop()
        self._questions.shut()

    def _answer(self, what: str) -> Iterator[object]:
        if what == "runs":
            yield survey(self.session.store)
        elif what == "models":
            yield models()
        else:
            yield list(pictures(self.session.store.cache, self._folders))

    def _receive(self, replies: list[Reply[str]]) -> None:
        for reply in replies:
            if reply.error:
                self.session.failed.emit(reply.error)
            elif reply.request == "runs":
                self._show_runs(reply.answer)
            elif reply.request == "models":
                self.models.show_cards(reply.answer)
                self._mark(self.session.checkpoint)
            else:
                self.datasets.show_cards(reply.answer)

    def _mark(self, checkpoint: Checkpoint | None) -> None:
        self.models.mark(checkpoint.path if checkpoint else None)

    def _show_runs(self, cards: list[RunCard]) -> None:
        self._cards = cards
        while self.runs.count() > max(1, len(cards)):
            self.runs.takeItem(self.runs.count() - 1)
        while self.runs.count() < max(1, len(cards)):
            self.runs.addItem(QListWidgetItem())
        if not cards:
            empty = self.runs.item(0)
            empty.setText("No runs yet.\nChoose a data set and press Start in the Train dock.")
            empty.setFlags(Qt.ItemFlag.NoItemFlags)
            return
        for row, card in enumerate(cards):
            item = self.runs.item(row)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            old = item.data(Qt.ItemDataRole.UserRole)
            item.setData(Qt.ItemDataRole.UserRole, card)
            along = f"{card.step:,} steps" if card.status == "finished" else f"{card.step / max(1, card.steps):.0%}"
            item.setText(f"{card.run.name}\n{card.family} · {card.data}\n{_SIGNS[card.status]} {card.status} · {along}")
            item.setToolTip(f"{card.run.path}\nstep {card.step:,} of {card.steps:,}")
            if old is None or old.step != card.step or old.run.path != card.run.path or item.icon().isNull():
                item.setIcon(picture_icon(card.picture))
            if self.session.run is not None and card.run.path == self.session.run.path:
                item.setSelected(True)

    def _current(self) -> RunCard | None:
        item = self.runs.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item else None

    def _open(self) -> None:
        if card := self._current():
            self.session.open_run(card.run)

    def _compare(self) -> None:
        if card := self._current():
            self.compared.emit(card.run)

    def _rename(self) -> None:
        if card := self._current():
            name, ok = QInputDialog.getText(self, "Rename run", "Name:", text=card.run.name)
            if ok and name != card.run.name:
                self._try(lambda: self.session.open_run(self.session.store.rename(card.run, name)))

    def _duplicate(self) -> None:
        if card := self._current():
            self._try(lambda: self.session.store.duplicate(card.run))

    def _reveal(self) -> None:
        if card := self._current():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(card.run.path)))

    def _trash(self) -> None:
        card = self._current()
        if card is None:
            return
        asked = QMessageBox.question(self, "Move to trash", f"Move the run “{card.run.name}” to the trash?")
        if asked == QMessageBox.StandardButton.Yes:
            if self.session.run is not None and self.session.run.path == card.run.path:
                self.session.close_run()
            self._try(lambda: self.session.store.trash(card.run))

    def _try(self, work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except (UserError, Failure) as error:
            self.session.failed.emit(str(error))
        self.look()
