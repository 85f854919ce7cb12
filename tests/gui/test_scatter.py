"""Points on a plane, by mouse, wheel and keys; what is on the screen is what was asked for."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from genexplorer.gui.scatter import Scatter, inside
from genexplorer.gui.splat import scaled, splat
from genexplorer.gui.view import View

RED, BLUE = 0xFFFF0000, 0xFF0000FF
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scatter(qtbot: QtBot) -> Scatter:
    made = Scatter("nothing")
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.set_points(np.array([[0, 0], [1, 0], [0, 1]], np.float32), np.array([RED, BLUE, BLUE], np.uint32))
    made.fit()
    qtbot.wait(200)
    return made


def at(scatter: Scatter, point: int) -> QPoint:
    return scatter.view.point(*map(float, scatter.xy()[point])).toPoint()


def drag(qtbot: QtBot, scatter: Scatter, points: list[QPoint], button: Qt.MouseButton = LEFT) -> None:
    qtbot.mousePress(scatter, button, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(scatter, point)
    qtbot.mouseRelease(scatter, button, pos=points[-1])


def test_the_screen_and_the_plane_map_to_each_other() -> None:
    view = View(2.0, -1.0, 37.0, 640, 480)
    points = np.array([[0, 0], [640, 480], [123, 45]], np.float64)
    np.testing.assert_allclose(view.to_screen(view.to_plane(points)), points, atol=1e-3)
    about = QPointF(100, 50)
    assert view.zoomed(3.0, about).place(about) == pytest.approx(view.place(about))
    assert view.point(2.0, 0.0).y() < view.point(2.0, -1.0).y()  # y points up


def test_a_dot_is_a_disc_of_its_colour_where_it_belongs() -> None:
    xy = np.array([[20.4, 10.6], [-2.0, 5.0], [500.0, 5.0]])
    dots = splat(xy, np.array([RED, BLUE, BLUE], np.uint32), QSize(40, 30), 3.0)
    margin = dots.margin
    assert dots.image.pixelColor(20 + margin, 10 + margin) == QColor("red")
    covered = (dots.memory >> 24)[:, margin + 10 :] / 255
    assert covered.sum() == pytest.approx(np.pi * 3**2, rel=0.05)
    edge = dots.memory[10 + margin, 23 + margin]
    assert 0 < edge >> 24 < 256 and edge & 0xFFFF == 0  # smooth, and still red


def test_dots_on_the_rim_are_cut_not_moved() -> None:
    corners = np.array([[0, 0], [39, 29], [0, 29], [39, 0], [-12, -12], [52, 42]], np.float32)
    for radius in (1.5, 3.0, 10.0):
        dots = splat(corners, np.full(6, RED, np.uint32), QSize(40, 30), radius, BLUE)
        margin = dots.margin
        for x, y in corners[:4].astype(int):
            assert dots.image.pixelColor(int(x) + margin, int(y) + margin) == QColor("red")


def test_a_halo_is_behind_every_dot_and_only_of_those_in_front() -> None:
    xy, front = np.array([[10.0, 10], [14, 10], [30, 10]]), np.array([True, True, False])
    dots = splat(xy, np.full(3, RED, np.uint32), QSize(40, 20), 3.0, BLUE, front)
    row = [dots.image.pixelColor(x + dots.margin, 10 + dots.margin) for x in range(40)]
    assert row[10] == row[12] == row[14] == QColor("red") and row[6].blue() > 200
    assert 0 < row[30].alpha() < 64 and row[26].alpha() == 0


def test_later_dots_hide_earlier_ones_whole_and_front_hides_all() -> None:
    xy, colors = np.array([[10.0, 10], [13, 11]]), np.array([RED, BLUE], np.uint32)
    for front, top in ((None, 1), (np.array([True, False]), 0), (np.array([False, True]), 1)):
        dots = splat(xy, colors, QSize(30, 20), 4.0, front=front)
        x, y = xy[top].astype(int) + dots.margin
        disc = [(dx, dy) for dx in range(-4, 5) for dy in range(-4, 5) if np.hypot(dx, dy) <= 3.4]
        assert all(dots.memory[y + dy, x + dx] == colors[top] for dx, dy in disc)


def test_fading_scales_all_four_channels() -> None:
    half = int(scaled(np.array([0xFF804020], np.uint32), np.uint32(128))[0])
    assert [half >> shift & 255 for shift in (24, 16, 8, 0)] == [127, 64, 32, 16]


def test_points_are_drawn_where_the_view_says(scatter: Scatter) -> None:
    image = scatter.grab().toImage()
    for point, color in enumerate(("red", "blue", "blue")):
        assert image.pixelColor(at(scatter, point)) == QColor(color)


def test_drag_pans_wheel_zooms_and_fit_goes_back(scatter: Scatter, qtbot: QtBot) -> None:
    before = at(scatter, 0)
    drag(qtbot, scatter, [QPoint(200, 150), QPoint(220, 150), QPoint(250, 170)])
    assert at(scatter, 0) == before + QPoint(50, 20)
    scale = scatter.view.scale
    qtbot.keyClick(scatter, Qt.Key.Key_Plus)
    assert scatter.view.scale == pytest.approx(1.25 * scale)
    with qtbot.waitSignal(scatter.settled):
        qtbot.keyClick(scatter, Qt.Key.Key_Left)
    scatter.fit()
    assert at(scatter, 0) == before and scatter.fitted


def test_pointing_and_clicking_find_the_point(scatter: Scatter, qtbot: QtBot) -> None:
    seen: list[int] = []
    scatter.pointed.connect(seen.append)
    qtbot.mouseMove(scatter, at(scatter, 1) + QPoint(3, 2))
    qtbot.mouseMove(scatter, QPoint(399, 2))
    assert seen == [1, -1]
    qtbot.mouseMove(scatter, at(scatter, 1))
    scatter.zoom(2.0)  # what was pointed at is elsewhere now
    assert seen == [1, -1, 1, -1]
    scatter.zoom(0.5)
    with qtbot.waitSignal(scatter.clicked) as told:
        qtbot.mouseClick(scatter, LEFT, pos=at(scatter, 2))
    assert told.args[0] == 2
    with qtbot.waitSignal(scatter.clicked) as told:
        qtbot.mouseClick(scatter, LEFT, pos=QPoint(200, 20))
    assert told.args[0] == -1 and told.args[1:] == pytest.approx(scatter.view.place(QPointF(200, 20)))


def test_a_path_and_a_lasso_are_told_on_the_plane(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_mode("path")
    with qtbot.waitSignal(scatter.drawn) as told:
        drag(qtbot, scatter, [at(scatter, 0), QPoint(210, 140), at(scatter, 1)])
    np.testing.assert_allclose(told.args[0][[0, -1]], [[0, 0], [1, 0]], atol=0.01)
    scatter.set_mode("lasso")
    ring = [at(scatter, 0) + QPoint(dx, dy) for dx, dy in ((-15, -15), (15, -15), (15, 15), (-15, 15))]
    with qtbot.waitSignal(scatter.lassoed) as told:
        drag(qtbot, scatter, ring)
    assert told.args[0].tolist() == [0]


def test_keys_alone_draw_a_path_and_select(scatter: Scatter, qtbot: QtBot) -> None:
    scatter.set_mode("path")
    with qtbot.waitSignal(scatter.drawn) as told:
        qtbot.keyClick(scatter, Qt.Key.Key_Return)
        qtbot.keyClick(scatter, Qt.Key.Key_Right)
        qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert len(told.args[0]) == 2 and told.args[0][1, 0] > told.args[0][0, 0]
    scatter.set_mode("lasso")
    with qtbot.waitSignal(scatter.lassoed) as told:
        qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert told.args[0].tolist() == [0, 1, 2]


def test_inside_a_concave_ring() -> None:
    ring = np.array([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], np.float64)
    points = np.array([[1, 1], [2, 3], [3, 1.5], [5, 1], [2, 0.5]])
    assert inside(points, ring).tolist() == [0, 2, 4]
