"""Whether animations are smooth: frames on the display's beat, measured in the window itself."""

import time

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from genexplorer.engine.bench import benchmark
from genexplorer.gui.player import Player

from .window import OpenDesk, opened, rest


class Paints(QObject):
    """When each frame of a player was painted first, in seconds."""

    def __init__(self, player: Player) -> None:
        super().__init__(player)
        self.at: list[float] = []
        self._player, self._last = player, player.index()
        player.view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._player.index() != self._last:
            self._last = self._player.index()
            self.at.append(time.perf_counter())
        return False


def play(app: QApplication, player: Player, seconds: float) -> tuple[np.ndarray, int]:
    """Play frames that are there: ms from each painted frame to the next, and how many frames were never shown."""
    paints = Paints(player)
    player.play()
    rest(app, seconds)
    dropped = player.dropped
    player.pause()
    return np.diff(paints.at) * 1000, dropped


def add_rows(open_desk: OpenDesk) -> None:
    @benchmark(
        "player_p99",
        bound="≤ 1",
        what="p99 between two frames of a 64 px animation that plays 10 s, idle, "
        "as a share of two beats of the display: over it, a frame is lost",
    )
    def smooth() -> tuple[float, str]:
        with opened(open_desk) as (app, desk):
            panel = desk.panel("paths")
            desk.window.tabs.setCurrentWidget(panel)
            panel.tabs.setCurrentWidget(panel.wander)
            player = panel.wander.player
            rng = np.random.default_rng(0)
            player.set_frames(rng.integers(0, 256, (240, 3, 64, 64), dtype=np.uint8))
            player.pause()
            rest(app, 2.0)  # the library and the previews of the data come first
            gaps, dropped = play(app, player, 10)
            beat = 1000 / player.fps()
        p99 = float(np.percentile(gaps, 99))
        return p99 / (2 * beat), f"{p99:.1f} ms at {player.fps():.0f} Hz, {dropped} of {len(gaps) + 1} dropped"
