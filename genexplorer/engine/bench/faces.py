"""How fast portraits are drawn."""

from collections.abc import Iterator

import torch

from genexplorer.sources import portrait

from .rounds import side
from .rows import benchmark
from .workload import workplace

_GOAL = 2000  # faces per second
_AT_ONCE = 1024  # as the data set draws them


@benchmark("faces", bound="≥ 1", what=f"faces/s at 64 px on two threads, to a goal of {_GOAL:,}")
def faces() -> tuple[float, str]:
    """The best of five turns: what the machine can do, with nothing to take turns with."""
    with workplace():
        drawing = side(_draw())
        drawing(1.0)
        rate = max(drawing(1.5) for _ in range(5))
    return rate / _GOAL, f"{rate:.0f} faces/s, best of 5"


def _draw() -> Iterator[int]:
    rng = torch.Generator().manual_seed(0)
    while True:
        scene = portrait.sample(_AT_ONCE * 4, rng)
        for start in range(0, len(scene), _AT_ONCE):
            yield len(portrait.render(scene.rows(start, start + _AT_ONCE), 64))
