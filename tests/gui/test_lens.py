"""Zoom and move of images: what lies under the pointer stays, and the image never leaves the view."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from pytestqt.qtbot import QtBot

from genexplorer.gui.before_after import BeforeAfter
from genexplorer.gui.images import ImageView
from genexplorer.gui.lens import Lens

FITTED = QRectF(10, 20, 100, 100)


def on_screen(lens: Lens, place: QPointF) -> QPointF:
    target = lens.target(FITTED, 1.0)
    return QPointF(target.x() + place.x() * target.width(), target.y() + place.y() * target.height())


def test_what_lies_under_the_pointer_stays() -> None:
    lens, place = Lens(), QPointF(0.3, 0.6)
    lens.zoom_by(2, place)
    before = on_screen(lens, place)
    lens.zoom_by(3, place)
    after = on_screen(lens, place)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=1)


def test_the_image_covers_its_place_however_far_it_is_moved() -> None:
    lens = Lens()
    lens.pan(QPointF(3, 3))
    assert lens.target(FITTED, 1.0) == FITTED  # nothing to move while all is seen
    lens.zoom_by(4, QPointF(0.5, 0.5))
    lens.pan(QPointF(9, -9))
    target = lens.target(FITTED, 1.0)
    assert target.right() == pytest.approx(FITTED.right(), abs=1) and target.top() == pytest.approx(20, abs=1)
    lens.fit()
    assert lens.target(FITTED, 1.0) == FITTED


def test_wheel_hand_and_keys_zoom_and_move(qtbot: QtBot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.set_image(np.zeros((3, 20, 20), np.uint8))
    view.show()
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    at = QPointF(100, 100)
    view.wheelEvent(QWheelEvent(at, at, QPoint(), QPoint(0, 480), none, keys, Qt.ScrollPhase.NoScrollPhase, False))
    assert view.lens.zoom == pytest.approx(1.25**4)
    left = view.target().left()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(130, 100))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(130, 100))
    assert view.target().left() == pytest.approx(left + 30, abs=2)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.lens.zoom == 1
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.lens.zoom == 1.25


def test_the_error_is_the_mean_squared_difference(qtbot: QtBot) -> None:
    both = BeforeAfter("")
    qtbot.addWidget(both)
    assert both.error() is None
    both.set_original(np.zeros((1, 2, 2), np.uint8))
    both.set_edited(np.array([[[255, 0], [0, 0]]], np.uint8))
    assert both.error() == pytest.approx(0.25)
