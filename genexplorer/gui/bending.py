"""t-SNE of a map's codes, in the background: its layout is kept while another one is shown."""

from PySide6.QtCore import QObject, Signal

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.engine.charted import Charted
from genexplorer.engine.embed import Embed, Embedding
from genexplorer.engine.laid import Bent

from .background import Background

_MOST = 4000  # images


class Bending(QObject):
    laid = Signal(object)  # Bent, again and again while it settles
    told = Signal(str, int, int)  # what is being done, how much of it is, of how much
    ended = Signal(object)  # str | None: what went wrong

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.layout: Bent | None = None
        self._chart: Charted | None = None
        self._work = Background("genexplorer-tsne", self)
        self._work.parts.connect(self._receive)
        self._work.ended.connect(self.ended)

    @property
    def running(self) -> bool:
        return self._work.running

    def start(self, checkpoint: Checkpoint, chart: Charted) -> None:
        """Show the layout of these codes, now or as it settles."""
        if self.layout is not None:
            self.laid.emit(self.layout)
        elif not self.running:
            self._chart = chart
            self._work.start(Embed(checkpoint, chart.codes[: min(chart.known, _MOST)]))

    def stop(self) -> None:
        self._work.stop()

    def forget(self) -> None:
        """Of other codes."""
        self.stop()
        self.layout = None

    def _receive(self, parts: list[Embedding]) -> None:
        newest, chart = parts[-1], self._chart
        assert chart is not None
        count = min(chart.known, _MOST)
        if newest.xy is not None:
            count = len(newest.xy)
            self.layout = Bent(newest.xy, chart.codes[:count])
            self.laid.emit(self.layout)
        what = f"t-SNE of {count:,} images: {newest.done:,} of {newest.total:,} iterations"
        self.told.emit(what, newest.done, newest.total)
