"""Walks the real window through its panels, on the model that comes with it, and takes a picture of each."""

import os
import time
from pathlib import Path
from typing import Any

from genexplorer.app import Desk, application, await_plugins, make_window
from genexplorer.core.errors import UserError

_LONGEST_S = 120.0  # a panel that is still working then is shown at work
_KEPT = 4
_STEPS = 1500  # of a family that is trained for its panel's picture
# Panels that measure on the data themselves, or show how a run went, and so want a run whose data are there.
_OWN = {"representation": "vae", "players": "r3gan"}


def tour(out: Path, look: str, scale: float, home: Path | None, only: tuple[str, ...] = ()) -> None:
    """Write a PNG of each panel, or of those that are named, to a folder; trains small runs where none fits.

    Where all are wanted, one of each page of the Train dock too.
    """
    from genexplorer.engine.shipped import shipped_models

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out} cannot be made ({error.strerror}); choose another folder.") from error
    app = application()
    window = make_window(home)
    before = {key: window.settings.value(key) for key in ("theme", "run")}  # the person's own, left as they were
    window.settings.setValue("theme", look)
    window.dress()
    window.show()
    await_plugins(app)
    desk = Desk(window, home)
    window.reset_layout()
    desk.open_paths(list(shipped_models().values())[:1])
    if desk.session.checkpoint is None:
        _open_any(app, desk)
    _settle(app, 2.0)
    _keep_some(app, desk)
    if unknown := set(only) - {panel.name for panel in desk.panels}:
        raise UserError(f"There is no panel called {min(unknown)!r}.")
    panels = [panel for panel in desk.panels if not only or panel.name in only]
    others = [p for p in panels if p.name in _OWN or not p.fits(desk.session.checkpoint)]
    for panel in panels:
        if panel not in others:
            _take(app, desk, panel, out)
    for index in range(0 if only else desk.train.tabs.count()):
        desk.train.tabs.setCurrentIndex(index)
        _settle(app, 0.4)
        name = desk.train.tabs.tabText(index).split()[0].lower()
        window.grab().save(str(out / f"train-{name}.png"))
    desk.train.tabs.setCurrentIndex(0)
    for panel in others:
        if not _open_shipped(app, desk, panel):
            _open_family(app, desk, panel)
        _take(app, desk, panel, out)
    window.close()
    app.processEvents()
    for key, value in before.items():
        window.settings.setValue(key, value) if value is not None else window.settings.remove(key)


def _take(app: Any, desk: Desk, panel: Any, out: Path) -> None:
    desk.window.tabs.setCurrentWidget(panel)
    _settle(app, 1.0 + panel.demonstrate())
    end = time.perf_counter() + _LONGEST_S
    while panel.busy and time.perf_counter() < end:
        _settle(app, 0.1)
    _settle(app, 0.5)
    desk.window.grab().save(str(out / f"{panel.name}.png"))


def _open_shipped(app: Any, desk: Desk, panel: Any) -> bool:
    """One of the models that come with the program, where the panel can show it."""
    from genexplorer.core.checkpoint import Checkpoint
    from genexplorer.engine.shipped import shipped_models

    for path in () if panel.name in _OWN else shipped_models().values():
        if panel.fits(Checkpoint.open(path)):
            desk.open_paths([path])
            _settle(app, 1.0)
            return True
    return False


def _open_family(app: Any, desk: Desk, panel: Any) -> None:
    """A run of its family, or of the first one that has what the panel needs; trained now where there is none."""
    import torch

    from genexplorer.core.data import DATASETS, DataSpec
    from genexplorer.core.model import MODELS
    from genexplorer.engine.runs import RunInfo
    from genexplorer.engine.settings import TrainRecipe
    from genexplorer.engine.train import train

    with torch.device("meta"):
        names = [_OWN[panel.name]] if panel.name in _OWN else list(MODELS)
        recipes = [MODELS[name].parse({}) for name in names]
        able = [each for each in recipes if all(isinstance(each.build(DataSpec((3, 32, 32))), a) for a in panel.needs)]
    if not able:
        return
    name, store = f"tour-{able[0].name}", desk.session.store
    run = next((run for run in store.list() if run.name == name), None)
    if run is None:
        data = DATASETS["faces"].parse({"size": 32, "num": 4000})
        run = store.create(RunInfo(able[0], data, TrainRecipe.suiting(type(able[0]), steps=_STEPS)), name)
    for _ in train(run):
        app.processEvents()
    desk.session.open_run(run)
    _settle(app, 1.0)


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
