"""What a code knows of the labels: probes, factor by dimension, few labels, and redrawing beside PCA."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genexplorer.core.data import Data
from genexplorer.core.events import Progress
from genexplorer.core.metric import Value
from genexplorer.core.model import Model

from .at_hand import at_hand, fetch
from .evaluate import Answer, Asked, answers
from .query import Query

SOURCES = ("Code", "PCA", "Pixels")
_BY_VALUE = ("", "_pca", "_pixels")  # as the metric's values end


@dataclass(frozen=True)
class Represent(Query):
    """Asks `evaluate`'s own metrics, which keep their answers beside the weights. The data set is only fetched, or
    drawn, where `load` says so; `Missing` is told where it would have to be."""

    cache: Path
    load: bool = False

    def answer(self, model: Model) -> Iterator["Progress | Knowledge | Disentangled | AgainstPCA | Missing"]:
        away = False

        def load() -> Generator[Progress, None, Data | None]:
            nonlocal away
            yield Progress("Looking for images", 0, 0)
            if self.load and at_hand(self.checkpoint, self.cache) is None:
                yield from fetch(self.checkpoint, self.cache)
            data = at_hand(self.checkpoint, self.cache)
            away = data is None
            return data

        for event in answers(self.checkpoint, self.cache, Asked(tuple(_VIEWS)), load):
            if isinstance(event, Progress):
                yield event
            elif event.values:
                yield _VIEWS[event.metric](event)
        if away:
            yield Missing()


@dataclass(frozen=True)
class Missing:
    """The images have to be fetched, or drawn, before more can be said."""


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What a linear rule reads of L labels: told (3, L, 3) from SOURCES on test images, with the 95 % interval, as the
    share right of kinds and R² of numbers; alone (L, D) from one number of the code. chance (L,) needs no image.

    draws (3, C, 5) are the mean over labels of the same, learnt from `counts` (C,) labels drawn five times; of kinds
    where there are some, else of numbers. values are the metric's own.
    """

    labels: tuple[str, ...]
    number: np.ndarray  # (L,) bool
    chance: np.ndarray
    told: np.ndarray
    alone: np.ndarray
    counts: np.ndarray
    draws: np.ndarray
    few_chance: float
    few_of_kinds: bool
    values: dict[str, Value]

    @classmethod
    def of(cls, answer: Answer) -> "Knowledge":
        b = answer.beneath
        few = {"few_chance": b["few_chance"], "few_of_kinds": b["few_of_kinds"]}
        arrays = _arrays(b, "number", "chance", "told", "alone", "counts", "draws")
        return cls(labels=tuple(b["labels"]), values=answer.values, **few, **arrays)

    def mean(self, source: int) -> list[tuple[str, Value]]:
        """Over the kinds, and over the numbers, as `evaluate` says it."""
        names = {"accuracy": f"probe_accuracy{_BY_VALUE[source]}", "R²": f"probe_r2{_BY_VALUE[source]}"}
        return [(what, self.values[name]) for what, name in names.items() if name in self.values]


@dataclass(frozen=True, eq=False)
class Disentangled:
    """Factor by dimension, each (F, D) and 0 to 1: information is I(v; z_d) / H(v), importance that of a forest, alone
    what SAP scores; mig and sap are the gaps of each factor, (F,); values are the metric's own five numbers."""

    factors: tuple[str, ...]
    information: np.ndarray
    importance: np.ndarray
    alone: np.ndarray
    mig: np.ndarray
    sap: np.ndarray
    values: dict[str, Value]

    @classmethod
    def of(cls, answer: Answer) -> "Disentangled":
        arrays = _arrays(answer.beneath, "information", "importance", "alone", "mig", "sap")
        return cls(factors=tuple(answer.beneath["factors"]), values=answer.values, **arrays)


@dataclass(frozen=True, eq=False)
class AgainstPCA:
    """Mean squared error (C,) of redrawing test images by `components` (C,) principal components, with its standard
    error; and the model's own, at the size of its code."""

    components: np.ndarray
    error: np.ndarray
    spread: np.ndarray
    dim: int
    own: float
    own_spread: float
    values: dict[str, Value]

    @classmethod
    def of(cls, answer: Answer) -> "AgainstPCA":
        dim, own, spread = answer.beneath["model"]
        arrays = _arrays(answer.beneath, "components", "error", "spread")
        return cls(dim=int(dim), own=own, own_spread=spread, values=answer.values, **arrays)

    @property
    def equal(self) -> float | None:
        """How many components redraw as well as the model, read off between those measured; None: more than those."""
        if self.error[-1] > self.own:
            return None
        logs = np.log(np.maximum(self.error[::-1], 1e-12)), np.log(self.components[::-1])
        return float(np.exp(np.interp(np.log(max(self.own, 1e-12)), *logs)))


def _arrays(beneath: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: np.array(beneath[name]) for name in names}


_VIEWS: dict[str, Any] = {
    "probe": Knowledge.of,
    "disentanglement": Disentangled.of,
    "reconstruction_pca": AgainstPCA.of,
}
