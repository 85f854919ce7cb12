"""How fast portraits are drawn."""

import time

import torch

from genexplorer.sources import portrait

from .rows import benchmark
from .workload import workplace

_GOAL = 2000  # faces per second
_NUM, _AT_ONCE = 32_768, 1024  # as the data set draws them


@benchmark("faces", bound="≥ 1", what=f"faces/s at 64 px on two cores, to a goal of {_GOAL:,}")
def faces() -> tuple[float, str]:
    """The better of two sets, from the first instruction to the last pixel: what the machine can do, with nothing to
    take turns with."""
    with workplace():
        scene = portrait.sample(_NUM, torch.Generator().manual_seed(0))
        rate = max(_NUM / _seconds(scene) for _ in range(2))
    return rate / _GOAL, f"{rate:.0f} faces/s, better of 2 sets of {_NUM:,}"


def _seconds(scene: portrait.Scene) -> float:
    start = time.perf_counter()
    for _ in portrait.drawn(scene, 64, _AT_ONCE):
        pass
    return time.perf_counter() - start
