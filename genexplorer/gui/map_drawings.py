"""What a hand drew on a map: a path to walk, or images to take away."""

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from genexplorer.engine.atlas import Chosen, Frames
from genexplorer.engine.atlas_file import Export
from genexplorer.engine.charted import Charted
from genexplorer.engine.laid import Bent, Flat
from genexplorer.engine.query import Query

from .map_canvas import MapCanvas
from .map_tray import PathTray, SelectionTray
from .session import Session

_FRAMES = 96
_NONE = np.zeros(0, np.int64)


class Drawings(QObject):
    """One of the two at a time, each with its tray. `asked` wants an answer, which comes back through `show_reply`."""

    asked = Signal(object)  # Query
    selected = Signal()

    def __init__(self, session: Session, canvas: MapCanvas, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._window = session, canvas, parent
        self._chart: Charted | None = None
        self._laid: Flat | Bent | None = None
        self._frames: Frames | None = None
        self.walk = np.zeros((0, 2))  # the places of the path's frames
        self.path, self.selection = PathTray(), SelectionTray()
        self.path.player.frame_changed.connect(self._travel)
        self.path.sent.connect(self._send)
        self.path.closed.connect(self.clear_path)
        self.selection.closed.connect(self.clear)
        self.selection.exported.connect(self.export)
        canvas.drawn.connect(self.draw_path)
        canvas.lassoed.connect(self.select)
        canvas.moved.connect(lambda: self._travel(self.path.player.index()))

    def set_map(self, chart: Charted | None, laid: Flat | Bent | None) -> None:
        """Another layout has no room for the path of the one before; another chart none for its images."""
        if laid is not self._laid:
            self.clear_path()
        if chart is not self._chart:
            self.select(_NONE)
        self._chart, self._laid = chart, laid

    def draw_path(self, drawn: np.ndarray) -> None:
        """Decode the way along what was drawn, (K, 2) on the plane."""
        if self._session.checkpoint is None or self._laid is None:
            return
        self.select(_NONE)
        self.walk, codes = self._laid.walk(drawn, _FRAMES)
        self._canvas.set_path(self.walk)
        self._frames = Frames(self._session.checkpoint, codes)
        self.asked.emit(self._frames)

    def select(self, places: np.ndarray) -> None:
        """These images of the map; an empty array for none."""
        if not len(places) and not len(self.selection.places):
            return
        if len(places):
            self.clear_path()
        self.selection.select(places)
        self.selected.emit()
        if len(places) and self._chart is not None and self._session.checkpoint is not None:
            self.asked.emit(Chosen(self._session.checkpoint, self._chart.pictures, self.selection.sampled))

    def select_shown(self) -> None:
        self.select(self._canvas.in_view())

    def export(self) -> None:
        """Ask where to, and write what is selected."""
        chart, checkpoint, chosen = self._chart, self._session.checkpoint, self.selection.places
        if chart is None or checkpoint is None or not len(chosen):
            self._session.failed.emit("Nothing is selected; drag around some images with the lasso first.")
            return
        name, kind = QFileDialog.getSaveFileName(
            self._window, "Export selected codes", "codes.csv", "Table (*.csv);;NumPy arrays (*.npz)"
        )
        if name:
            path = Path(name)
            path = path if path.suffix else path.with_suffix(".npz" if "npz" in kind else ".csv")
            rows = (chart.pictures.rows[chosen], chart.codes[chosen], chart.labels[chosen])
            self.asked.emit(Export(checkpoint, path, *rows, chart.columns, chart.loss[chosen]))

    def clear(self) -> None:
        self.clear_path()
        self.select(_NONE)

    def clear_path(self) -> None:
        self._frames, self.walk = None, np.zeros((0, 2))
        self.path.player.pause()
        self.path.hide()
        self._canvas.stay()

    def show_reply(self, query: Query, answer: Any) -> None:
        match query:
            case Chosen(places=places) if np.array_equal(places, self.selection.sampled):
                self.selection.grid.set_images(answer)
            case Frames() if query is self._frames:
                self.path.player.set_frames(answer)
                self.path.show()
                self._travel(self.path.player.index())
            case Export(path=path):
                self._session.told.emit(f"{answer:,} codes are in {path.name}.")

    def _travel(self, frame: int) -> None:
        frames = self.path.player.frames()
        if 0 <= frame < min(len(frames), len(self.walk)):
            x, y = map(float, self.walk[frame])
            self._canvas.travel(x, y, frames[frame])

    def _send(self, frame: int) -> None:
        if self._frames is not None and frame >= 0:
            self._session.code.change("Along the path", self._frames.codes[frame])
