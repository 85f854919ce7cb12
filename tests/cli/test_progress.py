"""Ctrl+C while training is shown: once is stop and save, twice is now, and only the first process hears it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from genexplorer.cli import progress
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.engine.runs import Run
from genexplorer.engine.train import Event, Step

endings: list[str] = []


def steps(presses: int) -> Iterator[Event]:
    """Five steps; Ctrl+C so many times within the second one."""
    endings.clear()
    try:
        for step in range(1, 6):
            for _ in range(presses if step == 2 else 0):
                signal.raise_signal(signal.SIGINT)
            yield Step(step, 5, {"loss": 1.0}, 0.1)
        endings.append("done")
    except GeneratorExit:
        endings.append(f"closed at {step}")
        raise
    except KeyboardInterrupt:
        endings.append(f"broken off in {step}")
        raise


@pytest.mark.parametrize(
    ("presses", "twice", "ended", "said"),
    [
        (1, 1.0, "closed at 2", "Stopped and saved; go on with: genexplorer train --resume some"),
        (2, 1.0, "closed at 2", "Stopped and saved; go on with: genexplorer train --resume some"),
        (2, -1.0, "broken off in 2", "Stopped at once; go on from the last save with: genexplorer train --resume some"),
    ],
)
def test_stopping(
    presses: int,
    twice: float,
    ended: str,
    said: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "_TWICE", twice)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        progress.show_training(Run(Path("some")), steps(presses))  # type: ignore[arg-type]
    assert endings == [ended] and said in capfd.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_another_process_leaves_it_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    progress.show_training(Run(Path("some")), steps(1))  # type: ignore[arg-type]
    assert endings == ["done"]


def test_a_run_that_cannot_begin_is_not_named(capfd: pytest.CaptureFixture[str]) -> None:
    def refuse() -> Iterator[Event]:
        yield Progress("Reading", 0, 0)
        raise UserError("It cannot be read.")

    with pytest.raises(UserError):
        progress.show_training(Run(Path("some")), refuse())  # type: ignore[arg-type]
    assert not capfd.readouterr().err.strip()
