"""Scores of one set, and of another beside it, in bins that show the first one well."""

from dataclasses import dataclass

import numpy as np

_FEWEST, _MOST = 10, 48
_AROUND = 0.75  # spans of the first set that are shown to either side of it


@dataclass(frozen=True, eq=False)
class Binned:
    """Which bin each score is in: bin 0 holds what lies below `edges`, (n + 1,), bins 1 … n lie between them, and bin
    n + 1 holds what lies above."""

    edges: np.ndarray
    own: np.ndarray
    other: np.ndarray

    @property
    def count(self) -> int:
        """Of all bins, the outer two among them."""
        return len(self.edges) + 1

    def shares(self, other: bool) -> np.ndarray:
        """Of a set in each bin, (count,)."""
        bins = self.other if other else self.own
        return np.bincount(bins, minlength=self.count) / max(1, len(bins))

    def members(self, number: int, other: bool) -> np.ndarray:
        return np.flatnonzero((self.other if other else self.own) == number)


def binned(own: np.ndarray, other: np.ndarray) -> Binned:
    """By Freedman & Diaconis' width for `own` (N,), N > 0; scores far from most of it go to the outer bins."""
    low, first, third, high = np.quantile(own, (0.02, 0.25, 0.75, 0.98))
    span = max(high - low, 1e-3)
    every = np.concatenate([own, other])
    start, end = max(every.min(), low - _AROUND * span), min(every.max(), high + _AROUND * span)
    width = max(2 * (third - first) * len(own) ** (-1 / 3), 1e-6)
    number = int(np.clip(np.ceil((end - start) / width), _FEWEST, _MOST))
    edges = np.linspace(start, max(end, start + 1e-3), number + 1)
    return Binned(edges, _place(edges, own), _place(edges, other))


def binned_alike(own: np.ndarray, other: np.ndarray) -> Binned:
    """Showing both alike, each (N,) with N > 0, but the hundredth of all that lies furthest out at either end."""
    low, high = np.quantile(np.concatenate([own, other]), (0.01, 0.99))
    spread, bins = max(high - low, 1e-3), int(np.clip(2 * np.sqrt(min(len(own), len(other))), _FEWEST, 32))
    edges = np.linspace(low - 0.02 * spread, high + 0.02 * spread, bins + 1)
    return Binned(edges, _place(edges, own), _place(edges, other))


def _place(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The highest edge still belongs to the last bin between edges."""
    found = np.searchsorted(edges, values, side="right")
    return np.where(values == edges[-1], len(edges) - 1, found)
