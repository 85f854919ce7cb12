"""A panel has a tab for whichever checkpoint has the abilities that it needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pytest
from desks import trained
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.abilities import Samples
from genexplorer.gui.panel import PANELS, Panel


@runtime_checkable
class ReadsMinds(Protocol):
    def read_minds(self) -> None: ...


class Recorder(Panel):
    """Remembers what it was told to open."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.opened: list[object] = []
        self.body.addWidget(QLabel(self.title))

    def open(self, checkpoint: object) -> None:
        self.opened.append(checkpoint)


@pytest.fixture
def alone() -> Iterator[None]:
    """No panel but the latent one."""
    before = dict(PANELS._found)
    for name in [name for name in PANELS if name != "latent"]:
        del PANELS._found[name]
    yield
    PANELS._found.clear()
    PANELS._found.update(before)


@pytest.fixture
def others(alone: None) -> None:
    PANELS.register("samples")(type("SamplesPanel", (Recorder,), {"title": "Samples", "needs": (Samples,)}))
    PANELS.register("minds")(type("MindsPanel", (Recorder,), {"title": "Minds", "needs": (Samples, ReadsMinds)}))


def shown(desk: Desk) -> set[str]:
    tabs = desk.window.tabs
    return (
        {tabs.tabText(place) for place in range(tabs.count()) if tabs.isTabVisible(place)}
        if tabs.isVisible()
        else set()
    )


def test_a_panel_appears_for_what_has_its_abilities(
    others: None, open_desk: Callable[[], Desk], home: Path, qtbot: QtBot
) -> None:
    desk = open_desk()
    assert shown(desk) == {"Latent space", "Samples", "Minds"}
    trained(desk, home, qtbot)
    assert shown(desk) == {"Latent space", "Samples"} and desk.window.tabs.tabBar().isVisible()
    assert desk.panel("samples").opened[-1] is desk.session.checkpoint
    assert desk.panel("minds").opened[-1] is None
    desk.session.close_run()
    assert shown(desk) == {"Latent space", "Samples", "Minds"}


def test_a_model_that_no_panel_can_show_is_told(
    alone: None, open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    trained(desk, home, qtbot)
    checkpoint = desk.session.checkpoint
    monkeypatch.setattr(type(desk.panel("latent")), "needs", (ReadsMinds,))
    desk.session.open_checkpoint(checkpoint)
    assert shown(desk) == set() and desk.window.message.isVisible() and "no panel" in desk.window.message.text()
    assert desk.panel("latent").image.image() is None
