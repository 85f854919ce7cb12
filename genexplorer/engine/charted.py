"""What is known of a map so far, while its atlas comes in."""

import numpy as np

from genexplorer.core.data import Label

from .atlas import Codes, Losses, Opened


class Charted:
    """Codes (N, D), labels (N, L) and losses (N,) of N images, of which the first `known` have their codes."""

    def __init__(self, opened: Opened) -> None:
        self.pictures, self.columns, self.whole, self.loss_name = (
            opened.pictures,
            opened.columns,
            opened.whole,
            opened.loss,
        )
        self.labels = opened.labels
        self.codes = np.zeros((len(opened.pictures), 0), np.float32)
        self.loss = np.full(len(opened.pictures), np.nan, np.float32)
        self.known = self.judged = 0

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def complete(self) -> bool:
        """Whether every image has its code."""
        return self.known == len(self)

    def add(self, part: Codes | Losses) -> None:
        match part:
            case Codes(start, mu):
                if not self.codes.shape[1]:
                    self.codes = np.zeros((len(self), mu.shape[1]), np.float32)
                self.known = start + len(mu)
                self.codes[start : self.known] = mu
            case Losses(start, loss):
                self.judged = start + len(loss)
                self.loss[start : self.judged] = loss

    def words(self, place: int, first: int = -1, most: int = 5) -> list[str]:
        """What is known of an image, a line each: column `first` before the others, classes before numbers."""
        order = sorted(range(len(self.columns)), key=lambda n: (n != first, self.columns[n].kind != "class", n))
        lines = [_said(self.columns[n], float(self.labels[place, n])) for n in order[:most]]
        if np.isfinite(self.loss[place]):
            name, _, unit = self.loss_name.partition(", ")
            lines.append(f"{name}: {self.loss[place]:,.4g} {unit}".rstrip())
        return lines


def _said(column: Label, value: float) -> str:
    name = column.name.replace("_", " ")
    if not np.isfinite(value):
        return f"{name}: not known"
    if column.kind == "class" and 0 <= int(value) < len(column.classes):
        return f"{name}: {column.classes[int(value)]}"
    if column.kind == "binary":
        return f"{name}: {'yes' if value > 0.5 else 'no'}"
    return f"{name}: {value:.3g}"
