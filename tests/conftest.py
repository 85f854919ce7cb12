"""What all tests share: plug-ins found, no thread left behind, and commands in processes of their own."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

from children import command

from genexplorer.cli import load_plugins
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe

load_plugins()


@pytest.fixture(autouse=True)
def no_leaked_thread() -> Iterator[None]:
    """A test that leaves a thread of ours, or one that keeps the process alive, fails."""
    before = set(threading.enumerate())
    yield
    left = [t for t in set(threading.enumerate()) - before if not t.daemon or t.name.startswith("genexplorer")]
    for thread in left:
        thread.join(5)
    assert not [t for t in left if t.is_alive()], f"threads left running: {left}"


@pytest.fixture(scope="session")
def spawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ForkServerProcess]:
    """Start a command in a real process, forked from a server that has imported torch, so that it takes no seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["genexplorer.engine.train", "lightning_fabric", "sklearn.datasets"])
    logs = tmp_path_factory.mktemp("logs")

    def start(*arguments: object) -> ForkServerProcess:
        log = logs / f"{len(list(logs.iterdir()))}.txt"
        log.touch()
        process = context.Process(target=command, args=([str(a) for a in arguments], str(log)))
        process.log = log  # type: ignore[attr-defined]
        process.start()
        return process

    return start


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def new_run(store: RunStore) -> Callable[..., Run]:
    """A fresh run of a tiny vae: `new_run(steps=20, model={"beta": 2.0})`."""

    def create(model: dict[str, object] | None = None, data: str = "digits", name: str | None = None, **train: object):
        small = {"network": "mlp", "hidden": 16, "latent_dim": 4}
        values = {"steps": 12, "batch_size": 32, "save_every": 5, "log_every": 3, "precision": "32-true"}
        info = RunInfo(
            MODELS["vae"].parse(small | (model or {})), DATASETS[data].parse({}), TrainRecipe.parse(values | train)
        )
        return store.create(info, name)

    return create
