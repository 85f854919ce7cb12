"""Whether memory stays flat as a folder of images grows."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from genexplorer.core.data import DATASETS
from genexplorer.core.errors import Failure

from ..previews import write_sheet
from .rows import benchmark

_FEW, _MANY, _ALLOWED_MB = 10_000, 100_000, 200
_DIFFERENT = 50
_CHILD = """
import json, resource, sys
from pathlib import Path
from genexplorer.cli import load_plugins, run
code = run(["train", "vae", "folder", "--data.path", sys.argv[1], "--train.steps", "300", "--threads", "2",
            "--accelerator", "cpu", "--home", sys.argv[2]])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print("PEAK", peak.split()[1])
sys.exit(code)
"""


@benchmark("memory", bound="≤ 1", what=f"extra peak memory of ten times the images, to {_ALLOWED_MB} MB", slow=True)
def memory() -> tuple[float, str]:
    """Loading and training at 64 px, in a process of its own each."""
    few, many = (_peak_mb(num) for num in (_FEW, _MANY))
    return max(0.0, many - few) / _ALLOWED_MB, f"{few:.0f} MB for {_FEW:,} images, {many:.0f} MB for {_MANY:,}"


def _peak_mb(num: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images"
        images.mkdir()
        _fill(images, num)
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, str(images), str(Path(folder) / "home")], capture_output=True, text=True
        )
    peaks = [line.split()[1] for line in child.stdout.splitlines() if line.startswith("PEAK")]
    if child.returncode or not peaks:
        raise Failure(f"Training on {num} images failed: {(child.stderr.strip() or 'no message').splitlines()[-1]}")
    return int(peaks[0]) / 1024


def _fill(folder: Path, num: int) -> None:
    """So many names of a few different portraits."""
    pictures = DATASETS["faces"]().preview(_DIFFERENT)
    for index in range(min(num, _DIFFERENT)):
        write_sheet(folder / f"{index:06d}.png", pictures[index : index + 1], columns=1)
    for index in range(_DIFFERENT, num):
        os.link(folder / f"{index % _DIFFERENT:06d}.png", folder / f"{index:06d}.png")
