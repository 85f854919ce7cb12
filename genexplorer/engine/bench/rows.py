"""What is measured: `@benchmark("name", bound="≥ 1.6", what="…")` above a function adds a row, from any room."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from genexplorer.core.errors import UserError

Measure = Callable[[], tuple[float, str]]
"""Gives the ratio, and a line of detail."""
Timed = Callable[[float], tuple[float, str]]
"""The same, of so many minutes' work."""
MINUTES = 5.0


class Missing(Exception):  # noqa: N818 - a peer that is not there is no error
    """The row cannot be measured here: says in one line what would make it."""


@dataclass(frozen=True)
class Row:
    """One measured ratio. `passed` is None, and the ratio not a number, where it could not be measured."""

    name: str
    ratio: float
    bound: str
    what: str
    passed: bool | None = None
    detail: str = ""


@dataclass(frozen=True)
class Benchmark:
    name: str
    bound: str
    what: str
    slow: bool
    measure: Timed

    def row(self, minutes: float = MINUTES) -> Row:
        """Measure now."""
        try:
            ratio, detail = self.measure(minutes)
        except Missing as missing:
            return Row(self.name, float("nan"), self.bound, str(missing))
        return Row(self.name, ratio, self.bound, f"{self.what}: {detail}", holds(ratio, self.bound), detail)


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str, *, bound: str, what: str, slow: bool = False) -> Callable[[Measure], Measure]:
    """Add a row. A slow one is measured only when it is asked for by name."""
    holds(1.0, bound)

    def add(measure: Measure) -> Measure:
        BENCHMARKS[name] = Benchmark(name, bound, what, slow, lambda minutes: measure())
        return measure

    return add


def timed(name: str, *, bound: str, what: str) -> Callable[[Timed], Timed]:
    """Add a slow row that works for a time that is given."""
    holds(1.0, bound)

    def add(measure: Timed) -> Timed:
        BENCHMARKS[name] = Benchmark(name, bound, what, True, measure)
        return measure

    return add


def holds(ratio: float, bound: str) -> bool:
    """Whether the ratio keeps a bound such as "≥ 1.6" or "≤ 1.03"."""
    sign, number = bound.split()
    if sign not in ("≥", "≤"):
        raise ValueError(f"a bound is '≥ number' or '≤ number', not {bound!r}")
    return ratio >= float(number) if sign == "≥" else ratio <= float(number)


def bench(only: str | None = None, minutes: float = MINUTES) -> Iterator[Row]:
    """Each row as soon as it is measured: all but the slow ones, or the one that is asked for."""
    if only is not None and only not in BENCHMARKS:
        raise UserError(f"There is no measurement called {only!r}; there are: {', '.join(sorted(BENCHMARKS))}.")
    for each in list(BENCHMARKS.values()):
        if each.name == only or (only is None and not each.slow):
            yield each.row(minutes)
