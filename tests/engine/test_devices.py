"""Several processes and low precision: the same training, shared or rounded."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from genexplorer.core.tensors import read_tensors
from genexplorer.engine.runs import Run, RunStore
from genexplorer.engine.train import train

SETTINGS = (
    *("train", "vae", "digits", "--model.width", "8", "--model.latent-dim", "4", "--train.steps", "20"),
    *("--train.batch-size", "32", "--train.log-every", "6", "--train.save-every", "8", "--train.warmup", "5"),
    *("--train.precision", "32-true", "--accelerator", "cpu"),
)
PRIOR = ("--model.codes", "32", "--model.prior-width", "16", "--model.prior-layers", "1")
FAMILIES = {  # losses that leave weights out, and losses that are no mean over images
    "an adversary": ("wae", "--model.penalty", "gan", "--model.latent-dim", "4", "--model.adversary-width", "32"),
    "a prior": ("vqvae", "--model.width", "8", *PRIOR),
    "a prior, and words that a loss moves": ("vqvae", "--model.width", "8", "--model.codebook", "loss", *PRIOR),
    "one layer after another": (
        *("autoencoder", "--model.network", "deep", "--model.layers", "32", "16", "--model.tied"),
        *("--model.pretrain", "4"),
    ),
    "pairs of codes": ("wae", "--model.latent-dim", "4"),
    "pairs of codes in three parts": ("vae", "--model.width", "8", "--model.objective", "tc"),
    "a mean over the batch": ("sparse", "--model.penalty", "kl", "--model.latent-dim", "16"),
}


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    """gloo, at the same global batch: equal weights and metrics but for the order of sums; one run, one progress."""
    shared, alone = both(tmp_path, SETTINGS)
    assert [row["step"] for row in shared.metrics()] == [row["step"] for row in alone.metrics()] == [6, 12, 18, 20]
    assert [p.name for p in shared.checkpoints()] == [p.name for p in alone.checkpoints()]


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_two_processes_train_any_family_as_one(family: str, tmp_path: Path) -> None:
    name, *model = FAMILIES[family]
    both(tmp_path, ("train", name, "digits", *model, *SETTINGS[SETTINGS.index("--train.steps") :]))


def both(home: Path, settings: tuple[str, ...]) -> tuple[Run, Run]:
    """A run of two processes and one of one, which came to the same."""
    command = [sys.executable, "-m", "genexplorer", "--home", str(home), *settings]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    devices = ("--devices", "2", "--strategy", "ddp")
    two = subprocess.run([*command, *devices], env=environment, capture_output=True, text=True, timeout=300)
    told, errors = two.stdout, two.stderr
    assert two.returncode == 0, errors
    name = f"{settings[1]}-digits-1"
    assert errors.count(f"Run {name} in") == 1 and not told and "Warning" not in errors
    store = RunStore(home)
    assert [run.name for run in store.list()] == [name]
    shared = store.find(name)
    alone = store.create(shared.info())
    list(train(alone))
    for ours, theirs in zip(shared.metrics(), alone.metrics(), strict=True):
        assert all(abs(ours[name] - theirs[name]) <= 1e-4 * abs(theirs[name]) + 1e-6 for name in theirs)
    tensors, others = read_tensors(shared.resume_path)[0], read_tensors(alone.resume_path)[0]
    start = alone.info().model.build(alone.checkpoint().spec)
    assert tensors.keys() == others.keys()
    for name in start.state_dict():
        # a softmax does not see the keys' bias: its gradient is what rounding leaves, which Adam makes large
        within = 1e-3 if name.endswith("qkv.bias") else 1e-4
        assert torch.allclose(tensors[f"model.{name}"], others[f"model.{name}"], atol=within), name
        assert torch.allclose(tensors[f"ema.{name}"], others[f"ema.{name}"], atol=within), name
    return shared, alone


def torchrun(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Two processes, as several machines start them."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    devices = ("--accelerator", "cpu", "--devices", "2", "--home", str(home))
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*command, "-m", "genexplorer", "train", *arguments, *devices], env=environment, stderr=-1, stdout=-1, text=True
    )


@pytest.mark.slow
def test_torchrun_trains_as_one_and_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    """Against one process equal but for the order of sums; stopped by Ctrl+C and resumed, equal to the last bit."""
    settings = [word if word != "20" else "300" for word in SETTINGS[1:-2]]
    whole = torchrun(tmp_path, *settings, "--name", "whole")
    told, errors = whole.communicate(timeout=120)
    assert whole.returncode == 0 and not told, errors
    store = RunStore(tmp_path)
    first = torchrun(tmp_path, *settings, "--name", "parts")
    metrics = tmp_path / "runs" / "parts" / "metrics.jsonl"
    end = time.monotonic() + 60
    while not metrics.exists() and time.monotonic() < end:
        time.sleep(0.005)
    first.send_signal(signal.SIGINT)
    _, errors = first.communicate(timeout=60)
    assert errors.count("Stopped and saved") == 1, errors
    parts = store.find("parts")
    assert parts.status() == "stopped" and 0 < parts.checkpoint().step < 300
    second = torchrun(tmp_path, "--resume", "parts")
    _, errors = second.communicate(timeout=120)
    assert second.returncode == 0, errors
    alone = store.create(parts.info(), "alone")
    list(train(alone))
    ours, theirs, single = (read_tensors(store.find(n).resume_path)[0] for n in ("parts", "whole", "alone"))
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert parts.metrics_path.read_bytes() == store.find("whole").metrics_path.read_bytes()
    assert all(torch.allclose(ours[n], single[n], atol=1e-4) for n in ours if n.startswith(("model.", "ema.")))


def test_bf16_is_really_used(new_run: Callable[..., Run]) -> None:
    """Rounded activations move the loss a little; weights and moments stay 32 bits."""
    runs = [new_run(steps=6, log_every=1, save_every=6, precision=p) for p in ("32-true", "bf16-mixed")]
    for run in runs:
        list(train(run))
    full, low = (run.metrics() for run in runs)
    assert full != low
    assert all(abs(a["loss"] - b["loss"]) < 0.02 * abs(a["loss"]) for a, b in zip(full, low, strict=True))
    assert all(t.dtype == torch.float32 for t in read_tensors(runs[1].resume_path)[0].values())


def test_threads_are_given_back(new_run: Callable[..., Run]) -> None:
    from genexplorer.engine.settings import Hardware

    before = torch.get_num_threads()
    seen = {torch.get_num_threads() for _ in train(new_run(steps=2), Hardware(threads=before + 1))}
    assert seen == {before + 1} and torch.get_num_threads() == before
