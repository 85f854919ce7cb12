"""The representation panel as a person uses it, on codes that are the factors themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import planted
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.events import Progress, drain
from genexplorer.engine.evaluate import Asked, evaluate
from genexplorer.engine.runs import Run
from genexplorer.gui.represent import measuring

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    with planted.registered():
        yield


@pytest.fixture
def run(home: Path) -> Run:
    return planted.planted_run(home)


@pytest.fixture
def desk(open_desk: Callable[[], Desk]) -> Desk:
    desk = open_desk()
    desk.window.resize(1280, 800)
    return desk


def open_panel(desk: Desk, run: Run, qtbot: QtBot) -> object:
    desk.session.open_run(run)
    panel = desk.panel("representation")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.measuring.complete, timeout=60_000)
    return panel


@pytest.fixture
def panel(desk: Desk, run: Run, qtbot: QtBot) -> object:
    return open_panel(desk, run, qtbot)


def test_what_is_shown_is_what_evaluate_says(panel: object, run: Run, home: Path) -> None:
    said = drain(evaluate(run.checkpoint(), home / "cache", Asked(("probe", "disentanglement", "reconstruction_pca"))))
    assert panel.factors.scores["mig"].text() == f"<b>{said['mig'].value:.2f}</b>" == "<b>1.00</b>"
    assert panel.factors.scores["sap"].text() == f"<b>{said['sap'].value:.2f}</b>"
    words = panel.knows.summary.text()
    assert (
        f"code {100 * said['probe_accuracy'].value:.1f}" in words
        and f"pixels {said['probe_r2_pixels'].value:.2f}" in words
    )
    assert f"{said['mse_to_pca'].value:.2f} times" in panel.few.verdicts[1].text()
    assert "Measured at step 10" in panel.status.label.text() and not panel.status.offer.isVisible()


def test_labels_are_sorted_by_any_column_and_tell_their_dimension(panel: object, qtbot: QtBot) -> None:
    table = panel.knows.table
    names = [f"{label.name}, R²" if label.kind == "number" else label.name for label in planted.LABELS]
    assert panel.knows.sorting.currentText() == "Code, beyond guessing"
    told, chance = panel.knows.knowledge.told[0, :, 0], panel.knows.knowledge.chance
    beyond = ((told - chance) / (1 - chance))[[names.index(name) for name in table.names()]]
    assert (np.diff(beyond) <= 1e-12).all()
    panel.knows.sorting.setCurrentIndex(0)
    assert table.names() == sorted(names)
    header = table.header()
    middle = header.sectionViewportPosition(1) + header.sectionSize(1) // 2
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(middle, header.height() // 2))
    assert panel.knows.sorting.currentText() == "Code" and table.sortColumn() == 1
    panel.knows.sorting.setCurrentIndex(0)
    table.setCurrentItem(table.topLevelItem(0))
    table.setFocus()
    for name in sorted(names):
        assert f"“{name}”" in panel.knows.heading.text()
        expected = planted.AT[names.index(name)]
        assert panel.knows.dimensions.names()[0] == f"z{'₀₁₂₃₄'[expected]}"
        qtbot.keyClick(table, Qt.Key.Key_Down)
    assert "guessing reaches 0.250" in table.findItems(names[0], Qt.MatchFlag.MatchExactly)[0].toolTip(1)


def test_a_cell_opens_the_traversal_and_leads_to_the_slider(panel: object, desk: Desk, qtbot: QtBot) -> None:
    panel.tabs.setCurrentIndex(1)
    page, matrix = panel.factors, panel.factors.matrix
    assert matrix.rows == tuple(label.name for label in planted.LABELS) and len(matrix.columns) == 5
    page.order.setCurrentIndex(page.order.findData("set"))
    row, dim = 2, planted.AT[2]
    qtbot.wait(50)  # until it is laid out
    qtbot.mouseMove(matrix, matrix.cell(row, dim).center().toPoint())
    assert page.told.text() == "z₀ tells 1.00 of the entropy of “height”."
    assert not page.traversal.isVisible()
    qtbot.mouseClick(matrix, LEFT, pos=matrix.cell(row, dim).center().toPoint())
    slider = page.traversal.column.sliders[0]
    qtbot.waitUntil(lambda: slider._strip.exposed, timeout=5_000)
    assert slider.label == "z₀" and page.traversal.isVisible() and matrix.chosen == dim
    # its pictures are of that dimension alone: only the column that it draws changes
    film = np.array([[slider._strip._film.pixelColor(x, y).red() for x in range(5)] for y in range(0, 35, 5)])
    assert np.ptp(film, axis=0)[2] > 100 and (np.delete(np.ptp(film, axis=0), 2) == 0).all()
    # the slider moves the code that all panels share, one step back
    before = panel.session.code.z.copy()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert panel.session.code.z[dim] != before[dim] and panel.session.code.history.undoText() == "Move z₀"
    qtbot.keyClick(matrix, Qt.Key.Key_Down)
    qtbot.keyClick(matrix, Qt.Key.Key_Right)
    qtbot.keyClick(matrix, Qt.Key.Key_Return)
    chosen = matrix.chosen
    assert page.traversal.column.axes.names == (f"z{'₀₁₂₃₄'[chosen]}",) and chosen == 1
    page.traversal.send_action.trigger()
    latent = desk.panel("latent")
    assert desk.window.tabs.currentWidget() is latent and latent.right.shown() == "dimensions"
    qtbot.waitUntil(lambda: latent.sliders[chosen].hasFocus() and latent.sliders[chosen].isVisible())


def test_the_cells_and_their_order_are_the_persons(panel: object) -> None:
    page = panel.factors
    page.order.setCurrentIndex(page.order.findData("information"))
    assert page.matrix.order[-1] == 3  # it is dead
    page.measure.setCurrentIndex(page.measure.findData("importance"))
    assert page.matrix._shares.sum(1) == pytest.approx(1, abs=1e-3) and "forest" in page.matrix.says(0, 0)
    for name, label in page.scores.items():
        assert label.toolTip() and ("section" in label.toolTip() or "equation" in label.toolTip()), name


def test_few_labels_are_read_point_by_point(panel: object, qtbot: QtBot) -> None:
    panel.tabs.setCurrentIndex(2)
    chart = panel.few.by_labels
    assert [curve.name for curve in chart._curves] == ["Code", "PCA", "Pixels"]
    assert chart._curves[0].x.tolist() == [10, 100, 1000]
    qtbot.mouseMove(chart, chart.point(100, chart._curves[0].y[1]).toPoint())
    assert chart.at == 100 and chart.reading()[0] == "Code 1.00 ± 0.00"
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.at == 10 and "At 10 labelled images: Code 0." in chart.accessibleDescription()
    assert panel.few.by_components._curves[1].x.tolist() == [5]
    panel.grab()


def test_a_newer_checkpoint_is_offered_and_not_measured_by_itself(panel: object, run: Run, qtbot: QtBot) -> None:
    started = []
    panel.measuring.told.connect(lambda *told: started.append(told))
    planted.save_planted(run, 20)
    panel.session.refresh()
    assert panel.session.checkpoint.step == 20
    qtbot.wait(100)
    assert not started and panel.knows.shows and panel.status.offer.text() == "Update to step 20"
    qtbot.mouseClick(panel.status.offer, LEFT)
    assert panel.status.cancel.isVisible()
    qtbot.waitUntil(lambda: panel.measuring.complete, timeout=60_000)
    assert "step 20" in panel.status.label.text() and not panel.status.offer.isVisible() and started


def test_cancel_keeps_what_came_and_going_on_measures_the_rest(
    desk: Desk, run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(measuring.Represent):
        def answer(self, model: object) -> Iterator[object]:
            for _ in range(10_000):
                yield Progress("Probing", 1, 10)

    monkeypatch.setattr(measuring, "Represent", Slow)
    desk.session.open_run(run)
    panel = desk.panel("representation")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.status.label.text() == "Probing …", timeout=5_000)
    qtbot.mouseClick(panel.status.cancel, LEFT)
    assert not panel.measuring.running and panel.status.offer.text() == "Go on"
    monkeypatch.undo()
    qtbot.mouseClick(panel.status.offer, LEFT)
    qtbot.waitUntil(lambda: panel.measuring.complete, timeout=60_000)
    assert panel.knows.shows and panel.factors.shows and panel.few.shows


def test_without_labels_it_says_what_to_do(desk: Desk, home: Path, qtbot: QtBot) -> None:
    panel = open_panel(desk, planted.planted_run(home, labelled=False), qtbot)
    for page in (panel.knows, panel.factors):
        assert not page.shows and "attributes.csv" in page.empty.text() and "folder of its own" in page.empty.text()
    assert panel.few.shows  # redrawing needs no label
    panel.session.close_run()
    assert "Open a run" in panel.knows.empty.text() and isinstance(panel.few.empty, QLabel)
    assert not panel.few.shows and not panel.status.offer.isVisible()
