"""The training doctor in the Train dock: a quiet line, its findings, and remedies that one click applies."""

from collections.abc import Callable
from pathlib import Path

from desks import SMALL
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train


def make(home: Path, name: str, beta: float = 1.0, steps: int = 300) -> Run:
    info = RunInfo(
        MODELS["vae"].parse({"network": "mlp", "hidden": 64, "latent_dim": 4, "beta": beta}),
        DATASETS["digits"].parse({}),
        TrainRecipe.parse(SMALL | {"steps": steps, "batch_size": 32, "save_every": 1000}),
    )
    return RunStore(home).create(info, name)


def said(desk: Desk) -> str:
    return "\n".join(label.text() for label in desk.train.doctor.findChildren(QLabel))


def test_a_healthy_run_gives_a_quiet_line(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    doctor = desk.train.doctor
    assert not doctor.isVisible()
    run = make(home, "well")
    list(train(run))
    desk.session.open_run(run)
    qtbot.waitUntil(doctor.isVisible, timeout=10_000)
    assert doctor.line.text() == "All well" and not doctor._area.isVisible()
    qtbot.mouseClick(doctor.line, Qt.MouseButton.LeftButton)
    assert doctor._area.isVisible()
    assert "images never seen" in said(desk) and "of 4 dimensions are in use" in said(desk)
    assert not doctor.findChildren(QPushButton)
    desk.session.close_run()
    assert not doctor.isVisible()


def test_a_click_applies_the_remedy_as_a_new_run(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    """While the sick run still trains: it is stopped and saved, and nothing of it is lost."""
    desk = open_desk()
    doctor, sick = desk.train.doctor, make(home, "sick", beta=80, steps=100_000)
    desk.train.work.go_on(sick)
    qtbot.waitUntil(lambda: doctor.line.text() == "Posterior collapse", timeout=60_000)
    assert doctor.isVisible() and doctor.line.accessibleName() == "Training doctor: Posterior collapse"
    doctor.line.setFocus()
    qtbot.keyClick(doctor.line, Qt.Key.Key_Space)
    (button,) = doctor.findChildren(QPushButton)
    assert "beta 80 → 1" in said(desk) and "Bowman" in said(desk)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.train.work.run is not None and desk.train.work.run.path != sick.path, timeout=20_000)
    cured = desk.train.work.run
    assert cured is not None and cured.info().model.beta == 1
    assert sick.status() == "stopped" and sick.info().model.beta == 80
    assert sick.checkpoint().step == sick.metrics()[-1]["step"] or sick.checkpoint().step > 0
    qtbot.waitUntil(lambda: bool(cured.metrics()), timeout=20_000)
    assert desk.session.run is not None and desk.session.run.path == cured.path
    desk.train.stop_action.trigger()
    qtbot.waitUntil(lambda: not desk.train.work.going, timeout=20_000)


def test_a_run_that_cannot_be_read_is_no_case(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> None:
    desk = open_desk()
    run = make(home, "broken")
    list(zip(train(run), range(30), strict=False))
    (run.path / "run.json").write_text("{")
    desk.train.doctor.look(run)
    qtbot.waitUntil(lambda: not desk.train.doctor._questions.open, timeout=5_000)
    assert not desk.train.doctor.isVisible()
