"""The density panel as a person uses it: numbers that sharpen, two pictures compared, and their place among many."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desks import SMALL, drag_and_drop
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.abilities import Scores
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.density import Drawn, Judge, Numbered, Opened
from genexplorer.engine.query import answer
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.survey import Survey
from genexplorer.engine.train import train
from genexplorer.gui.density_words import with_error


def trained(home: Path, family: str, name: str, **knobs: object) -> Run:
    model = MODELS[family].parse({"latent_dim": 4, "width": 8} | knobs)
    run = RunStore(home).create(RunInfo(model, DATASETS["digits"].parse({}), TrainRecipe.parse(SMALL)), name)
    list(train(run))
    return run


@pytest.fixture
def desk(open_desk: Callable[[], Desk], home: Path) -> Desk:
    run = trained(home, "vae", "dense")
    desk = open_desk()
    desk.session.open_run(run)
    return desk


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> object:
    panel = desk.panel("density")
    panel.draws.setValue(200)
    desk.window.tabs.setCurrentWidget(panel)
    rests(panel, qtbot)
    qtbot.waitUntil(lambda: panel.survey.beside.count() > 1 and surveyed(panel), timeout=20_000)
    return panel


def rests(panel: object, qtbot: QtBot) -> None:
    """All draws of what is asked are in."""

    def done() -> bool:
        judged = panel._judged
        if judged is None or judged[0] != tuple(panel._sources) or not judged[1].densities or panel.busy:
            return False
        return all(each.draws == panel.draws.value() for each in judged[1].densities)

    qtbot.waitUntil(done, timeout=20_000)


def surveyed(panel: object) -> bool:
    own = panel.survey.work.own
    return own is not None and own.complete and not panel.survey.work.running


def asked_by_hand(panel: object, *sources: object) -> object:
    *_, last = answer(Judge(panel.session.checkpoint, panel.session.store.cache, sources, panel.draws.value(), 0))
    return last


def test_the_first_test_image_is_judged_and_the_curve_rises_to_it(panel: object) -> None:
    density = asked_by_hand(panel, Numbered(0)).densities[0]
    assert panel.table.text("best") == with_error(density.best)
    assert panel.table.text("elbo") == with_error(density.elbo)
    assert panel.table.text("kl") == f"−{with_error(density.kl)}"
    assert float(panel.table.text("bits").replace("−", "-")) == pytest.approx(
        -density.best.value / 64 / np.log(2), abs=6e-4
    )
    assert panel.curve.reading() == f"K = 200: {with_error(density.best)}"
    assert panel.first.place.value() == 0 and panel.survey.histogram._marks[0][0].startswith("x₁ ")
    assert not panel.table._cells["best"][1].isVisible()


def test_keys_read_the_curve(panel: object, qtbot: QtBot) -> None:
    panel.curve.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.curve, Qt.Key.Key_Left)
    assert panel.curve.reading().startswith("K = 32: ")
    assert panel.curve.accessibleDescription() == panel.curve.reading()
    first = panel.curve._plot()
    qtbot.mouseMove(panel.curve, first.topLeft().toPoint())
    assert panel.curve.reading().startswith("K = 1: ")


def test_draws_are_chosen_and_drawn_anew(panel: object, qtbot: QtBot) -> None:
    before = panel.table.text("best")
    panel.first.view.setFocus()
    qtbot.keyClick(panel, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: panel.table.text("best") != before and not panel.busy)
    panel.draws.setValue(9000)
    assert panel.draws.value() == 5000
    rests(panel, qtbot)
    assert panel.curve.reading().startswith("K = 5,000")


def test_two_dropped_pictures_are_compared(panel: object, qtbot: QtBot, tmp_path: Path) -> None:
    digit = asked_by_hand(panel, Numbered(3)).images[0]
    Image.fromarray(digit[0]).save(tmp_path / "digit.png")
    noise = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    drag_and_drop(panel.first.view, [tmp_path / "digit.png"])
    rests(panel, qtbot)
    drag_and_drop(panel.second.view, [tmp_path / "noise.png"])
    rests(panel, qtbot)
    assert np.array_equal(panel.first.view._pixels, digit)
    gap, by_hand = (
        panel._judged[1].gap,
        asked_by_hand(panel, *(Opened(tmp_path / f"{n}.png") for n in ("digit", "noise"))),
    )
    one, other = by_hand.densities
    assert gap.value == pytest.approx(one.best.value - other.best.value)
    assert with_error(gap) in panel.verdict.text()
    likelier = "x₁" if gap.value > 0 else "x₂"
    assert f"<b>{likelier} is likelier</b>" in panel.verdict.text() or abs(gap.value) < 2 * gap.error
    assert panel.table._cells["best"][1].isVisible() and len(panel.survey.histogram._marks) == 2
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drag_and_drop(panel.second.view, [broken])
    qtbot.waitUntil(lambda: panel._banner.isVisible())
    assert len(panel._sources) == 2 and panel._sources[1].path.name == "noise.png"
    panel.second.clear_action.trigger()
    rests(panel, qtbot)
    assert panel.second.view.image() is None and not panel.second.clear_action.isEnabled()
    assert "log p(x₁)" not in panel.verdict.text()


def test_places_go_around_and_the_code_is_followed(panel: object, qtbot: QtBot) -> None:
    panel.first.place.stepDown()
    rests(panel, qtbot)
    assert panel.first.place.value() == 296
    panel.first.view.setFocus()
    qtbot.keyClick(panel, Qt.Key.Key_C)
    rests(panel, qtbot)
    assert isinstance(panel._sources[0], Drawn)
    before, shown = panel.table.text("best"), panel.first.view._pixels
    panel.session.code.change("Elsewhere", np.array([2, -2, 1, 0], np.float32))
    qtbot.waitUntil(lambda: not np.array_equal(panel.first.view._pixels, shown))
    rests(panel, qtbot)
    assert panel.table.text("best") != before


def test_a_bar_shows_its_images_and_a_click_looks_at_one(panel: object, qtbot: QtBot) -> None:
    histogram, own = panel.survey.histogram, panel.survey.work.own
    histogram.setFocus()
    qtbot.keyClick(histogram, Qt.Key.Key_Right)
    number = histogram.current
    members = panel.survey.images_of(number, False)
    assert panel.survey.card.isVisible() and f"{len(members):,} of 297" in panel.survey.card.text()
    edges = histogram.bins.edges
    inside = own.nats[members]
    assert (inside <= edges[number]).all() and (number == 0 or (inside >= edges[number - 1]).all())
    qtbot.keyClick(histogram, Qt.Key.Key_Return)
    rests(panel, qtbot)
    assert panel.first.place.value() == members[0]
    qtbot.keyClick(histogram, Qt.Key.Key_Escape)
    assert not panel.survey.card.isVisible()


def test_the_least_probable_image_is_looked_at(panel: object, qtbot: QtBot) -> None:
    worst = int(panel.survey.work.own.nats.argmin())
    least = panel.survey.least
    qtbot.mouseClick(least, Qt.MouseButton.LeftButton, pos=least.cells()[0].center().toPoint())
    rests(panel, qtbot)
    assert panel.first.place.value() == worst
    assert panel.survey.work.own.percentile(panel._judged[1].densities[0].elbo.value) < 10


def test_another_set_is_told_from_the_first(panel: object, qtbot: QtBot) -> None:
    beside = panel.survey.beside
    beside.setFocus()
    qtbot.keyClick(beside, Qt.Key.Key_Down)
    assert beside.currentText() == "Uniform noise"
    qtbot.waitUntil(lambda: panel.survey.work.apart is not None, timeout=20_000)
    auroc = panel.survey.work.apart.auroc.value
    own, other = panel.survey.work.own.nats, panel.survey.work.other.nats
    assert auroc == pytest.approx((own[:, None] > other[None]).mean(), abs=1e-6)
    assert panel.survey.told.text().startswith(f"AUROC {auroc:.3f}")
    histogram = panel.survey.histogram
    only = next(n for n in range(histogram.bins.count) if len(panel.survey.images_of(n, True)))
    outer = panel.survey.images_of(only, True)[0]
    histogram._choose(only)
    if not len(panel.survey.images_of(only, False)):
        histogram.clicked.emit(only)
        rests(panel, qtbot)
        assert np.array_equal(panel.first.view._pixels, panel.survey.work.other.images[outer])
    beside.setCurrentIndex(0)
    assert panel.survey.work.other is None
    qtbot.waitUntil(lambda: "likelier than" in panel.survey.told.text() and surveyed(panel))


def test_a_survey_is_cancelled_and_goes_on(panel: object, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Survey.answer

    def slowly(asked: Survey, model: Model) -> Iterator[Any]:
        for part in answer(asked, model):
            yield part
            time.sleep(0.2)

    survey = panel.survey
    with monkeypatch.context() as patched:
        patched.setattr(Survey, "answer", slowly)
        survey.score.button(1).click()
        qtbot.waitUntil(lambda: survey.bar.isVisible())
        survey.bar.cancel_button.click()
        assert not survey.bar.isVisible() and survey.go_on.isVisible()
    survey.go_on.click()
    assert not survey.go_on.isVisible()
    qtbot.waitUntil(lambda: surveyed(panel), timeout=20_000)
    assert survey.work.draws == 16 and survey.histogram._axis.startswith("L")


def test_a_later_checkpoint_is_offered_and_till_then_all_numbers_are_of_the_first(panel: object, qtbot: QtBot) -> None:
    session = panel.session
    early, late = (Checkpoint.open(path) for path in session.run.checkpoints()[-2:])
    session.open_alone(early)
    panel.status.offer.click()
    rests(panel, qtbot)
    qtbot.waitUntil(lambda: surveyed(panel), timeout=20_000)
    before, own = panel.table.text("best"), panel.survey.work.own
    session.open_checkpoint(late)
    assert panel.status.label.text() == f"Probabilities at step {early.step}"
    assert panel.status.offer.text() == f"Update to step {late.step}"
    panel.first.place.stepUp()
    rests(panel, qtbot)
    assert panel._asked.checkpoint is early and panel.survey.work.own is own
    panel.first.place.stepDown()
    rests(panel, qtbot)
    assert panel.table.text("best") == before
    qtbot.mouseClick(panel.status.offer, Qt.MouseButton.LeftButton)
    assert not panel.status.offer.isVisible()
    qtbot.waitUntil(lambda: panel.table.text("best") != before and surveyed(panel), timeout=20_000)
    rests(panel, qtbot)
    assert panel._asked.checkpoint is late and panel.survey.work.own is not own
    assert panel.table.text("best") == with_error(asked_by_hand(panel, Numbered(0)).densities[0].best)


def test_without_a_model_nothing_is_left(panel: object) -> None:
    panel.session.close_run()
    assert panel.first.view.image() is None and panel.survey.histogram.bins is None
    assert panel.table.text("best") == "–" and not panel.first.place.isEnabled()
    assert "Open a variational autoencoder" in panel.first.view.empty


def test_where_no_test_images_are_the_histogram_says_so_and_photos_are_judged(
    panel: object, home: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genexplorer.engine.survey.test_images", lambda *_: None)
    monkeypatch.setattr("genexplorer.engine.density.test_images", lambda *_: None)
    panel.session.close_run()
    panel.session.open_run(trained(home, "vae", "alone"))
    assert panel.first.open_action.isEnabled()
    qtbot.waitUntil(lambda: "No test images" in panel.survey.histogram.empty, timeout=20_000)
    Image.new("L", (8, 8), 90).save(tmp_path / "own.png")
    drag_and_drop(panel.first.view, [tmp_path / "own.png"])
    rests(panel, qtbot)
    assert (panel.first.view._pixels == 90).all() and panel.table.text("best") != "–"


def test_models_without_a_density_have_no_such_panel(desk: Desk, home: Path) -> None:
    panel = desk.panel("density")
    assert panel.needs == (Scores,) and panel.fits(desk.session.checkpoint)
    plain = trained(home, "autoencoder", "plain")
    assert not panel.fits(plain.checkpoint())


def test_with_labels_in_its_code_a_model_tells_its_elbo(panel: object, home: Path, qtbot: QtBot) -> None:
    panel.session.open_run(trained(home, "vae", "labelled", condition=("digit",)))
    qtbot.waitUntil(lambda: panel.table.text("effective") == "–", timeout=20_000)
    rests(panel, qtbot)
    assert panel.table.text("best") == panel.table.text("elbo") != "–"
    assert "ELBO alone" in panel.curve.reading() and not panel.survey.score.isEnabled()
