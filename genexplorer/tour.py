"""Walks the real window through its panels, on a model that is there, and takes a picture of each."""

import os
import time
from pathlib import Path
from typing import Any

from genexplorer.app import Desk, application, await_plugins, make_window
from genexplorer.core.errors import UserError

_LONGEST_S = 12.0  # a panel that is still working then is shown at work
_KEPT = 4


def tour(out: Path, look: str, scale: float, home: Path | None) -> None:
    """Write a PNG of each panel and of each page of the Train dock to a folder; trains a small run if there is none."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out} cannot be made ({error.strerror}); choose another folder.") from error
    app = application()
    window = make_window(home)
    window.settings.setValue("theme", look)
    window.dress()
    window.show()
    await_plugins(app)
    desk = Desk(window, home)
    window.reset_layout()
    desk.open_paths([])
    if desk.session.checkpoint is None:
        _open_any(app, desk)
    _settle(app, 2.0)
    _keep_some(app, desk)
    for panel in desk.panels:
        if panel.fits(desk.session.checkpoint):
            window.tabs.setCurrentWidget(panel)
            _settle(app, 1.0)
            end = time.perf_counter() + _LONGEST_S
            while panel.busy and time.perf_counter() < end:
                _settle(app, 0.1)
            _settle(app, 0.5)
            window.grab().save(str(out / f"{panel.name}.png"))
    for index in range(desk.train.tabs.count()):
        desk.train.tabs.setCurrentIndex(index)
        _settle(app, 0.4)
        name = desk.train.tabs.tabText(index).split()[0].lower()
        window.grab().save(str(out / f"train-{name}.png"))
    window.close()
    app.processEvents()


def _keep_some(app: Any, desk: Desk) -> None:
    """A few codes as bookmarks, and as stops on a way."""
    latent = desk.panel("latent")
    for _ in range(_KEPT):
        latent.randomise()
        _settle(app, 0.6)
        latent.keep()
    desk.panel("paths").pages[0].stops.add(desk.session.bookmarks.all())


def _open_any(app: Any, desk: Desk) -> None:
    """The newest run that has a checkpoint; else one that is trained now."""
    from genexplorer.core.data import DATASETS

    for run in desk.session.store.list():
        if run.checkpoints():
            desk.session.open_run(run)
            return
    desk.train.recipes.choose_data(DATASETS["digits"].parse({}))
    desk.train.recipes.train_form.set_recipe(type(desk.train.recipes.info().train).parse({"steps": 600}))
    desk.train.start()
    while desk.train.work.going:
        _settle(app, 0.05)


def _settle(app: Any, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.005)
