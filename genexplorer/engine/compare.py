"""Runs side by side: the same inputs, what each makes of them, what each draws, and what was measured of each."""

import csv
import io
import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from genexplorer.core.abilities import Decodes, Encodes, Samples
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Value
from genexplorer.core.model import Model
from genexplorer.core.tensors import replace_file

from .alike import Choice
from .at_hand import test_images
from .evaluate import Answer, Asked, answers
from .nearest import Neighbours, nearest
from .query import Query, own_model
from .sheet import Block, SheetRow

COLUMNS = ("Input", "Reconstruction", "Samples", "Nearest in training")
_SIGMAS = 1.959964


@dataclass(frozen=True, eq=False)
class Row:
    """Of the run at `place`: test images x, what it makes of them y, its samples, each uint8 (N, C, H, W) or None
    where it has none, and the training images nearest to those."""

    place: int
    x: np.ndarray | None = None
    y: np.ndarray | None = None
    samples: np.ndarray | None = None
    near: Neighbours | None = None
    trouble: str = ""

    def blocks(self) -> tuple[Block, ...]:
        """As `COLUMNS` has them, each with a line of fact."""
        error, away = "", ""
        if self.x is not None and self.y is not None:
            error = f"MSE {float(np.square((self.y.astype(float) - self.x) / 255).mean()):.4f}"
        if self.near is not None:
            away = f"{self.near.distance.mean():.3f} (unseen {self.near.real:.3f})"
        return (
            Block(COLUMNS[0], self.x, self.trouble),
            Block(COLUMNS[1], self.y, error or "finds no codes"),
            Block(COLUMNS[2], self.samples, "" if self.samples is not None else "draws none itself"),
            Block(COLUMNS[3], None if self.near is None else self.near.x, away),
        )


@dataclass(frozen=True)
class DrawComparison(Query):
    """A `Row` for each run, at first without the nearest images, and at the end None; the inputs are test images of the
    first run."""

    cache: Path
    runs: tuple[Choice, ...]
    num: int
    seed: int

    def answer(self, model: Model) -> Iterator[Row | Progress | None]:
        yield from draw_comparison(self.runs, self.cache, self.num, self.seed)
        yield None


def draw_comparison(
    runs: Sequence[Choice], cache: Path, num: int, seed: int
) -> Generator[Row | Progress, None, list[Row]]:
    """`num` images in each block; sample n is drawn by `seed` + n, and `seed` chooses the test images."""
    x = _inputs(runs[0].checkpoint, cache, num, seed)
    rows = []
    for place, run in enumerate(runs):
        try:
            with torch.no_grad():
                row = _row(place, own_model(run.checkpoint), x, range(seed, seed + num))
        except UserError as error:
            row = Row(place, trouble=str(error))
        rows.append(row)
        yield row
    for place, run in enumerate(runs):
        samples = rows[place].samples
        if samples is not None:
            with suppress(UserError):  # none are at hand
                rows[place] = replace(rows[place], near=(yield from nearest(run.checkpoint, cache, samples)))
                yield rows[place]
    return rows


def _inputs(checkpoint: Checkpoint, cache: Path, num: int, seed: int) -> np.ndarray | None:
    shown = test_images(checkpoint, cache)
    if shown is None or not len(shown):
        return None
    rows = torch.randperm(len(shown), generator=torch.Generator().manual_seed(seed))[:num]
    return shown.images.take(rows).numpy()


def _row(place: int, model: Model, x: np.ndarray | None, seeds: range) -> Row:
    y, samples = None, None
    if x is not None and isinstance(model, Encodes) and isinstance(model, Decodes):
        y = to_uint8(model.decode(model.encode(to_float(torch.from_numpy(x))))).numpy()
    if isinstance(model, Samples):
        parts = [to_uint8(model.sample(1, torch.Generator().manual_seed(seed))) for seed in seeds]
        samples = torch.cat(parts).numpy()
    return Row(place, x, y, samples, trouble="" if x is not None else "no test images are at hand")


def sheet_rows(runs: Sequence[Choice], rows: Sequence[Row]) -> tuple[SheetRow, ...]:
    """What a sheet shows of them."""
    return tuple(SheetRow(f"{run.name}: {run.about}", row.blocks()) for run, row in zip(runs, rows, strict=True))


@dataclass(frozen=True)
class Told:
    """What a metric says of the run at `place`."""

    place: int
    metric: str
    values: dict[str, Value]


@dataclass(frozen=True)
class Recall(Query):
    """What was measured of these runs before, by that many images: `Told` of each, and at the end None."""

    cache: Path
    runs: tuple[Choice, ...]
    images: int

    def answer(self, model: Model) -> Iterator[Told | None]:
        for place, run in enumerate(self.runs):
            yield from recall(run, place, self.cache, self.images)
        yield None


@dataclass(frozen=True)
class MeasureRuns(Query):
    """Measure what is not known yet: `Told` of each run as it comes, and at the end None."""

    cache: Path
    runs: tuple[Choice, ...]
    metrics: tuple[str, ...]
    images: int

    def answer(self, model: Model) -> Iterator[Told | Progress | None]:
        yield from measure_runs(self.runs, self.cache, self.metrics, self.images)
        yield None


def recall(run: Choice, place: int, cache: Path, images: int) -> Iterator[Told]:
    def none() -> Generator[Progress, None, Data | None]:
        yield from ()
        return None

    for event in answers(run.checkpoint, cache, Asked(tuple(METRICS), images=images), none):
        if isinstance(event, Answer):
            yield Told(place, event.metric, event.values)


def measure_runs(
    runs: Sequence[Choice], cache: Path, metrics: tuple[str, ...], images: int
) -> Generator[Told | Progress, None, None]:
    """All runs by these metrics, by those that take little time where none is named."""
    for place, run in enumerate(runs):
        for event in answers(run.checkpoint, cache, Asked(metrics, images=images)):
            if isinstance(event, Answer):
                yield Told(place, event.metric, event.values)
            else:
                yield Progress(f"{run.name}: {event.what}", event.done, event.total)


@dataclass(frozen=True)
class Line:
    """One measure of all runs; `best` is the run that is better than every other beyond their intervals."""

    measure: str
    metric: str
    unit: str
    values: tuple[Value | None, ...]
    best: int | None


def table(runs: Sequence[Choice], told: Sequence[Told]) -> list[Line]:
    """A line for each measure, in the metrics' order. Runs of different data are measured by different test images:
    none is best."""
    same = len({run.checkpoint.dataset for run in runs}) == 1
    lines = []
    for metric in METRICS:
        by_run = {each.place: each.values for each in told if each.metric == metric}
        for measure in dict.fromkeys(name for values in by_run.values() for name in values):
            row = tuple(by_run.get(place, {}).get(measure) for place in range(len(runs)))
            unit = next(value.unit for value in row if value is not None)
            lines.append(Line(measure, metric, unit, row, _best(metric, measure, row) if same else None))
    return lines


def interval(value: Value) -> tuple[float, float] | None:
    """The 95 % interval, where one is known."""
    if value.low is not None and value.high is not None:
        return value.low, value.high
    return None if value.error is None else (value.value - _SIGMAS * value.error, value.value + _SIGMAS * value.error)


def _best(metric: str, measure: str, values: Sequence[Value | None]) -> int | None:
    sign = -1 if measure in METRICS[metric].less else 1 if measure in METRICS[metric].more else 0
    known = {place: interval(value) for place, value in enumerate(values) if value is not None}
    if not sign or len(known) < 2:
        return None
    ends = {place: sorted((sign * each[0], sign * each[1])) for place, each in known.items() if each is not None}
    if len(ends) < len(known):
        return None
    first = max(ends, key=lambda place: ends[place][0])
    return first if all(ends[first][0] > high for place, (_, high) in ends.items() if place != first) else None


def told_of(value: Value | None) -> str:
    """A number with its interval, for a person: half of it where it is even, else its ends."""
    if value is None:
        return "–"
    ends = interval(value)
    if ends is None or not ends[0] < ends[1]:
        return f"{value.value:.4g}"
    below, above = value.value - ends[0], ends[1] - value.value
    digits = max(0, 1 - math.floor(math.log10((below + above) / 2)))
    if abs(above - below) < 0.02 * (above + below):
        return f"{value.value:.{digits}f} ± {above:.{digits}f}"
    return f"{value.value:.{digits}f} ({ends[0]:.{digits}f} to {ends[1]:.{digits}f})"


@dataclass(frozen=True, eq=False)
class WriteTable(Query):
    """Write the table as CSV; the answer is where."""

    path: Path
    names: tuple[str, ...]
    lines: tuple[Line, ...]

    def answer(self, model: Model) -> Iterator[Path]:
        write_table(self.path, self.names, self.lines)
        yield self.path


def write_table(path: Path, names: Sequence[str], lines: Sequence[Line]) -> None:
    """Replace `path` by a CSV: for each run its value and the ends of its interval."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["measure", "unit", *(f"{name}{end}" for name in names for end in ("", " low", " high")), "best"])
    for line in lines:
        numbers: list[object] = []
        for value in line.values:
            ends = interval(value) if value is not None else None
            numbers += [value.value if value is not None else "", *(ends or ("", ""))]
        rows.writerow([line.measure, line.unit, *numbers, names[line.best] if line.best is not None else ""])
    replace_file(path, text.getvalue().encode())
