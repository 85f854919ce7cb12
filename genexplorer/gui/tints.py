"""Which colour each point of a map has, and what the colours mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtGui import QColor

from genexplorer.core.data import Label

from . import theme

# Petroff 2021, "Accessible Color Sequences for Data Visualization" (arXiv:2107.02270): ten, also for the colour-blind
TEN = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")
_ROUNDS = (100, 165, 70)  # as they are, then darker, then lighter, in percent
_NAMED = 20


@dataclass(frozen=True, eq=False)
class Tints:
    """Colours (N,), uint32 premultiplied ARGB; and a key: names with colours, or a ramp from `low` to `high`."""

    title: str
    colors: np.ndarray
    names: tuple[tuple[str, str], ...] = ()
    low: float = 0.0
    high: float = 0.0
    ramp: tuple[str, ...] = ()
    groups: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # (N,), which name; -1 for none


def plain(num: int) -> Tints:
    return Tints("", np.full(num, _packed([theme.colors().accent])[0], np.uint32))


def by_label(label: Label, values: np.ndarray) -> Tints:
    """values is (N,): of a class its index, else numbers; NaN where it is not known."""
    title = label.name.replace("_", " ")
    if label.kind == "number":
        return by_number(title, values, label.low, label.high, _circle() if label.period else None)
    classes = label.classes if label.kind == "class" else ("no", "yes")
    return by_class(title, values, classes)


def by_class(title: str, values: np.ndarray, classes: Sequence[str]) -> Tints:
    palette = theme.colors().curves if len(classes) <= 8 else TEN
    picked = [
        QColor(palette[n % len(palette)]).darker(_ROUNDS[n // len(palette) % 3]).name() for n in range(len(classes))
    ]
    if len(classes) > _NAMED:
        title = f"{title}, {_NAMED} of {len(classes)}"
    known = np.isfinite(values) & (values >= 0) & (values < len(classes))
    groups = np.where(known, np.nan_to_num(values), -1).astype(np.int64)
    table = _packed([*picked, theme.colors().line])
    return Tints(title, table[groups], tuple(zip(classes, picked, strict=True))[:_NAMED], groups=groups)


def by_number(
    title: str,
    values: np.ndarray,
    low: float | None = None,
    high: float | None = None,
    ramp: tuple[str, ...] | None = None,
) -> Tints:
    """Along a perceptually uniform ramp; without bounds, between the 1st and the 99th percentile of what is known."""
    known = np.isfinite(values)
    if (low is None or high is None) and known.any():
        low, high = (float(bound) for bound in np.percentile(values[known], (1, 99)))
    low, high = low or 0.0, high or 0.0
    ramp = ramp or _ramp()
    table = np.append(_packed(ramp), _packed([theme.colors().line]))
    place = np.clip((np.nan_to_num(values) - low) / (high - low if high > low else 1.0), 0, 1)
    return Tints(
        title, table[np.where(known, np.rint(place * (len(ramp) - 1)), len(ramp)).astype(int)], (), low, high, ramp
    )


def _ramp() -> tuple[str, ...]:
    """Viridis (van der Walt & Smith 2015) without the end that vanishes on the ground's colour."""
    import pyqtgraph as pg  # slow to import

    ends = (0.22, 1.0) if theme.colors().dark else (0.0, 0.92)
    found = pg.colormap.get("viridis").map(np.linspace(*ends, 128), mode="byte")
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b, *_ in found.tolist())


def _circle() -> tuple[str, ...]:
    """Red over green, cyan and violet back to red, even to the eye: CET-C6 (Kovesi 2015, arXiv:1509.03700)."""
    import pyqtgraph as pg  # slow to import

    return tuple(
        f"#{r:02x}{g:02x}{b:02x}" for r, g, b, *_ in pg.colormap.get("CET-C6").getLookupTable(nPts=128).tolist()
    )


def _packed(names: Sequence[str]) -> np.ndarray:
    return np.array([QColor(name).rgba() for name in names], np.uint32)
