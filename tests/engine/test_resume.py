"""A run that was killed, stopped or paused and resumed is the run that was never interrupted, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock

from genexplorer.core.errors import UserError
from genexplorer.core.tensors import read_tensors
from genexplorer.engine.runs import Run, RunStore
from genexplorer.engine.train import Preview, Saved, Step, train

STEPS, SAVE, LOG = 60, 5, 7  # log rows lie across saves
# 16 px, so that there are convolutions with several channels in and out, whose layout in memory matters
ARGUMENTS = (
    "train vae shapes --data.size 16 --data.num 64 --model.width 8 --model.latent-dim 4 --train.batch-size 16 "
    f"--train.steps {STEPS} --train.save-every {SAVE} --train.log-every {LOG} --train.preview-every 10 "
    "--train.warmup 10 --train.keep 3 --threads 1"
).split()


def contents(run: Run) -> dict[str, Any]:
    """All that must be equal: every tensor of every file, the metrics as written, the previews' bytes."""
    found: dict[str, Any] = {"metrics": run.metrics_path.read_text()}
    for path in [*run.checkpoints(), run.resume_path]:
        tensors, header = read_tensors(path)
        header.pop("seconds", None)  # wall-clock
        found[path.name] = header
        found |= {f"{path.name}/{name}": tensor for name, tensor in tensors.items()}
    found |= {f"preview {step}": path.read_bytes() for step, path in run.previews()}
    return found


def assert_equal(run: Run, other: Run) -> None:
    a, b = contents(run), contents(other)
    assert a.keys() == b.keys()
    unequal = [k for k, v in a.items() if not (torch.equal(v, b[k]) if isinstance(v, torch.Tensor) else v == b[k])]
    assert not unequal
    assert not list(run.path.rglob(".*.partial")), "what a killed process left lies about"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def whole(home: Path, spawn: Callable[..., Any]) -> Run:
    """The run that nothing interrupted."""
    process = spawn("--home", home, *ARGUMENTS, "--run", "whole")
    process.join(120)
    assert process.exitcode == 0, process.log.read_text()
    run = RunStore(home).find("whole")
    assert [path.stem for path in run.checkpoints()] == ["00000050", "00000055", "00000060"]
    assert [row["step"] for row in run.metrics()] == [*range(7, 60, 7), 60]
    assert [step for step, _ in run.previews()] == [0, 10, 20, 30, 40, 50, 60]
    return run


def kill_when(process: Any, due: Callable[[], bool]) -> bool:
    """SIGKILL as soon as `due`; whether it was in time."""
    while process.is_alive():
        if due():
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            return process.exitcode == -signal.SIGKILL
    process.join()
    return False


def test_killed_again_and_again(home: Path, whole: Run, spawn: Callable[..., Any]) -> None:
    """At a random step, then in the middle of writing a file, and so on until it comes through."""
    rng = random.Random(0)
    run, killed = Run(home / "runs" / "killed"), 0
    for attempt in range(8):
        target = ["--resume", "killed", "--threads", "1"] if run.resume_path.exists() else [*ARGUMENTS, "--run"]
        process = spawn("--home", home, *(["train", *target] if target[0] == "--resume" else [*target, "killed"]))
        start = len(run.metrics())
        wanted = start + 1 + rng.randrange(2)

        def logged(wanted: int = wanted) -> bool:
            return len(run.metrics()) >= wanted

        def writing(wanted: int = wanted) -> bool:
            return logged(wanted) and any(run.path.glob(".resume.safetensors.*.partial"))

        killed += kill_when(process, writing if attempt % 2 else logged)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL, process.log.read_text()
        run.info(), run.metrics()  # a reader is never in trouble
        if run.checkpoints():
            run.checkpoint().model()
    else:
        process = spawn("--home", home, "train", "--resume", "killed", "--threads", "1")
        process.join(120)
        assert process.exitcode == 0, process.log.read_text()
    assert killed >= 3
    assert_equal(run, whole)


def interrupted(run: Run, stop_at: set[int]) -> Iterator[int]:
    """Train to the end, closing the generator at these steps; yields where each stretch ended."""
    while True:
        work, last = train(run), 0
        for event in work:
            if isinstance(event, Step):
                last = event.step
                if last in stop_at:
                    stop_at.remove(last)
                    work.close()
        yield last
        if last == STEPS:
            return


def test_stopped_by_closing(home: Path, whole: Run) -> None:
    """Also where a preview, a save or the end falls due, and right after a resume."""
    run = RunStore(home).create(whole.info(), "closed")
    ends = list(interrupted(run, {3, 20, 21, 44, 60}))
    assert ends == [3, 20, 21, 44, 60]
    # closing at the last step saved it, but its preview is still to come
    assert not any(isinstance(event, Step) for event in train(run))
    kept = {f"{step:08d}" for step in (50, 55, 60)}
    assert {path.stem for path in run.checkpoints()} == kept
    assert_equal(run, whole)


def test_paused(home: Path, whole: Run) -> None:
    """A pause is not to pull; what others draw at random meanwhile changes nothing, and takes no step's time."""
    run = RunStore(home).create(whole.info(), "paused")
    for event in train(run):
        if isinstance(event, Step) and event.step in (9, 10):
            torch.manual_seed(event.step)
            torch.randn(1000)
    assert_equal(run, whole)


def test_closing_saves_whole_checkpoint_within_a_step(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=50, save_every=50)
    work = train(run)
    for event in work:
        if isinstance(event, Step) and event.step == 7:
            break
    work.close()
    assert run.checkpoint().step == 7 and run.status() == "stopped"
    assert read_tensors(run.resume_path)[1]["step"] == 7


def test_an_error_within_a_step_leaves_the_last_save(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C in the middle of an update must not save weights that are half way."""
    run = new_run(steps=12, save_every=5)
    calls = 0
    update = torch.optim.AdamW.step

    def torn(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        done = update(self, *args, **kwargs)
        if calls == 8:
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patch:
        patch.setattr(torch.optim.AdamW, "step", torn)
        with pytest.raises(KeyboardInterrupt):
            list(train(run))
    assert read_tensors(run.resume_path)[1]["step"] == 5
    list(train(run))
    other = new_run(steps=12, save_every=5)
    list(train(other))
    assert_equal(run, other)


def test_events_tell_all(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=12, save_every=5, log_every=3, preview_every=6)
    events = list(train(run))
    steps = [event for event in events if isinstance(event, Step)]
    assert [event.step for event in steps] == list(range(1, 13))
    assert [event.step for event in steps if event.metrics] == [3, 6, 9, 12]
    assert [event.metrics for event in steps if event.metrics] == [
        {name: value for name, value in row.items() if name != "step"} for row in run.metrics()
    ]
    assert [event.step for event in events if isinstance(event, Preview)] == [0, 6, 12]
    saved = [event for event in events if isinstance(event, Saved)]
    assert [event.step for event in saved] == [5, 10, 12] and all(event.path.exists() for event in saved)
    assert run.status() == "finished"


def test_ctrl_c_of_the_program_itself(tmp_path: Path, new_run: Callable[..., Run]) -> None:
    """`python -m genexplorer train`, SIGINT in the midst: exit code 130, saved where it stood, and resumed equal."""
    command = [sys.executable, "-m", "genexplorer", "--home", str(tmp_path), "train"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    settings = (
        "vae digits --model.network mlp --model.hidden 16 --model.latent-dim 4 --train.steps 500 --train.batch-size 8 "
        "--train.log-every 10 --train.save-every 500 --train.precision 32-true --run stopped"
    )
    process = subprocess.Popen([*command, *settings.split()], env=environment, stderr=subprocess.PIPE, text=True)
    run = Run(tmp_path / "runs" / "stopped")
    while not run.metrics() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "--resume stopped" in errors
    step = run.checkpoint().step
    assert 10 <= step < 500 and read_tensors(run.resume_path)[1]["step"] == step
    list(train(run))
    other = new_run(steps=500, batch_size=8, log_every=10, save_every=500, name="other")
    list(train(other))
    assert json.loads((run.path / "run.json").read_text()) == json.loads((other.path / "run.json").read_text())
    run.checkpoint_path(step).unlink()  # the extra one that stopping made
    assert_equal(run, other)


def test_a_run_outside_the_home_goes_on(new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(steps=3)
    monkeypatch.chdir(run.path.parent)
    list(train(Run(Path(run.name))))
    assert run.checkpoint().step == 3


def test_two_at_once(new_run: Callable[..., Run], spawn: Callable[..., Any], tmp_path: Path) -> None:
    """The second is told in a sentence; the first loses nothing."""
    run = new_run(steps=6, name="shared")
    work = train(run)
    while not isinstance(next(work), Step):
        pass
    with pytest.raises(UserError, match="trained by another process"):
        next(train(run))
    process = spawn("--home", tmp_path, "train", "--resume", "shared")
    process.join(60)
    said = " ".join(process.log.read_text().split())
    assert process.exitcode == 2 and "is being trained by another process; stop that one first." in said
    assert run.status() == "training"
    list(work)
    other = new_run(steps=6)
    list(train(other))
    assert_equal(run, other)


def test_looking_at_the_status_never_keeps_a_training_from_starting(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=1)
    look = FileLock(run.path / ".lock", thread_local=False)
    look.acquire()
    timer = threading.Timer(0.2, look.release)
    timer.start()
    list(train(run))
    timer.join()
    assert run.status() == "finished"
