"""How fluid the map is: a frame of panning and zooming 60,000 points, beside the same frames of an empty plot."""

import time

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from genexplorer.engine.bench import benchmark
from genexplorer.gui.map_canvas import MapCanvas
from genexplorer.gui.tints import by_class

POINTS = 60_000
ALLOWED_MS = 16.0


def frames(scatter: MapCanvas, num: int = 120) -> np.ndarray:
    """Milliseconds of each frame, from the hand's move to the painted pixels: panned, zoomed in, zoomed out again."""
    taken = []
    for frame in range(num):
        start = time.perf_counter()
        if frame % 2:
            scatter.pan(5.0 if frame % 4 == 1 else -4.0, 3.0)
        else:
            scatter.zoom(1.04 if frame < num // 2 else 1 / 1.04, QPointF(300, 200))
        scatter.repaint()
        taken.append((time.perf_counter() - start) * 1000)
    return np.array(taken)


def cloud(points: int) -> MapCanvas:
    """A plot of so many points in ten groups, over a ground of images."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 10, points)
    xy = (rng.normal(size=(10, 2)) * 3)[group] + rng.normal(size=(points, 2))
    scatter = MapCanvas("")
    scatter.resize(960, 640)
    tints = by_class("group", group, list("0123456789"))
    scatter.set_points(xy.astype(np.float32), tints.colors)
    scatter.fit()
    scatter.show()
    if points:
        scatter.legend.show_tints(tints)
        cells, _ = scatter.missing(64)
        scatter.lattice.put(cells, rng.integers(0, 256, (len(cells), 3, 64, 64), np.uint8))
        scatter.compose()
    QApplication.processEvents()
    return scatter


def measure() -> tuple[float, float]:
    """p95 of a frame in ms: of the map, and of an empty plot, in turns."""
    full, empty = cloud(POINTS), cloud(0)
    try:
        taken = [(frames(full, 40), frames(empty, 40)) for _ in range(4)]
    finally:
        for scatter in (full, empty):
            scatter.close()
            scatter.deleteLater()
    many, none = (np.concatenate(parts) for parts in zip(*taken, strict=True))
    return float(np.percentile(many, 95)), float(np.percentile(none, 95))


def add_rows() -> None:
    @benchmark("map_frame", bound="≤ 1", what=f"p95 frame of pan and zoom with {POINTS:,} points, of {ALLOWED_MS:g} ms")
    def share() -> tuple[float, str]:
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        many, none = measure()
        return many / ALLOWED_MS, f"{many:.1f} ms; an empty plot {none:.1f} ms"
