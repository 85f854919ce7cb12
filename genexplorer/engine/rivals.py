"""How two players stand to each other, told from what a run recorded; what the rules about them share."""

import numpy as np

from .doctor import Case, Series, smooth


def told_apart(case: Case) -> Series:
    """d′ = (mean real - mean fake) / √(½ (var real + var fake)) of the scores: 0 where they look alike to D, about 1
    where it sees a difference, above 4 where next to none overlap (Green & Swets 1966). A game's scale plays no part.
    """
    steps, real = case.series("real")
    parts = [case.series(name)[1] for name in ("fake", "real_std", "fake_std")]
    if any(len(part) != len(real) for part in parts):
        return steps[:0], real[:0]
    fake, real_std, fake_std = parts
    spread = np.sqrt((np.square(real_std) + np.square(fake_std)) / 2)
    return steps, (real - fake) / np.maximum(spread, 1e-12)


def lately(series: Series, case: Case, least: int = 8) -> np.ndarray:
    """The values over the later half of the steps so far; empty where they are fewer than `least`."""
    steps, values = series
    late = values[steps > 0.5 * case.step] if len(steps) else values
    return late if len(late) >= least else late[:0]


def best_snapshot(case: Case, before: float = np.inf) -> int | None:
    """The checkpoint whose samples were likest to test images, of those before a step; None where none is better than
    what is there now by a fifth."""
    steps, unlike = case.series("unlike")
    if not len(steps):
        return None
    even = smooth(unlike, 3)
    found = [(float(np.interp(step, steps, even)), step) for step in case.checkpoints if 0 < step < before]
    if not found or min(found)[0] > 0.8 * even[-1]:
        return None
    return min(found)[1]
