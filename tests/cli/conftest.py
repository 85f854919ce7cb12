"""Commands called as from a shell, in a home of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genexplorer import cli


@pytest.fixture
def call(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`call("train", "vae", …)` gives the exit code, standard output as it is, and standard error on one line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENEXPLORER_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            code = cli.run(list(map(str, arguments)))
        except SystemExit as end:  # from the parser
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        return code, out, " ".join(err.split())

    return run


@pytest.fixture
def tiny() -> tuple[str, ...]:
    """Settings that train in no time."""
    return (
        *("--model.network", "mlp", "--model.hidden", "16", "--model.latent-dim", "4", "--train.steps", "4"),
        *("--train.batch-size", "16", "--train.log-every", "2"),
    )


@pytest.fixture
def trained(call: Callable[..., Any], tiny: tuple[str, ...]) -> str:
    code, _, errors = call("train", "vae", "digits", *tiny, "--run", "tiny")
    assert code == 0, errors
    return "tiny"
