"""Whether animations are smooth: frames on the display's beat, measured in the window itself."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from genexplorer.engine.bench import benchmark

from .bench import wait
from .player import Player
from .reel import Reel


class Paints(QObject):
    """When a widget was painted, in seconds."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.at: list[float] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.at.append(time.perf_counter())
        return False


def play(app: QApplication, player: Player, seconds: float) -> tuple[np.ndarray, int]:
    """Play frames that are there: ms from each painted frame to the next, and how many frames were never shown."""
    paints = Paints(player.view)
    player.play()
    end = time.perf_counter() + seconds
    wait(app, lambda: time.perf_counter() > end, seconds + 5)
    dropped = player.dropped
    player.pause()
    return np.diff(paints.at) * 1000, dropped


def add_rows(open_desk: Callable[[Path], Any]) -> None:
    @benchmark(
        "player_p99",
        bound="≤ 1",
        what="p99 between two frames of a 64 px animation that plays 10 s, idle, "
        "as a share of two beats of the display: over it, a frame is lost",
    )
    def smooth() -> tuple[float, str]:
        with TemporaryDirectory() as home:
            desk = open_desk(Path(home))
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            player = Player(parent=desk.window)
            reel = Reel(player, parent=desk.window)
            player.resize(640, 560)
            reel.setGeometry(0, 560, 640, 64)
            player.show()
            reel.show()
            rng = np.random.default_rng(0)
            player.set_frames(rng.integers(0, 256, (240, 3, 64, 64), dtype=np.uint8))
            gaps, dropped = play(app, player, 10)
            beat = 1000 / player.fps()
            desk.window.close()
        p99 = float(np.percentile(gaps, 99))
        return p99 / (2 * beat), f"{p99:.1f} ms at {player.fps():.0f} Hz, {dropped} of {len(gaps) + 1} dropped"
