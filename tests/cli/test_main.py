"""Which command is called, its exit code, and what is said where it went wrong."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genexplorer import __version__
from genexplorer.cli.commands import info
from genexplorer.core.errors import Failure


def test_version_and_help(call: Callable[..., Any]) -> None:
    assert call("--version")[:2] == (0, f"{__version__}\n")
    code, out, _ = call("--help")
    assert call("help")[:2] == (0, out)
    commands = ("train", "sample", "evaluate", "list", "info", "bench", "tour", "--resume", "--home")
    assert code == 0 and all(command in out for command in commands)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("train",), "Say what to train on what"),
        (("train", "vae"), "Say what to train on what"),
        (("train", "--resume"), "--resume wants a value after it"),
        (("train", "--resume", "--devices", "2"), "--resume wants a value after it"),
        (("train", "--home"), "--home wants a value after it"),
        (("train", "--home=", "vae", "digits"), "--home wants a value after it"),
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
        (("list", "--json", "no/such/file.json"), "There is no folder no/such to write file.json to; make it first."),
        (("list", "--json", "."), ". is a folder; name a file in it."),
        (("tain",), "There is no command and no file called 'tain'"),
        (("--wrong",), "The app knows no option --wrong"),
    ],
)
def test_mistakes_are_one_sentence_and_code_2(
    call: Callable[..., Any], arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "") and sentence in err
    assert "Traceback" not in err and err[-1] in ".?"
    assert not list(tmp_path.glob("runs/*")), "a mistake must leave no run behind"


@pytest.mark.parametrize(
    ("arguments", "said", "command"),
    [
        (("train", "vae", "digits", "--train.steps", "x"), "it should be a whole number, got 'x'", "train vae digits"),
        (("train", "vae", "digits", "--model.beta", "high"), "it should be a number, got 'high'", "train vae digits"),
        (("train", "vae", "digits", "--train.stepz", "3"), "--train.steps INT", "train vae digits"),
        (("train", "vae", "digits", "--train.precision", "16-mixed"), "'bf16-mixed'", "train vae digits"),
        (("list", "--json"), "Missing value for argument '--json'", "list"),
        (("info", "more"), "Unrecognized options: more", "info"),
    ],
)
def test_an_option_that_cannot_be_read(
    call: Callable[..., Any], arguments: tuple[str, ...], said: str, command: str, tmp_path: Path
) -> None:
    """What is wrong with it, and where it is explained."""
    code, out, err = call(*arguments)
    assert (code, out) == (2, "") and said in err and f"genexplorer {command} --help" in err
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize("name", ["gui", "train", "sample", "evaluate", "list", "info", "bench", "tour"])
def test_every_command_has_help(call: Callable[..., Any], name: str) -> None:
    code, out, err = call(name, "--help")
    assert code == 0 and f"genexplorer {name}".replace(" gui", " [gui]") in out and not err and "None}" not in out


@pytest.mark.parametrize("below", ["", "runs"])
@pytest.mark.parametrize(
    "command", [("list",), ("sample", "a"), ("train", "vae", "digits"), ("train", "--resume", "a")]
)
def test_a_home_that_cannot_be_read(
    call: Callable[..., Any], command: tuple[str, ...], below: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    if below:
        home.mkdir()
    (home / below).write_text("")
    code, out, err = call("--home", home, *command)
    assert (code, out) == (2, "") and "cannot be read (Not a directory); choose another folder with --home" in err


def test_a_failure_is_code_1(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Failure("The disk is full.")

    monkeypatch.setattr(info, "run", fail)
    assert call("info") == (1, "", "The disk is full.")


def test_an_interrupt_is_code_130(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(info, "run", interrupt)
    assert call("info")[0] == 130


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


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["sample", "--help"]])
def test_a_quick_answer_needs_no_torch(arguments: list[str]) -> None:
    code = f"import sys; from genexplorer.cli import run; run({arguments!r})"
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.stdout and "genexplorer.cli" in imported
    assert imported.isdisjoint({"torch", "pydantic", "PySide6", "rich.progress"})


@pytest.mark.parametrize("code", ["import genexplorer.cli.commands.gui", "genexplorer.cli.run(['--help'])"])
def test_the_window_and_help_wait_for_no_parser(code: str) -> None:
    code = f"import sys, genexplorer.cli; {code}; assert 'tyro' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
