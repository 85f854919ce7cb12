"""What a model is told of the images to draw, as a person writes it: garment=bag, smile=0.8."""

from collections.abc import Sequence

from genexplorer.core.data import Label
from genexplorer.core.errors import UserError


def usual(label: Label) -> float:
    """The middle of a number, the first of classes, no."""
    return (label.low + label.high) / 2 if label.kind == "number" else 0.0


def values_told(labels: Sequence[Label], words: Sequence[str]) -> tuple[float, ...]:
    """A value for each label from words such as "smile=0.8"; the `usual` one for labels that none of them names.

    The name may be left away where there is but one label. UserError says which word is wrong.
    """
    if not labels:
        raise UserError("This model was not trained on labels, so it cannot be told any; leave --label away.")
    values = {label.name: usual(label) for label in labels}
    known = {label.name: label for label in labels}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals and len(labels) == 1:
            name, text = labels[0].name, word
        if name not in known:
            raise UserError(f"There is no label {name!r} to be told; there are: {', '.join(known)}.")
        values[name] = _value(known[name], text.strip())
    return tuple(values.values())


def _value(label: Label, text: str) -> float:
    names = {"binary": ("no", "yes"), "class": label.classes}.get(label.kind, ())
    folded = [name.casefold() for name in names]
    if text.casefold() in folded:
        return float(folded.index(text.casefold()))
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if label.kind == "number":
        if not label.low <= value <= label.high:
            raise UserError(f"{label.name} should be a number from {label.low:g} to {label.high:g}, got {text!r}.")
    elif value not in range(len(names)):
        raise UserError(f"{label.name} should be one of {', '.join(names)}, got {text!r}.")
    return value
