"""A finished layout of codes, flat or bent: where they lie, what lies at a place, what a line through it leads past."""

from dataclasses import dataclass

import numpy as np

from .atlas import Plane, along
from .paths import through

_LEGS = 8  # images that a walk over a bent layout is led by


@dataclass(frozen=True, eq=False)
class Flat:
    """On a plane: each place is a code."""

    plane: Plane

    @property
    def names(self) -> tuple[str, str]:
        """Of the axes."""
        return self.plane.names

    def places(self, codes: np.ndarray) -> np.ndarray:
        """Codes (N, D) to (N, 2)."""
        return self.plane.places(codes)

    def code(self, x: float, y: float) -> np.ndarray | None:
        """What lies at a place, (D,)."""
        return self.plane.codes(np.array([[x, y]])).reshape(-1)

    def mark(self, z: np.ndarray) -> tuple[float, float]:
        """Where a code (D,) is shown."""
        x, y = self.plane.places(z[None])[0]
        return float(x), float(y)

    def walk(self, drawn: np.ndarray, num: int) -> tuple[np.ndarray, np.ndarray]:
        """Places (M, 2) and codes (M, D) along what a hand drew, (K, 2)."""
        xy = along(drawn, num)
        return xy, self.plane.codes(xy)


@dataclass(frozen=True, eq=False)
class Bent:
    """Each code at a place of its own, xy (N, 2) for codes (N, D); between them there is nothing."""

    xy: np.ndarray
    codes: np.ndarray

    names = ("", "")

    def places(self, codes: np.ndarray) -> np.ndarray:
        """Those of the first codes; others have none."""
        return self.xy[: len(codes)]

    def code(self, x: float, y: float) -> np.ndarray | None:
        return None

    def mark(self, z: np.ndarray) -> tuple[float, float]:
        """The place of the image whose code is nearest."""
        x, y = self.xy[int(np.square(self.codes - z).sum(1).argmin())]
        return float(x), float(y)

    def walk(self, drawn: np.ndarray, num: int) -> tuple[np.ndarray, np.ndarray]:
        """From image to image near the line, straight from code to code."""
        near = [int(np.square(self.xy - place).sum(1).argmin()) for place in along(drawn, _LEGS)]
        stops = [image for n, image in enumerate(near) if n == 0 or image != near[n - 1]]
        per_leg = max(2, num // max(len(stops) - 1, 1))
        return through(self.xy[stops], per_leg, "lerp", False), through(self.codes[stops], per_leg, "lerp", False)
