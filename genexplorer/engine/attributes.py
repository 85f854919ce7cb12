"""What a data set's labels say of an image, as columns of numbers that can be fitted and measured."""

from dataclasses import dataclass

import numpy as np

from genexplorer.core.data import Label


@dataclass(frozen=True)
class Attribute:
    """One column: a number, or 0 and 1. `label` is the index of the label that it comes from.

    `family` is the same for all attributes that are not to be told apart: of one label, and of its signs.
    """

    name: str
    label: int
    number: bool
    family: int
    accepted: tuple[int, ...] = ()  # of a class label: the classes that count as 1
    period: float = 0.0  # of a number that goes around a circle, of which this is the cosine
    phase: float = 0.0  # where on the circle the cosine is 1, as a share of it

    @property
    def part(self) -> bool:
        """Whether it is but one side of its label: a class, a point of the circle."""
        return ":" in self.name


def attributes_of(labels: tuple[Label, ...]) -> tuple[Attribute, ...]:
    """A number and a yes/no are one attribute; a class label has one for each class, and where its first class is
    "none" another for having any; a number on a circle has its cosine and its sine."""
    found: list[Attribute] = []
    by_name = {label.name: index for index, label in enumerate(labels)}
    for index, label in enumerate(labels):
        name, family = label.name.replace("_", " "), by_name.get(label.sign_of, index)
        if label.kind == "number" and label.period > 0:
            quarters = label.classes if len(label.classes) == 4 else [f"{label.period * n / 4:g}" for n in range(4)]
            found += [
                Attribute(f"{name}: {quarters[n + 2]} to {quarters[n]}", index, True, family, (), label.period, n / 4)
                for n in range(2)
            ]
        elif label.kind == "number":
            found.append(Attribute(name, index, True, family))
        elif label.kind == "binary":
            found.append(Attribute(name, index, False, family))
        else:
            has_none = label.classes[:1] == ("none",)
            if has_none:
                found.append(Attribute(name, index, False, family, tuple(range(1, len(label.classes)))))
            if not has_none or len(label.classes) > 2:
                found += [
                    Attribute(f"{name}: {label.classes[kind]}", index, False, family, (kind,))
                    for kind in range(int(has_none), len(label.classes))
                ]
    return tuple(found)


def circles(attributes: tuple[Attribute, ...]) -> np.ndarray:
    """Which attributes are parts of one circle: the index of its first, (J,); -1 for those on a line."""
    first = {a.label: j for j, a in reversed(list(enumerate(attributes)))}
    return np.array([first[a.label] if a.period else -1 for a in attributes], np.int64)


def columns(attributes: tuple[Attribute, ...], rows: np.ndarray) -> np.ndarray:
    """Rows of labels (N, L) as columns of attributes, float32 (N, J), in the labels' own units; cosines have none."""
    parts = [_column(attribute, rows[:, attribute.label]) for attribute in attributes]
    return np.stack(parts, 1).astype(np.float32)


def standardised(y: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and spread 1, (N, J); a column that never changes becomes zeros."""
    spread = y.std(0)
    return np.asarray((y - y.mean(0)) / np.where(spread > 1e-6, spread, np.inf), np.float32)


def _column(attribute: Attribute, values: np.ndarray) -> np.ndarray:
    if attribute.period:
        return np.asarray(np.cos(2 * np.pi * (values / attribute.period - attribute.phase)))
    return np.isin(values, attribute.accepted) if attribute.accepted else values
