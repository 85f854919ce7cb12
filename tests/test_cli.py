"""The command line: exit codes, one sentence on trouble, JSON that can be read."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from genexplorer import __version__, cli
from genexplorer.core.errors import Failure
from genexplorer.core.model import MODELS

TINY = (
    *("--model.network", "mlp", "--model.hidden", "16", "--model.latent-dim", "4", "--train.steps", "4"),
    *("--train.batch-size", "16", "--train.log-every", "2"),
)


@pytest.fixture
def call(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            code = cli.run(["--home", str(tmp_path), *map(str, arguments)])
        except SystemExit as end:  # from the parser
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        return code, out, err

    return run


def said(text: str) -> str:
    """Without the lines that the width of the terminal makes."""
    return " ".join(text.split())


@pytest.fixture
def trained(call: Callable[..., Any]) -> str:
    code, _, errors = call("train", "vae", "digits", *TINY, "--run", "tiny")
    assert code == 0, errors
    return "tiny"


def test_train_then_everything_else(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    code, out, _ = call("list", "--json", "-")
    row = {"name": "tiny", "model": "vae", "data": "digits", "step": 4, "status": "finished"}
    assert code == 0 and json.loads(out) == [row]
    code, out, _ = call("list", "runs")
    assert code == 0 and "tiny" in out and "finished" in out

    code, out, err = call("sample", trained, "--num", 9, "--out", "grid.png")
    assert code == 0 and out == "" and "9 images in grid.png" in said(err)
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.size == (24, 24) and grid.mode == "L"
    assert call("sample", trained, "--num", 9, "--seed", 0, "--out", "again.png")[0] == 0
    assert call("sample", trained, "--num", 9, "--seed", 1, "--out", "other.png")[0] == 0
    same, again, other = ((tmp_path / f"{name}.png").read_bytes() for name in ("grid", "again", "other"))
    assert same == again != other

    code, out, _ = call("evaluate", trained, "--json", "-")
    values = json.loads(out)
    assert code == 0 and values["elbo"].keys() == {"value", "unit", "error"} and values["mse"]["value"] > 0
    checkpoint = tmp_path / "runs" / "tiny" / "checkpoints" / "00000004.safetensors"
    code, _, _ = call("evaluate", checkpoint, "--json", "numbers.json")
    assert code == 0 and json.loads((tmp_path / "numbers.json").read_text()) == values

    code, out, err = call("train", "--resume", trained)  # it is finished: nothing to do, nothing lost
    assert code == 0 and checkpoint.exists()


def test_lists_and_info(call: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = call("list", "models", "--json", "-")
    assert code == 0 and [row["name"] for row in json.loads(out)] == list(MODELS)
    code, out, _ = call("list", "datasets", "--json", "-")
    assert code == 0 and "digits" in [row["name"] for row in json.loads(out)]
    code, out, _ = call("list")
    assert code == 0 and said(out).startswith("No runs yet")
    code, out, _ = call("info")
    assert code == 0 and __version__ in out and str(tmp_path) in said(out) and "torch" in out


def test_version_and_help(call: Callable[..., Any]) -> None:
    assert call("--version")[:2] == (0, f"{__version__}\n")
    code, out, _ = call("--help")
    assert code == 0 and all(command in out for command in ("train", "sample", "evaluate", "list", "info", "bench"))
    code, out, _ = call("train", "--help")
    assert code == 0 and "vae" in out and "digits" in out
    code, out, _ = call("train", "vae", "digits", "--help")
    assert code == 0 and "--model.latent-dim" in out and "--train.steps" in out and "--devices" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("train",), "Say what to train on what"),
        (("train", "vae"), "Say what to train on what"),
        (("train", "--resume"), "Say what to train on what"),
        (("train", "vea", "digits"), "There is no model called 'vea'; did you mean 'vae'?"),
        (("train", "vae", "digit"), "There is no data set called 'digit'; did you mean 'digits'?"),
        (("train", "vae", "digits", "--train.steps", "0"), "train: steps should be greater than or equal to 1, got 0."),
        (("train", "vae", "digits", "--model.beta", "-1"), "vae: beta should be greater than or equal to 0, got -1.0."),
        (
            ("train", "vae", "digits", "--devices", "0"),
            "hardware: devices should be greater than or equal to 1, got 0.",
        ),
        (("train", "vae", "digits", "--run", "../x"), "A run cannot be called '../x'"),
        (("train", "--resume", "lost"), "There is no run called 'lost' in"),
        (("sample", "lost"), "There is no run called 'lost' in"),
        (("sample", "x" * 5000), "There is no run called"),
        (("evaluate", "lost"), "There is no run called 'lost' in"),
        (("list", "cakes"), "There is no list of 'cakes'; choose models, datasets or runs."),
        (("list", "--json", "no/such/folder.json"), "no/such/folder.json cannot be written"),
        (("tain",), "There is no command and no file called 'tain'"),
        (("--wrong",), "The app knows no option --wrong"),
    ],
)
def test_mistakes_are_one_sentence_and_code_2(
    call: Callable[..., Any], arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "") and sentence in said(err)
    assert "Traceback" not in err and said(err)[-1] in ".?"
    assert not list(tmp_path.glob("runs/*")), "a mistake must leave no run behind"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--num", "0"), "--num should be 1 to 65536, got 0."),
        (("--out", "no/such/grid.png"), "There is no folder no/such"),
    ],
)
def test_sample_mistakes(call: Callable[..., Any], trained: str, arguments: tuple[str, ...], sentence: str) -> None:
    code, _, err = call("sample", trained, *arguments)
    assert code == 2 and sentence in said(err)


def test_a_taken_name_is_not_trained_over(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    before = (tmp_path / "runs" / "tiny" / "metrics.jsonl").read_bytes()
    code, _, err = call("train", "vae", "digits", *TINY, "--run", "tiny")
    assert code == 2 and "There is already a run called 'tiny'" in said(err) and "--resume tiny" in said(err)
    assert (tmp_path / "runs" / "tiny" / "metrics.jsonl").read_bytes() == before


def test_a_pickle_is_refused(call: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(b"anything")
    code, _, err = call("sample", "weights.pt")
    assert code == 2 and "never loaded" in said(err)


def test_a_failure_is_code_1(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Failure("The disk is full.")

    monkeypatch.setitem(cli._COMMANDS, "info", fail)
    assert call("info") == (1, "", "The disk is full.\n")


def test_an_interrupt_is_code_130(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli._COMMANDS, "info", interrupt)
    assert call("info")[0] == 130


def test_torchrun_wants_a_name(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, err = call("train", "vae", "digits", *TINY)
    assert code == 2 and "give it a name with --run" in said(err) and not list(tmp_path.glob("runs/*"))


def test_the_program_itself(tmp_path: Path) -> None:
    """`python -m genexplorer` passes the code on, and asks for a home by environment."""
    environment = os.environ | {"GENEXPLORER_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "genexplorer", "train", "--resume", "lost"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and not done.stdout and str(tmp_path) in done.stderr.replace("\n", "")
