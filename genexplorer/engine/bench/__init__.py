"""Speed on this machine, as ratios to a peer that runs in turns with us. One file per question."""

from . import dcgan, diffusion, equal_time, events, faces, measures, memory, peers, precision, pythae
from .rows import Missing, Row, bench, benchmark

__all__ = [
    "Missing",
    "Row",
    "bench",
    "benchmark",
    "dcgan",
    "diffusion",
    "equal_time",
    "events",
    "faces",
    "measures",
    "memory",
    "peers",
    "precision",
    "pythae",
]
