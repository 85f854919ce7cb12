"""The conditions that a code says in its last numbers, as values of labels, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from genexplorer.core.abilities import Conditional
from genexplorer.core.model import Model
from genexplorer.networks.conditions import Told

from .explore import condition_names, told_of
from .query import Query


@dataclass(frozen=True, eq=False)
class Place:
    """Where one label stands: numbers `begin` to `end` of y. `rows` (V, end − begin) is what they are where it has one
    of `values` (V,); a number has two, its lowest and its highest, and all between."""

    begin: int
    end: int
    values: np.ndarray
    rows: np.ndarray
    number: bool

    def write(self, value: float) -> np.ndarray:
        if not self.number:
            return np.asarray(self.rows[np.abs(self.values - value).argmin()])
        low, high = self.values
        share = (value - low) / (high - low) if high > low else 0.5
        return np.asarray(self.rows[0] + share * (self.rows[1] - self.rows[0]))

    def away(self, y: np.ndarray) -> np.ndarray:
        """Squared distance to each of its rows, (V,)."""
        return np.asarray(np.square(self.rows - y[self.begin : self.end]).sum(1))

    def read(self, y: np.ndarray) -> float:
        """The value nearest to what y says."""
        if not self.number:
            return float(self.values[self.away(y).argmin()])
        (first, last), (low, high) = self.rows[:, 0], self.values
        share = (y[self.begin] - first) / (last - first) if last != first else 0.5
        return float(low + np.clip(share, 0, 1) * (high - low))


@dataclass(frozen=True, eq=False)
class Written:
    """All conditions of a model; `names` are what each number of y says."""

    places: tuple[Place, ...]
    names: tuple[str, ...]

    def write(self, values: Sequence[float]) -> np.ndarray:
        """y (K,) of values, one for each label."""
        parts = [place.write(value) for place, value in zip(self.places, values, strict=True)]
        return np.asarray(np.concatenate([*parts, np.zeros(0)]), np.float32)

    def read(self, y: np.ndarray) -> tuple[float, ...]:
        return tuple(place.read(y) for place in self.places)


@dataclass(frozen=True)
class AskConditions(Query):
    """Written; without places where the model has no conditions."""

    def answer(self, model: Model) -> Iterator[Written]:
        yield written_of(model)


def written_of(model: Model) -> Written:
    places, end = [], 0
    if isinstance(model, Conditional) and told_of(model):
        for k, label in enumerate(model.conditions):
            begin, end = end, end + (len(label.classes) if label.kind == "class" else 1)
            number = label.kind == "number"
            values = (label.low, label.high) if number else range(len(label.classes) if label.kind == "class" else 2)
            rows = np.stack([_y(model, k, float(value))[begin:end] for value in values])
            places.append(Place(begin, end, np.array(values, float), rows, number))
    return Written(tuple(places), condition_names(model) if places else ())


def _y(model: Conditional, place: int, value: float) -> np.ndarray:
    """What a code's last numbers are where the condition at `place` has this value."""
    values = torch.zeros(len(model.conditions))
    values[place] = value
    given = model.given(values)
    assert isinstance(given, Told)
    return np.asarray(given.y.numpy())
