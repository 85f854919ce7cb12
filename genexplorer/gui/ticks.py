"""Round numbers along an axis."""

import numpy as np

from .density_words import signed


def ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Round numbers between two, at most so many steps, each as it is written."""
    rough = max(high - low, 1e-9) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough * 0.999)
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    first = int(np.ceil(low / step))
    return [(n * step, signed(n * step, digits)) for n in range(first, int(np.floor(high / step)) + 1)]
