"""What the tests of the whole window share: small runs, a window that shows one, and things dropped on it."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train

SMALL = {"steps": 80, "log_every": 10, "preview_every": 40, "save_every": 40}


FAMILIES = {
    "vae": {"latent_dim": 6, "width": 8},
    "sparse": {"latent_dim": 32, "k": 4, "k_warmup": 0},
    "denoising": {"latent_dim": 8, "width": 8},
}


def make_run(home: Path, name: str, steps: int = 80, family: str = "vae") -> Run:
    info = RunInfo(
        MODELS[family].parse(FAMILIES[family]),
        DATASETS["digits"].parse({}),
        TrainRecipe.parse(SMALL | {"steps": steps}),
    )
    return RunStore(home).create(info, name)


def trained(desk: Desk, home: Path, qtbot: QtBot) -> None:
    """Open a trained run and wait for its first picture."""
    run = make_run(home, "ready")
    list(train(run))
    desk.session.open_run(run)
    qtbot.waitUntil(lambda: desk.panel("latent").image.image() is not None, timeout=10_000)
    qtbot.waitUntil(lambda: "nats" in desk.panel("latent").sliders[0].detail, timeout=10_000)


def drag_and_drop(onto: QWidget, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(onto, QDragEnterEvent(QPoint(5, 5), copy, data, left, plain))
    QApplication.sendEvent(onto, QDropEvent(QPointF(5, 5), copy, data, left, plain))
