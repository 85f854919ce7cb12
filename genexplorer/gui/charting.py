"""The charting of a map: the codes of many images, found in the background, and which checkpoint they are of."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress
from genexplorer.engine.atlas import Atlas, Codes, Losses, Opened
from genexplorer.engine.charted import Charted

from .background import Background
from .freshness import Kept
from .session import Session

_LOAD = "Reads the data set, which is downloaded or made first if need be"


class Charting(QObject):
    """A later checkpoint of the same run does not begin it anew: finding 60,000 codes is long, so that is offered."""

    begun = Signal(object)  # Opened, or None: nothing is known
    grown = Signal(bool)  # more is known; whether codes are among it
    told = Signal(str, int, int)  # what is being done, how much of it is, of how much (0: no telling)
    ended = Signal(object)  # str | None: what went wrong

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.chart: Charted | None = None
        self.kept = Kept(session)
        self._work = Background("genexplorer-atlas", self)
        self._work.parts.connect(self._add)
        self._work.ended.connect(self.ended)

    @property
    def running(self) -> bool:
        return self._work.running

    def open(self, checkpoint: Checkpoint | None) -> bool:
        """Whether what is charted stays."""
        if self.kept.open(checkpoint, self.chart is not None and self.chart.whole):
            return True
        self.stop()
        self._begin(None)
        return False

    def explore(self, load: bool = False) -> bool:
        """Chart the checkpoint that waits for it; with `load` also where its images have to be fetched first."""
        if not self.kept.take() or self.kept.of is None:
            return False
        self._work.start(Atlas(self.kept.of, self._session.store.cache, load=load))
        self.told.emit("Looking for images …", 0, 0)
        return True

    def offer(self, shown: int) -> tuple[str, str, str]:
        """While nothing is worked on: what is shown, what can be done about it, and what that does."""
        chart = self.chart
        if chart is None:
            return "", "Load the images" if self.kept.of is not None else "", _LOAD
        what = "training images" if chart.whole else "examples beside the checkpoint"
        text = f"{shown:,} {what}" if shown == len(chart) else f"{shown:,} of {len(chart):,} {what}"
        if self.kept.behind:
            return f"{text}, {self.kept.step()}", self.kept.offer(), "Find the codes anew, with the newest checkpoint"
        if not chart.whole:
            return text, "Load all images", _LOAD
        missing = not chart.complete or chart.judged < len(chart)
        return text, "Start over" if missing else "", "Find all codes and losses; it was cancelled before"

    def accept(self) -> bool:
        """Do what is offered."""
        self.kept.renew()
        return self.explore(load=self.chart is None or not self.chart.whole)

    def pause(self) -> None:
        self._work.pause()

    def resume(self) -> None:
        self._work.resume()

    def stop(self) -> None:
        self._work.stop()

    def _begin(self, opened: Opened | None) -> None:
        self.chart = Charted(opened) if opened else None
        self.begun.emit(opened)

    def _add(self, parts: list[Any]) -> None:
        for part in parts:
            match part:
                case Progress(what, done, total):
                    self.told.emit(what, done, total)
                case Opened():
                    self._begin(part)
                case Codes() | Losses():
                    assert self.chart is not None
                    self.chart.add(part)
        chart = self.chart
        if chart is None or not isinstance(parts[-1], Codes | Losses):
            return
        if chart.complete:
            self.told.emit(f"{len(chart):,} images; their losses", chart.judged, len(chart))
        else:
            self.told.emit(f"{chart.known:,} of {len(chart):,} images", chart.known, len(chart))
        self.grown.emit(any(isinstance(part, Codes) for part in parts))
