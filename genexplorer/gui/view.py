"""Where a plane lies on the screen: pan and zoom, with one scale for both of its axes."""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF


@dataclass(frozen=True)
class View:
    """The place (x, y) of the plane at the middle of the widget, and how many pixels one unit takes. y points up."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 100.0
    width: float = 1.0
    height: float = 1.0

    def to_screen(self, xy: np.ndarray) -> np.ndarray:
        """(N, 2) of the plane to (N, 2) in pixels."""
        out = np.empty((len(xy), 2), np.float32)
        out[:, 0] = (xy[:, 0] - self.x) * self.scale + self.width / 2
        out[:, 1] = (self.y - xy[:, 1]) * self.scale + self.height / 2
        return out

    def to_plane(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) in pixels to (N, 2) of the plane."""
        out = np.empty((len(points), 2), np.float64)
        out[:, 0] = (points[:, 0] - self.width / 2) / self.scale + self.x
        out[:, 1] = self.y - (points[:, 1] - self.height / 2) / self.scale
        return out

    def point(self, x: float, y: float) -> QPointF:
        return QPointF((x - self.x) * self.scale + self.width / 2, (self.y - y) * self.scale + self.height / 2)

    def place(self, point: QPointF) -> tuple[float, float]:
        return (
            (point.x() - self.width / 2) / self.scale + self.x,
            self.y - (point.y() - self.height / 2) / self.scale,
        )

    def rect(self, left: float, bottom: float, right: float, top: float) -> QRectF:
        return QRectF(self.point(left, top), self.point(right, bottom))

    def panned(self, dx: float, dy: float) -> "View":
        """The plane follows the hand by so many pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y + dy / self.scale)

    def zoomed(self, factor: float, about: QPointF) -> "View":
        """What lies under `about` stays there."""
        x, y = self.place(about)
        scale = min(max(self.scale * factor, 1e-4), 1e7)
        after = replace(self, scale=scale)
        new_x, new_y = after.place(about)
        return replace(after, x=after.x + x - new_x, y=after.y + y - new_y)

    def fitted(self, xy: np.ndarray) -> "View":
        """All but the outermost points (N, 2) in the middle, with a rim."""
        if not len(xy):
            return replace(self, x=0.0, y=0.0, scale=min(self.width, self.height) / 8)
        low, high = np.percentile(xy, 0.2, axis=0), np.percentile(xy, 99.8, axis=0)
        span = np.maximum(high - low, 1e-3)
        room = np.array([self.width, self.height])
        x, y = (low + high) / 2
        return replace(self, x=float(x), y=float(y), scale=float((room / span).min()) * 0.88)
