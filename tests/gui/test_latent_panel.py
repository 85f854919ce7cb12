"""The latent panel, used as a person uses it: strips, groups of sliders, a photo refined, codes copied."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desks import trained
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from genexplorer.app import Desk
from genexplorer.core.events import Progress
from genexplorer.engine.axes import unit_axes
from genexplorer.engine.measuring import Measured
from genexplorer.engine.naming import Named
from genexplorer.engine.naming import told as named_and_told

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def desk(open_desk: Callable[[], Desk], home: Path, qtbot: QtBot) -> Desk:
    made = open_desk()
    trained(made, home, qtbot)
    return made


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "a photo.png"
    Image.fromarray(np.tile(np.linspace(0, 255, 40, dtype=np.uint8), (30, 1))).save(file)
    return file


def panel_of(desk: Desk) -> Any:
    return desk.panel("latent")


def first(panel: Any) -> Any:
    return min((each for each in panel.sliders if each.isVisible()), key=lambda each: each.y())


def exposed(panel: Any, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not panel.column.stale()[0] and first(panel)._strip.exposed, timeout=10_000)


def test_a_film_strip_shows_what_a_slider_will_do_and_a_picture_of_it_is_gone_to(desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    exposed(panel, qtbot)
    slider = first(panel)
    last = slider._strip.cells(slider.strip_rect(), 1.0)[-1].center().toPoint()
    qtbot.mouseClick(slider, LEFT, pos=last)
    axis = panel.sliders.index(slider)
    assert slider.value() == pytest.approx(panel.column.axes.high[axis], abs=1e-4)
    assert panel.code.history.count() == 1
    exposed(panel, qtbot)
    film, ratio = slider._strip._film, panel.image.image().height()
    shown = film.copy(0, 6 * ratio, ratio, ratio)
    qtbot.waitUntil(lambda: panel.image.image() == shown, timeout=5_000)  # the strip told the truth


def test_strips_that_come_late_are_not_taken_for_another_groups(desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    exposed(panel, qtbot)
    asked = panel.strips._asked
    pictures = np.zeros((7, 1, 8, 8), np.uint8)
    panel.column.show_axes(panel.column.axes.only(0))
    panel.strips.take(asked, [(len(panel.code.z) - 1, pictures)])  # of a slider that is not there any more
    panel.strips.take(asked, [(0, pictures)])
    assert not panel.column.sliders[0]._strip.exposed


def test_no_strips_are_made_where_none_are_wanted(desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    tall = first(panel).sizeHint().height()
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_F)
    assert not panel.strips_action.isChecked() and first(panel).sizeHint().height() < tall / 2
    assert panel.column.stale()[0] == []
    assert desk.window.settings.value("film_strips", type=bool) is False


def test_principal_sliders_move_all_numbers_at_once_and_what_is_locked_stays(desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    qtbot.waitUntil(lambda: bool(panel.code.z.all()), timeout=10_000)  # it begins at a real image
    panel.sliders[2].set_locked(True)
    before = panel.code.z.copy()
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: "%" in panel.sliders[0].detail, timeout=10_000)
    slider = first(panel)
    assert slider.label == "PC 1"
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    moved = np.abs(panel.code.z - before) > 1e-5
    assert moved.tolist() == [True, True, False, True, True, True]
    assert slider.value() == pytest.approx(3, abs=1e-3) and panel.code.history.undoText() == "Move PC 1"
    assert panel.right.unlock.isVisible() and "1" in panel.right.unlock.text()
    qtbot.mouseClick(panel.right.unlock, LEFT)
    assert not len(panel.code.held) and not panel.right.unlock.isVisible()
    qtbot.keyClick(slider, Qt.Key.Key_1)
    assert not panel.sliders[2].is_locked()


def test_a_search_leaves_what_has_the_words_in_its_name(desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(panel.right.search, "Z3")
    assert [each.label for each in panel.sliders if each.isVisible()] == ["z₃"]
    qtbot.keyClicks(panel.right.search, "x")
    assert not any(each.isVisible() for each in panel.sliders) and "No slider" in panel.column.nothing.text()


def test_a_photo_is_refined_in_one_step_and_its_error_falls(desk: Desk, photo: Path, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    panel.encode_file(photo)
    qtbot.waitUntil(lambda: panel.left.pictures.error() is not None and panel.code.history.count() == 1, timeout=5_000)
    qtbot.wait(200)
    before = panel.left.pictures.error()
    panel.photo.refine_action.trigger()
    assert panel.photo.refine_action.text() == "Cancel"
    qtbot.waitUntil(lambda: not panel.refinement.going, timeout=30_000)
    assert panel.left.pictures.error() < before
    assert [panel.code.history.text(n) for n in range(2)] == ["Encode a photo.png", "Refine"]
    assert "→" in panel.photo._told.text() and panel.photo.refine_action.text() == "Refine"
    panel.code.history.undo()
    qtbot.waitUntil(lambda: panel.left.pictures.error() == pytest.approx(before), timeout=5_000)


def test_a_slider_ends_the_search_and_so_does_cancel(desk: Desk, photo: Path, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    panel.encode_file(photo)
    qtbot.waitUntil(lambda: panel.photo.refine_action.isEnabled(), timeout=5_000)
    panel.refinement.begin()
    qtbot.waitUntil(lambda: panel.code.z is not None and panel.photo._bar.value() > 0, timeout=10_000)
    first(panel).setFocus()
    qtbot.keyClick(first(panel), Qt.Key.Key_Home)
    assert not panel.refinement.going and panel.code.history.undoText().startswith("Move")
    moved = panel.code.z.copy()
    qtbot.wait(200)
    assert np.array_equal(panel.code.z, moved)
    panel.refinement.begin()
    panel.photo.refine_action.trigger()
    assert not panel.refinement.going and not panel.photo._bar.isVisible()


def test_original_and_edited_are_compared(desk: Desk, photo: Path, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    assert not panel.photo.modes.button(1).isEnabled()
    panel.encode_file(photo)
    qtbot.waitUntil(lambda: panel.photo.modes.button(1).isEnabled(), timeout=5_000)
    qtbot.mouseClick(panel.photo.modes.button(1), LEFT)
    pictures = panel.left.pictures
    assert pictures.before.isVisible() and pictures.after.isVisible() and pictures.difference.isVisible()
    pictures.after.lens.zoom_by(4, pictures.after.lens.middle)
    assert pictures.before.target().width() == pytest.approx(pictures.after.target().width(), rel=0.1)
    pictures.after.setFocus()
    qtbot.keyClick(pictures.after, Qt.Key.Key_B)
    assert pictures.before.isVisible() and not pictures.after.isVisible()
    qtbot.keyClick(pictures.before, Qt.Key.Key_B)
    assert pictures.after.isVisible() and not pictures.before.isVisible()
    qtbot.mousePress(pictures.after, LEFT, pos=QPoint(20, 20))
    assert pictures.before.isVisible()
    qtbot.mouseRelease(pictures.after, LEFT, pos=QPoint(20, 20))
    assert pictures.after.isVisible()


def test_a_code_is_copied_and_pasted_and_what_is_none_is_told(desk: Desk, qtbot: QtBot) -> None:
    panel, clipboard = panel_of(desk), QGuiApplication.clipboard()
    panel.randomise()
    z = panel.code.z.copy()
    qtbot.waitUntil(lambda: np.array_equal(panel._drawn[0], z), timeout=5_000)
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.mimeData().hasImage() and desk.session.checkpoint.digest in clipboard.text()
    panel.reset()
    qtbot.keyClick(panel.image, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert panel.code.z == pytest.approx(z, abs=1e-5)
    clipboard.setText("1, 2.5; −3 4 5 6e-1")
    panel.paste()
    assert panel.code.z == pytest.approx([1, 2.5, -3, 4, 5, 0.6])
    for text, sentence in (("1 2 3", "have 6"), ("hello", "no code"), ("[1, 2, NaN, 4, 5, 6]", "finite")):
        clipboard.setText(text)
        with qtbot.waitSignal(desk.session.failed) as told:
            panel.paste()
        assert sentence in told.args[0]


def test_what_is_seen_is_kept(desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(desk)
    panel.randomise()
    qtbot.waitUntil(lambda: np.array_equal(panel._drawn[0], panel.code.z), timeout=5_000)
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    (kept,) = desk.session.bookmarks.all()
    assert np.array_equal(kept.z, panel.code.z)


def named(effect: np.ndarray | None) -> Named:
    axes = unit_axes(6)
    measured = None if effect is None else Measured(effect, np.abs(effect), np.zeros(6))
    skill, kept = np.array([1, 1, 0.05, 1, 1, 1]), np.linspace(1, 0.5, 6)
    return named_and_told(Named(axes, np.array([0, 1, 2, 3, 3, 3]), ("svm",) * 6, measured, skill, kept))


def test_sliders_are_named_in_the_window_and_the_matrix_leads_to_them(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = np.eye(6, dtype=np.float32)
    effect[1, 4] = -0.5

    asked: list[tuple[object, object]] = []

    def work(checkpoint: object, cache: object, method: object, hold_fixed: object) -> Any:
        asked.append((method, hold_fixed))
        yield Progress("Encoding", 1, 2)
        yield named(None)
        yield named(effect)

    monkeypatch.setattr("genexplorer.gui.named_bar.name_directions", work)
    panel = panel_of(desk)
    panel.image.setFocus()
    qtbot.keyClick(panel.image, Qt.Key.Key_3)
    assert "Name sliders" in panel.column.nothing.text()
    qtbot.mouseClick(panel.right.named.fit_button, LEFT)
    qtbot.waitUntil(lambda: panel.right.named.effects_button.isEnabled() and not panel.right.named.busy, timeout=5_000)
    assert not panel.column.nothing.isVisible() and first(panel).label == "z₀"
    assert asked == [(None, True)]
    _, _, logistic, _, _, fixed = panel.right.named.how.actions()
    logistic.trigger()
    fixed.trigger()
    qtbot.mouseClick(panel.right.named.fit_button, LEFT)
    qtbot.waitUntil(lambda: not panel.right.named.busy, timeout=5_000)
    assert asked[-1] == ("logistic", False)
    qtbot.mouseClick(panel.right.named.effects_button, LEFT)
    matrix, told = panel.right.named.effects.matrix, []
    matrix.told.connect(told.append)
    assert panel.right.named.effects.isVisible()
    here, none = QPointF(matrix.cell(1, 4).center()), Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, here, here, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(matrix, move)
    assert told[-1] == "One step of “z₁” changes “z₄” by −0.50 σ (leakage)."
    qtbot.keyClick(matrix, Qt.Key.Key_Down)
    assert "“z₂” changes “z₄”" in told[-1]
    for _ in range(2):
        qtbot.keyClick(matrix, Qt.Key.Key_Left)
    words = "One step of “z₂” changes it by +1.00 σ and keeps 80% of identity. The judge sees only 5% of “z₂”."
    assert told[-1] == words
    assert "keeps 80% of identity" in panel.sliders[2].toolTip()  # the same number beside the slider
    qtbot.mouseClick(matrix, LEFT, pos=matrix.cell(5, 4).center().toPoint())
    assert panel.sliders[5].isVisible() and panel.right.choice.choice() == 2
    panel.right.named.effects.close()


def test_a_naming_that_fails_is_a_sentence(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(*_: object) -> Any:
        yield Progress("Encoding", 1, 2)
        raise MemoryError

    monkeypatch.setattr("genexplorer.gui.named_bar.name_directions", work)
    with qtbot.waitSignal(desk.session.failed, timeout=5_000) as told:
        panel_of(desk).right.named.fit()
    assert "memory" in told.args[0] and not panel_of(desk).right.named.busy
