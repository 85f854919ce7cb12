"""The map panel as a person uses it, on a real run."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from desks import make_run, trained
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS
from genexplorer.core.events import Progress
from genexplorer.engine.laid import Bent, Flat
from genexplorer.engine.train import train
from genexplorer.gui import theme
from genexplorer.gui.legend import Legend
from genexplorer.gui.panels.map import MapPanel
from genexplorer.gui.tints import by_class, by_number

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> MapPanel:
    """All 1,500 digits on the map."""
    desk = open_desk()
    trained(desk, home, qtbot)
    found = desk.panel("map")
    assert isinstance(found, MapPanel)
    assert found.chart is None  # nothing is worked out that nobody looks at
    desk.window.tabs.setCurrentWidget(found)
    qtbot.waitUntil(lambda: found.chart is not None and found.chart.judged == 1500, timeout=30_000)
    qtbot.waitUntil(lambda: not found.charting.running and len(found.canvas.xy()) == 1500, timeout=10_000)
    qtbot.waitUntil(lambda: found._ground is None and found.canvas.lattice._top is not None, timeout=20_000)
    return found


def spot(panel: MapPanel, image: int) -> QPoint:
    return panel.canvas.view.point(*map(float, panel.canvas.xy()[image])).toPoint()


def lonely(panel: MapPanel) -> int:
    """An image that no other lies near, clear of the cards in the corners."""
    xy = panel.canvas.xy()
    far = np.linalg.norm(xy[:, None] - xy[None], axis=-1) + np.diag(np.full(len(xy), np.inf))
    points = panel.canvas.view.to_screen(xy)
    clear = (points[:, 1] > 60) & (points[:, 0] > 120) & (points < (panel.canvas.width(), panel.canvas.height())).all(1)
    return int(np.where(clear, far.min(1), 0).argmax())


def drag(qtbot: QtBot, panel: MapPanel, points: list[QPoint]) -> None:
    qtbot.mousePress(panel.canvas, LEFT, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(panel.canvas, point)
    qtbot.mouseRelease(panel.canvas, LEFT, pos=points[-1])


def test_images_come_onto_the_map_with_their_labels(panel: MapPanel) -> None:
    assert panel.status.label.text() == "1,500 training images" and panel.status.offer.isHidden()
    assert panel.controls.color_choice.currentText() == "digit"
    assert [name for name, _ in panel.canvas.legend.entries()] == list("0123456789")
    assert panel.canvas.names[0].startswith("PC 1")


def test_pointing_shows_the_image_and_a_click_takes_its_code(panel: MapPanel, qtbot: QtBot) -> None:
    image = lonely(panel)
    qtbot.mouseMove(panel.canvas, spot(panel, image))
    qtbot.waitUntil(panel.canvas.card.isVisible, timeout=5_000)
    assert panel.chart is not None
    digit = int(panel.chart.labels[image, 0])
    assert panel.canvas.card.text().startswith(f"digit: {digit}\n−ELBO")
    shown = panel.canvas.card.image.image()
    assert shown is not None
    picture = panel.chart.pictures.take(np.array([image]))[0, 0]
    assert [[shown.pixelColor(x, y).red() for x in range(8)] for y in range(8)] == picture.tolist()
    code = panel.session.code
    before = code.z.copy()
    qtbot.mouseClick(panel.canvas, LEFT, pos=spot(panel, image))
    np.testing.assert_allclose(code.z, panel.chart.codes[image])
    assert panel.canvas.marker() == pytest.approx(tuple(map(float, panel.canvas.xy()[image])), abs=1e-5)
    code.history.undo()
    assert np.array_equal(code.z, before)


def test_a_click_beside_all_points_takes_the_code_of_the_place(panel: MapPanel, qtbot: QtBot) -> None:
    canvas = panel.canvas
    corner = QPoint(canvas.width() - 4, canvas.height() - 4)
    qtbot.mouseClick(canvas, LEFT, pos=corner)
    assert panel.session.code.z.any() and isinstance(panel.laid, Flat)
    assert canvas.marker() == pytest.approx(canvas.view.place(corner.toPointF()), abs=1e-4)


def test_dimensions_are_chosen_by_number_and_the_ground_follows(panel: MapPanel, qtbot: QtBot) -> None:
    panel.controls.layout_choice.setCurrentIndex(1)
    qtbot.waitUntil(lambda: panel.canvas.names[0].startswith("z"), timeout=5_000)
    across, up = panel.controls.dims
    assert across.isVisible() and across.value() != up.value()
    across.setValue(0)
    up.setValue(3)
    qtbot.waitUntil(lambda: panel.canvas.names == ("z0", "z3"), timeout=5_000)
    assert panel.chart is not None
    np.testing.assert_allclose(panel.canvas.xy(), panel.chart.codes[:, [0, 3]], atol=1e-5)
    qtbot.waitUntil(lambda: panel._ground is None and panel.canvas.lattice._top is not None, timeout=20_000)
    panel.canvas.tools.ground.click()
    assert panel.canvas.lattice._top is None


def test_colours_of_loss_and_of_one_class(panel: MapPanel, qtbot: QtBot) -> None:
    legend = panel.canvas.legend
    legend.button(3).click()
    front = panel.canvas._front
    assert front is not None and panel.chart is not None
    assert np.array_equal(front, panel.chart.labels[:, 0] == 3)
    legend.button(3).click()
    assert panel.canvas._front is None
    panel.controls.color_choice.setCurrentText("−ELBO")
    assert not legend.entries() and len(np.unique(panel.canvas._colors)) > 50


def test_a_path_is_drawn_played_and_sent(panel: MapPanel, qtbot: QtBot) -> None:
    panel.canvas.setFocus()
    qtbot.keyClick(panel.canvas, Qt.Key.Key_2)
    assert panel.canvas.mode == "path"
    drag(qtbot, panel, [QPoint(150, 200), QPoint(250, 220), QPoint(300, 300)])
    player = panel.drawings.path.player
    qtbot.waitUntil(lambda: panel.drawings.path.isVisible() and len(player.frames()) == 96, timeout=10_000)
    assert not np.array_equal(player.frames()[0], player.frames()[-1])
    player.play()
    qtbot.waitUntil(lambda: player.index() > 3, timeout=5_000)
    assert panel.canvas.traveller.isVisible()
    player.pause()
    player.show_frame(95)
    panel.drawings.path.sent.emit(player.index())
    assert panel.canvas.marker() == pytest.approx(tuple(panel.drawings.walk[-1]), abs=1e-4)
    qtbot.keyClick(panel.canvas, Qt.Key.Key_Escape)
    assert panel.drawings.path.isHidden() and panel.canvas.traveller.isHidden()


def test_a_lasso_selects_and_exports(
    panel: MapPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.canvas.setFocus()
    qtbot.keyClick(panel.canvas, Qt.Key.Key_3)
    w, h = panel.canvas.width(), panel.canvas.height()
    drag(qtbot, panel, [QPoint(w // 3, h // 3), QPoint(w // 3, h - 60), QPoint(w - 60, h - 60), QPoint(w - 60, h // 3)])
    count = len(panel.drawings.selection.places)
    assert count and panel.drawings.selection.label.text() == f"{count:,} images selected"
    qtbot.waitUntil(lambda: len(panel.drawings.selection.grid.cells()) == min(24, count), timeout=5_000)
    file = tmp_path / "some.npz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), "NumPy arrays (*.npz)"))
    with qtbot.waitSignal(panel.session.told, timeout=10_000) as told:
        panel.drawings.selection.export.click()
    assert "some.npz" in told.args[0] and panel.chart is not None
    written = np.load(file)
    assert np.array_equal(written["z"], panel.chart.codes[panel.drawings.selection.places])
    assert np.array_equal(written["index"], panel.chart.pictures.rows[panel.drawings.selection.places])


def test_tsne_is_made_in_the_background_and_can_be_left(panel: MapPanel, qtbot: QtBot) -> None:
    panel.controls.layout_choice.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "t-SNE" in panel.status.label.text(), timeout=10_000)
    assert panel.status.cancel.isVisible() and len(panel.canvas.xy()) == 1500  # the old map stays meanwhile
    panel.status.cancel.click()
    assert not panel.tsne.running and panel.controls.kind == "pca"
    assert panel.chart is not None
    bent = Bent(panel.chart.codes[:200, :2].copy(), panel.chart.codes[:200])
    panel.tsne.layout = bent
    panel.controls.layout_choice.setCurrentIndex(2)
    assert panel.laid is bent and not panel.canvas.tools.ground.isEnabled()
    assert panel.status.label.text() == "200 of 1,500 training images" and panel.canvas.lattice._top is None
    before = panel.session.code.z
    qtbot.mouseClick(panel.canvas, LEFT, pos=QPoint(panel.canvas.width() - 4, panel.canvas.height() - 4))
    assert panel.session.code.z is before


def test_without_the_data_set_the_examples_are_shown_and_loading_is_offered(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(home, "ready")
    list(train(run))
    recipe = DATASETS["digits"]
    load = recipe.load

    def slow(self: object, cache: Path) -> object:
        yield Progress("Downloading digits", 0, 100)
        return (yield from load(self, cache))  # type: ignore[arg-type]

    monkeypatch.setattr("genexplorer.engine.at_hand._kept", OrderedDict())
    monkeypatch.setattr(recipe, "load", slow)
    desk = open_desk()
    desk.session.open_run(run)
    panel = desk.panel("map")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: "examples" in panel.status.label.text(), timeout=20_000)
    assert panel.status.offer.text() == "Load all images"
    panel.status.offer.click()
    qtbot.waitUntil(lambda: panel.status.label.text() == "1,500 training images", timeout=30_000)
    desk.session.close_run()
    assert panel.chart is None and "Library" in panel.canvas.empty and not len(panel.canvas.xy())


def test_a_later_checkpoint_of_the_run_keeps_the_map_until_it_is_asked_for(panel: MapPanel, qtbot: QtBot) -> None:
    session, before = panel.session, panel.chart
    assert session.run is not None and before is not None
    early, late = session.run.checkpoints()
    panel.charting.kept.of = Checkpoint.open(early)  # as if it had been charted then
    session.open_checkpoint(Checkpoint.open(late))
    assert panel.chart is before and panel.status.offer.text() == "Update to step 80"
    assert panel.status.label.text() == "1,500 training images, at step 40"
    panel.status.offer.click()
    qtbot.waitUntil(lambda: panel.chart is not before and panel.chart is not None, timeout=10_000)
    qtbot.waitUntil(lambda: panel.status.label.text() == "1,500 training images", timeout=30_000)
    assert panel.status.offer.isHidden()


def test_a_checkpoint_without_any_images_says_what_to_do(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(home, "ready")
    list(train(run))
    run.examples_path.unlink()
    monkeypatch.setattr("genexplorer.engine.atlas.at_hand", lambda *_: None)
    monkeypatch.setattr("genexplorer.engine.atlas.test_images", lambda *_: None)
    desk = open_desk()
    panel = desk.panel("map")
    desk.window.tabs.setCurrentWidget(panel)
    desk.session.open_run(run)
    qtbot.waitUntil(lambda: panel.status.offer.text() == "Load the images", timeout=20_000)
    assert "load its data set" in panel._banner._label.text() and not panel.status.bar.isVisible()


def test_many_and_long_names_stay_readable(qtbot: QtBot) -> None:
    names = [f"class & number {n} with a name that is far too long for a legend" for n in range(100)]
    tints = by_class("kind", np.arange(100.0), names)
    assert len({color for _, color in tints.names}) == 20 and tints.title == "kind, 20 of 100"
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_tints(tints)
    assert legend.sizeHint().width() < 480 and "&&" in legend.button(3).text()
    assert legend.button(3).toolTip().count(names[3]) == 1


def test_what_is_not_known_has_the_colour_of_nothing(dressed: None) -> None:
    values = np.array([0.0, np.nan, 5.0, 10.0])
    nothing = QColor(theme.colors().line).rgba()
    number = by_number("loss", values, 0.0, 10.0)
    assert [color == nothing for color in number.colors] == [False, True, False, False]
    assert number.colors[0] == QColor(number.ramp[0]).rgba() and number.colors[3] == QColor(number.ramp[-1]).rgba()
    kind = by_class("kind", values, ("a", "b"))
    assert kind.groups.tolist() == [0, -1, -1, -1] and kind.colors[2] == nothing


def test_nothing_is_worked_out_while_the_map_is_hidden(
    open_desk: Callable[[], Desk], home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genexplorer.engine.atlas._CHUNK", 2)
    desk = open_desk()
    trained(desk, home, qtbot)
    panel = desk.panel("map")
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.chart is not None and panel.chart.known > 10, timeout=20_000)
    desk.window.tabs.setCurrentWidget(desk.panel("latent"))
    qtbot.wait(200)
    known = panel.chart.known
    qtbot.wait(200)
    assert panel.chart.known == known < 1500 and panel.charting.running
    desk.window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.chart.known > known, timeout=5_000)
    panel.status.cancel.click()
    assert not panel.charting.running and panel.status.offer.text() == "Start over"
    assert panel.status.label.text().endswith("of 1,500 training images")
