"""How soon the window is there, and the first picture on it: whole processes, from their first instruction."""

import os
import subprocess
import sys
import time
from statistics import median
from tempfile import TemporaryDirectory

from genexplorer.core.errors import Failure
from genexplorer.engine.bench import Missing, benchmark
from genexplorer.engine.shipped import shipped_models

_ROUNDS = 3
_BARE = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([]); window = QMainWindow(); window.resize(1280, 800); window.show(); app.processEvents()
print("painted", flush=True)
"""
_TORCH = 'import torch; print("picture", flush=True)'
_OURS = """
import sys, time
from pathlib import Path
from genexplorer.app import Desk, application, await_plugins, make_window
app = application(); window = make_window(Path(sys.argv[1])); window.show(); app.processEvents()
print("painted", flush=True)
await_plugins(app); desk = Desk(window, Path(sys.argv[1])); desk.open_paths([])
image = desk.panel("latent").image
while image.image() is None:
    app.processEvents(); time.sleep(0.0005)
app.processEvents()
print("picture", flush=True)
window.close()
"""


def seconds_until(code: str, word: str, compiled: str) -> float:
    """From the start of a Python process until it says the word."""
    kept = dict(os.environ)
    if sys.dont_write_bytecode:  # a program that is installed is compiled once, and not at each of its starts
        kept = {name: value for name, value in kept.items() if name != "PYTHONDONTWRITEBYTECODE"}
        kept["PYTHONPYCACHEPREFIX"] = compiled
    with TemporaryDirectory() as home:
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-c", code, home], stdout=subprocess.PIPE, text=True, env=kept)
        assert child.stdout is not None
        taken = next((time.perf_counter() - start for line in child.stdout if line.strip() == word), None)
        child.communicate()
    if taken is None:
        raise Failure(f"A window that was to be measured ended before it said {word!r}.")
    return taken


def beyond(ours: str, bare: str, word: str, allowed: float) -> tuple[float, str]:
    """The median time beyond the bare process's, in turns, as a share of what is allowed."""
    with TemporaryDirectory() as compiled:
        pairs = [tuple(seconds_until(code, word, compiled) for code in (ours, bare)) for _ in range(_ROUNDS + 1)]
    del pairs[0]  # disks were cold, and nothing was compiled
    mine, other = (median(column) for column in zip(*pairs, strict=True))
    return median(a - b for a, b in pairs) / allowed, f"{mine:.2f} s to {other:.2f} s"


def add_rows() -> None:
    @benchmark("start_painted", bound="≤ 1", what="window painted after a bare QMainWindow, as a share of 0.3 s")
    def painted() -> tuple[float, str]:
        return beyond(_OURS, _BARE, "painted", 0.3)

    @benchmark("start_picture", bound="≤ 1", what="first decoded picture after import torch alone, as a share of 0.8 s")
    def picture() -> tuple[float, str]:
        if not shipped_models():
            raise Missing("no model comes with this copy of the program")
        return beyond(_OURS, _TORCH, "picture", 0.8)
