"""A table of labels beside the pictures: a CSV whose first column names the file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.data import Label
from ..core.errors import UserError

_MOST_CLASSES = 200
_PREFERRED = ("attributes.csv", "labels.csv", "metadata.csv")


@dataclass(frozen=True)
class Attributes:
    """Columns of labels, and for each file name its row: values is float32 (rows, L), NaN where a cell is empty."""

    file: Path
    labels: tuple[Label, ...]
    rows: dict[str, int]
    values: NDArray[np.float32]
    notes: tuple[str, ...]

    def row(self, name: str) -> int | None:
        """The row of a file, given its path below the folder: by the path, else by the file name, else by its stem."""
        base = name.rpartition("/")[2]
        for key in (name, base, base.rpartition(".")[0]):
            if key in self.rows:
                return self.rows[key]
        return None


def find_attributes(folder: Path) -> Path | None:
    """attributes.csv (labels.csv, metadata.csv), else the only CSV that lies in the folder itself."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    named = [path for name in _PREFERRED for path in found if path.name.lower() == name]
    return named[0] if named else found[0] if len(found) == 1 else None


def read_attributes(file: Path) -> Attributes:
    """Read the table. A column is yes/no (0 and 1, or -1 and 1), numbers, or classes (words).

    UserError: it is not a table of text in UTF-8, or it has no column beside the names.
    """
    try:
        header, kinds, count = _survey(file)
        rows: dict[str, int] = {}
        values = np.full((count, len(header)), np.nan, np.float32)
        for index, (name, cells) in enumerate(_rows(file, len(header))):
            rows[name] = index
            for column, cell in enumerate(cells):
                if cell:
                    values[index, column] = kinds[column].value(cell)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file} cannot be read as a table ({error}); save it as CSV in UTF-8, or move it.") from error
    labels, used, notes = [], [], []
    for column, (name, kind) in enumerate(zip(header, kinds, strict=True)):
        label = kind.label(name, values[:, column])
        if label is None:
            notes.append(f"Column {name!r} of {file.name} is left out: it holds neither numbers nor a few classes.")
        else:
            labels.append(label)
            used.append(column)
    return Attributes(file, tuple(labels), rows, values[:, used], tuple(notes))


class _Column:
    """What a column's cells have in common; holds at most a few distinct words, however long the table."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.numeric = True
        self._codes: dict[str, float] | None = None

    def see(self, cell: str) -> None:
        if cell in self.words:
            return
        if self.numeric:
            try:
                self.numeric = bool(np.isfinite(float(cell)))
            except ValueError:
                self.numeric = False
        if len(self.words) <= _MOST_CLASSES:
            self.words.add(cell)

    def value(self, cell: str) -> float:
        if self.numeric:
            return float(cell)
        if self._codes is None:
            self._codes = {word: float(code) for code, word in enumerate(sorted(self.words))}
        return self._codes.get(cell, np.nan)

    def label(self, name: str, values: NDArray[np.float32]) -> Label | None:
        """What the column is, or None where it is of no use; -1 becomes 0 in a yes/no column."""
        if not self.words:
            return None
        if not self.numeric:
            return Label(name, "class", tuple(sorted(self.words))) if len(self.words) <= _MOST_CLASSES else None
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        seen = {float(word) for word in self.words} if len(self.words) <= 8 else {low, high, 2.0}
        if seen <= {0.0, 1.0} or seen == {-1.0, 1.0}:
            values[values == -1.0] = 0.0
            return Label(name, "binary")
        return Label(name, "number", low=low, high=high if high > low else low + 1.0)


def _survey(file: Path) -> tuple[list[str], list[_Column], int]:
    """The names of the label columns, what they hold, and how many rows there are."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        header = next(csv.reader([text.readline()], delimiter=_delimiter(file)), [])[1:]
    if not header:
        raise UserError(f"{file} has no column of labels: put the file names in its first column, labels in the next.")
    header = [name.strip() or f"column {index + 2}" for index, name in enumerate(header)]
    columns = [_Column() for _ in header]
    count = 0
    for _, cells in _rows(file, len(header)):
        count += 1
        for column, cell in zip(columns, cells, strict=True):
            if cell:
                column.see(cell)
    return header, columns, count


def _rows(file: Path, width: int) -> Iterator[tuple[str, list[str]]]:
    """File name and `width` cells of each row; a short row is filled up with empty cells."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=_delimiter(file))
        next(reader, None)
        for row in reader:
            if row and row[0].strip():
                cells = [cell.strip() for cell in row[1 : width + 1]]
                name = row[0].strip().replace("\\", "/").removeprefix("./")
                yield name, cells + [""] * (width - len(cells))


def _delimiter(file: Path) -> str:
    with file.open(encoding="utf-8-sig", newline="") as text:
        head = text.readline()
    return max(",;\t", key=head.count)
