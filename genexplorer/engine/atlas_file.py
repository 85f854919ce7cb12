"""Codes with their labels as a file for other programs."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genexplorer.core.data import Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.tensors import replace_file

from .query import Query


@dataclass(frozen=True)
class Export(Query):
    """Write rows of a data set with their codes (N, D), labels (N, L) and losses (N,); the answer is how many.

    The file's ending says as what: .csv, one line per image, classes by name; .npz, arrays `index`, `z`, `labels`,
    `label_names`, `loss` for `numpy.load`. What is not known is an empty cell, or NaN.
    """

    path: Path
    index: np.ndarray
    codes: np.ndarray
    labels: np.ndarray
    columns: tuple[Label, ...]
    loss: np.ndarray

    def answer(self, model: Model) -> Iterator[int]:
        content = {".csv": self._csv, ".npz": self._npz}.get(self.path.suffix.lower())
        if content is None:
            raise UserError(f"{self.path.name} can be written as .csv or .npz only; choose one of these endings.")
        try:
            replace_file(self.path, content())
        except UserError as error:
            raise UserError(f"{self.path.parent} cannot be written to; choose another folder.") from error
        yield len(self.index)

    def _csv(self) -> bytes:
        text = io.StringIO(newline="")
        table = csv.writer(text)
        table.writerow(
            ["index", *(c.name for c in self.columns), "loss", *(f"z{d}" for d in range(self.codes.shape[1]))]
        )
        for index, labels, loss, z in zip(self.index, self.labels, self.loss, self.codes, strict=True):
            named = [_cell(column, value) for column, value in zip(self.columns, labels, strict=True)]
            table.writerow([int(index), *named, _number(loss), *map(_number, z)])
        return text.getvalue().encode("utf-8")

    def _npz(self) -> bytes:
        data = io.BytesIO()
        names = np.array([column.name for column in self.columns], dtype=str)
        np.savez_compressed(data, index=self.index, z=self.codes, labels=self.labels, label_names=names, loss=self.loss)
        return data.getvalue()


def _cell(column: Label, value: float) -> str:
    if column.kind == "class" and np.isfinite(value) and 0 <= int(value) < len(column.classes):
        return column.classes[int(value)]
    return _number(value)


def _number(value: float) -> str:
    return f"{value:.7g}" if np.isfinite(value) else ""
