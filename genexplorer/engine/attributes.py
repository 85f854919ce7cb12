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


def attributes_of(labels: tuple[Label, ...]) -> tuple[Attribute, ...]:
    """A number and a yes/no are one attribute; a class label has one for each class, and where its first class is
    "none" another for having any."""
    found: list[Attribute] = []
    by_name = {label.name: index for index, label in enumerate(labels)}
    for index, label in enumerate(labels):
        name, family = label.name.replace("_", " "), by_name.get(label.sign_of, index)
        if label.kind == "number":
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


def columns(attributes: tuple[Attribute, ...], rows: np.ndarray) -> np.ndarray:
    """Rows of labels (N, L) as columns of attributes, float32 (N, J), in the labels' own units."""
    parts = [
        np.isin(rows[:, attribute.label], attribute.accepted) if attribute.accepted else rows[:, attribute.label]
        for attribute in attributes
    ]
    return np.stack(parts, 1).astype(np.float32)
