"""A few images of the data set that the form describes, before anything is trained on it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from genexplorer.core.data import DatasetRecipe
from genexplorer.engine.jobs import Reply
from genexplorer.engine.library import examples
from genexplorer.gui.images import GridView
from genexplorer.gui.questions import Questions

_NUM = 8
_LATER = "Nothing to see yet: the images are downloaded or made when training starts."
_TYPING_MS = 200  # a form that changes again within it is not looked at yet


class DataPreview(QWidget):
    """Asked for in the background; while the form changes the newest wish counts, and the last images stay."""

    def __init__(self, cache: Path) -> None:
        super().__init__()
        self._cache = cache
        self._wanted: DatasetRecipe | None = None
        self.images = GridView("Looking at the images …")
        self.images.setFixedHeight(136)
        self.images.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.images.setMouseTracking(False)
        self.images.setAccessibleName("Preview of the data set")
        self.images.setToolTip("As the model will see them")
        self.caption = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.caption.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.images)
        column.addWidget(self.caption)
        self._questions = Questions(self._answer, "genexplorer-preview", self, every_ms=50)
        self._questions.answered.connect(self._receive)
        self._soon = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._soon.timeout.connect(self._ask)

    def show_recipe(self, recipe: DatasetRecipe | None) -> None:
        """Show images of this data set soon; None: of none, for its settings are wrong."""
        self._wanted = recipe
        self._soon.start()

    def sentence(self) -> str:
        """What stands in place of the images; empty where they are shown."""
        return "" if self.caption.text() else self.images.empty

    def shut(self) -> None:
        self._soon.stop()
        self._questions.shut()

    def _ask(self) -> None:
        if self._wanted is None:
            self._show(None, "A setting above is wrong; mend it to see the images.")
        else:
            self._questions.ask(self._wanted)

    def _answer(self, recipe: DatasetRecipe) -> Iterator[np.ndarray]:
        yield examples(recipe, _NUM, self._cache)

    def _receive(self, replies: list[Reply[DatasetRecipe]]) -> None:
        for reply in replies:
            if reply.request is self._wanted:
                fetched = reply.answer is not None and len(reply.answer) > 0
                sentence = reply.error or ("" if fetched else _LATER)
                self._show(reply.answer if fetched else None, sentence, reply.request.pictured)

    def _show(self, images: np.ndarray | None, sentence: str, pictured: str = "") -> None:
        self.images.empty = sentence
        self.images.set_images(images)
        if images is None:
            self.caption.clear()
        else:
            channels, height, width = images.shape[1:]
            self.caption.setText(pictured or f"{width} × {height} pixels, {'grey' if channels == 1 else 'colour'}")
