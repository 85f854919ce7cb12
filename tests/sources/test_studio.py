"""Portraits that are drawn by several processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from genexplorer.sources import portrait
from genexplorer.sources.portrait import studio

_NUM, _SIZE, _CHUNK = 100, 16, 16


@pytest.fixture
def by_processes(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """A few portraits count as many; gives the processes that were started."""
    monkeypatch.setattr(studio, "_WORTH_IT", 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: object, **options: object) -> "subprocess.Popen[bytes]":
        started.append(popen(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def _scene() -> portrait.Scene:
    return portrait.sample(_NUM, torch.Generator().manual_seed(3))


def _expected() -> torch.Tensor:
    scene = _scene()
    return torch.cat([portrait.render(scene.rows(i, i + _CHUNK), _SIZE) for i in range(0, _NUM, _CHUNK)])


def test_several_processes_draw_what_one_does(by_processes) -> None:
    assert torch.equal(torch.cat(list(portrait.drawn(_scene(), _SIZE, _CHUNK))), _expected())
    assert len(by_processes) == 3
    assert all(child.poll() is not None for child in by_processes)


def test_a_killed_process_is_stood_in_for(by_processes) -> None:
    drawing = portrait.drawn(_scene(), _SIZE, _CHUNK)
    images = [next(drawing)]
    by_processes[1].send_signal(signal.SIGKILL)
    by_processes[1].wait()
    assert torch.equal(torch.cat([*images, *drawing]), _expected())


def test_stopping_half_way_ends_the_processes(by_processes) -> None:
    drawing = portrait.drawn(_scene(), _SIZE, _CHUNK)
    next(drawing)
    drawing.close()
    assert by_processes
    assert all(child.poll() is not None for child in by_processes)


_PARENT = """
import sys, torch
from genexplorer.sources import portrait
from genexplorer.sources.portrait import studio
studio._WORTH_IT = 1
torch.set_num_threads(2)
popen = studio.subprocess.Popen
def start(*args, **options):
    child = popen(*args, **options)
    print(child.pid, flush=True)
    return child
studio.subprocess.Popen = start
for images in portrait.drawn(portrait.sample(60_000, torch.Generator().manual_seed(0)), 64, 64):
    print("drawn", flush=True)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_processes_do_not_outlive_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = []
    for line in parent.stdout:
        if line.strip() == "drawn":
            break
        children.append(int(line))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(children) == 2
    end = time.monotonic() + 30
    while any(_lives(pid) for pid in children):
        assert time.monotonic() < end
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
