"""Drawing very many portraits: in several processes, since small operations hold each other up within one.

Measured on 2 cores: two threads of one process draw 1,420 faces of 64 px per second, two processes 2,480.
"""

import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from io import BufferedReader
from typing import IO

import numpy as np
import torch
from torch import Tensor

from .render import render
from .scene import FACTORS, Scene

_WORTH_IT = 16_384  # portraits of 64 px; for fewer the processes would take longer to start than to draw
_CHILD = "import sys; sys.path[:] = sys.argv[4:]; from {module} import work; work(*map(int, sys.argv[1:4]))"


def drawn(scene: Scene, size: int, chunk: int) -> Generator[Tensor, None, None]:
    """The portraits in their order, uint8 (≤ chunk, 3, size, size) at a time; on the CPU by as many processes as torch
    has threads here."""
    workers = min(torch.get_num_threads(), -(-len(scene) // chunk)) if scene.smile.device.type == "cpu" else 1
    if workers > 1 and len(scene) * size**2 >= _WORTH_IT * 64**2 and not getattr(sys, "frozen", False):
        yield from _by_processes(scene, size, chunk, workers)
        return
    for start in range(0, len(scene), chunk):
        yield render(scene.rows(start, start + chunk), size)


def _by_processes(scene: Scene, size: int, chunk: int, workers: int) -> Generator[Tensor, None, None]:
    """Each draws every `workers`-th chunk; one that was killed or ran out of memory is stood in for."""
    command = [sys.executable, "-c", _CHILD.format(module=__name__), str(size), str(chunk), str(len(FACTORS))]
    labels = scene.labels().numpy()
    starts = range(0, len(scene), chunk)
    with ExitStack() as stack:
        children = [
            subprocess.Popen(
                [*command, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            for _ in range(workers)
        ]
        for child in children:
            stack.callback(_dismiss, child)
        for index, child in enumerate(children):
            assert child.stdin is not None
            mine = [labels[start : start + chunk] for start in starts[index::workers]]
            try:
                child.stdin.write(np.concatenate(mine).tobytes())
                child.stdin.close()
            except BrokenPipeError:
                continue
        for place, start in enumerate(starts):
            part = scene.rows(start, start + chunk)
            images = torch.empty(len(part), 3, size, size, dtype=torch.uint8)
            told = children[place % workers].stdout
            assert told is not None
            yield images if _filled(images, told) else render(part, size)


def _filled(images: Tensor, told: IO[bytes]) -> bool:
    """Whether all of its bytes came."""
    assert isinstance(told, BufferedReader)
    return told.readinto(images.numpy().data) == images.numel()


def _dismiss(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        pipe.close()
    child.wait()


def work(size: int, chunk: int, factors: int) -> None:
    """In a child: labels in, pixels out, chunk by chunk. It ends with its last write once nobody reads any more."""
    torch.set_num_threads(1)
    labels = np.frombuffer(sys.stdin.buffer.read(), np.float32).reshape(-1, factors)
    scene = Scene.from_labels(torch.from_numpy(labels.copy()))
    try:
        for start in range(0, len(scene), chunk):
            sys.stdout.buffer.write(render(scene.rows(start, start + chunk), size).numpy().data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()
