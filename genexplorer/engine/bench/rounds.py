"""Two sides in turns, in short slices, so that whatever else the machine does falls on both alike."""

import time
from collections.abc import Callable, Iterator
from statistics import median

Side = Callable[[float], float]
"""Works for about so many seconds; gives what it did per second."""


def side(work: Iterator[int], clock: Callable[[], float] = time.perf_counter) -> Side:
    """Of an iterator that yields how many images each step took."""

    def turn(seconds: float) -> float:
        done, start = 0, clock()
        while (spent := clock() - start) < seconds:
            done += next(work)
        return done / spent

    return turn


def median_ratio(ours: Side, peer: Side, rounds: int = 7, seconds: float = 2.5) -> tuple[float, str]:
    """The median over the rounds of our rate by the peer's, and both median rates. One turn each warms up, unseen.

    Who goes first changes with each round.
    """
    ours(seconds / 2), peer(seconds / 2)
    rates: list[tuple[float, float]] = []
    for turn in range(rounds):
        if turn % 2:
            theirs = peer(seconds)
            rates.append((ours(seconds), theirs))
        else:
            mine = ours(seconds)
            rates.append((mine, peer(seconds)))
    ratios = sorted(mine / theirs for mine, theirs in rates)
    mine, theirs = (median(column) for column in zip(*rates, strict=True))
    return median(ratios), f"{mine:.0f} to {theirs:.0f} images/s, {rounds} rounds {ratios[0]:.2f}…{ratios[-1]:.2f}"
