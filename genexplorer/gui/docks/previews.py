"""The pictures that a training made of its own progress, one at a time."""

from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from genexplorer.engine.library import read_picture
from genexplorer.gui.images import ImageView
from genexplorer.gui.scrubber import Scrubber


class Previews(QWidget):
    """The newest comes to the front by itself, until the scrubber is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.scrubber = ImageView("Previews appear here while a model trains"), Scrubber()
        self.image.setAcceptDrops(False)
        self.image.setAccessibleName("Preview of the training")
        self.scrubber.frame_changed.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.image, 1)
        column.addWidget(self.scrubber)

    def set_frames(self, frames: list[tuple[int, Path]]) -> None:
        """Steps and their pictures, oldest first."""
        self.scrubber.set_frames(frames)
        if not frames:
            self.image.set_image(None)

    def _show(self, index: int) -> None:
        frames = self.scrubber.frames()
        if 0 <= index < len(frames):
            self.image.set_image(read_picture(frames[index][1]))
