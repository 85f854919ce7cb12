"""`genexplorer train`: its help, the run it makes, and several processes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_help(call: Callable[..., Any]) -> None:
    code, out, _ = call("train", "--help")
    assert code == 0 and "vae" in out and "digits" in out
    code, out, _ = call("train", "vae", "digits", "--help")
    assert code == 0 and "--model.latent-dim" in out and "--train.steps" in out and "--devices" in out
    assert call("train", "vae", "--help")[:2] == call("train", "-h")[:2]


def test_a_finished_run_has_nothing_to_go_on_with(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    code, _, err = call("train", "--resume", trained)
    assert code == 0 and err.endswith("Run tiny is finished; there is nothing left to train.")
    assert (tmp_path / "runs" / trained / "checkpoints" / "00000004.safetensors").exists()


def test_a_run_goes_on_as_it_began(call: Callable[..., Any], trained: str) -> None:
    code, _, err = call("train", "--resume", trained, "--train.steps=9")
    assert code == 2 and err.startswith("--train.steps cannot be changed: ")


def test_a_taken_name_is_not_trained_over(
    call: Callable[..., Any], trained: str, tiny: tuple[str, ...], tmp_path: Path
) -> None:
    before = (tmp_path / "runs" / "tiny" / "metrics.jsonl").read_bytes()
    code, _, err = call("train", "vae", "digits", *tiny, "--run", "tiny")
    assert code == 2 and "There is already a run called 'tiny'" in err and "--resume tiny" in err
    assert (tmp_path / "runs" / "tiny" / "metrics.jsonl").read_bytes() == before


def test_torchrun_wants_a_name(
    call: Callable[..., Any], tiny: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, err = call("train", "vae", "digits", *tiny)
    assert code == 2 and "give it a name with --name" in err and not list(tmp_path.glob("runs/*"))


def test_a_run_that_cannot_begin_is_taken_away(call: Callable[..., Any], tmp_path: Path) -> None:
    code, _, err = call("train", "vae", "folder", "--data.path", tmp_path / "nowhere", "--run", "mine")
    assert code == 2 and "nowhere cannot be read" in err and "mine" not in err
    assert not list((tmp_path / "runs").iterdir())
