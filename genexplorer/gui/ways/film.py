"""Pages whose drawings are played."""

import numpy as np
from PySide6.QtWidgets import QVBoxLayout

from genexplorer.gui.bookmarks import Bookmark
from genexplorer.gui.images import Pixels
from genexplorer.gui.player import Player
from genexplorer.gui.reel import Reel
from genexplorer.gui.session import Session

from .page import Page


class FilmPage(Page):
    """Controls on top, the player, and its film strip below."""

    player: Player

    def __init__(self, session: Session, empty: str) -> None:
        super().__init__(session)
        self.player = Player(empty)
        self.player.view.setAcceptDrops(False)
        self.reel = Reel(self.player)
        self.reel.hide()
        self.player.frames_changed.connect(lambda: self.reel.setVisible(self.player.count() > 0))
        self.top = QVBoxLayout()
        self.top.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(self.top)
        column.addWidget(self.player, 1)
        column.addWidget(self.reel)

    def begin(self, z: np.ndarray) -> None:
        super().begin(z)
        self.player.expect(len(z))

    def put(self, first: int, pictures: Pixels) -> None:
        self.player.put(first, pictures)

    def here(self) -> Bookmark | None:
        index = self.player.index()
        if index < 0:
            return None
        return Bookmark(f"{self.noun} {index + 1}", self.z[index], self.player.frames()[index])

    def picture(self) -> Pixels | None:
        frames = self.player.frames()
        if len(frames) < self.player.count() or not len(frames):
            return None
        return np.concatenate(frames[self.reel.picked()], axis=-1)
