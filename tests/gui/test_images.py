from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from genexplorer.gui import theme
from genexplorer.gui.images import GridView, ImageView, crisp_scale, to_qimage

NONE, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


def drop(widget: QWidget, file: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, NONE)
    enter.ignore()
    widget.dragEnterEvent(enter)
    if enter.isAccepted():
        widget.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, LEFT, NONE))
    return enter.isAccepted()


def test_colours_keep_their_channel() -> None:
    pixels = np.zeros((3, 2, 3), np.uint8)
    pixels[:, 0, 1] = 10, 20, 30
    image = to_qimage(pixels)
    assert (image.width(), image.height(), image.format()) == (3, 2, QImage.Format.Format_RGB32)
    assert image.pixelColor(1, 0).getRgb() == (10, 20, 30, 255)


def test_grey_batches_and_views_are_stacked() -> None:
    pixels = np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 1, 4, 4)[..., ::2]
    image = to_qimage(pixels)
    assert (image.width(), image.height()) == (2, 8)
    assert image.pixelColor(1, 4).red() == 18
    assert to_qimage(pixels[0, 0]).height() == 4


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        to_qimage(np.zeros((3, 4, 4), np.float32))  # type: ignore[arg-type]


def test_whole_scales_are_preferred_when_near() -> None:
    assert crisp_scale(QSize(100, 90), 28, 28, 1.0) == 3
    assert crisp_scale(QSize(55, 55), 28, 28, 1.0) == pytest.approx(55 / 28)
    assert crisp_scale(QSize(60, 60), 28, 28, 1.5) == 3
    assert crisp_scale(QSize(14, 14), 28, 28, 1.0) == 0.5


def test_pixels_are_shown_crisp_and_in_the_middle(qtbot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(220, 200)
    pixels = np.zeros((1, 2, 2), np.uint8)
    pixels[0, 0, 0] = pixels[0, 1, 1] = 255
    view.set_image(pixels)
    view.show()
    shown = view.grab().toImage()
    assert view.target().getRect() == (10, 0, 200, 200)
    assert shown.pixelColor(109, 99) == QColor("white") and shown.pixelColor(110, 99) == QColor("black")


def test_empty_says_what_to_do(qtbot) -> None:
    view = ImageView("Drop an image here")
    qtbot.addWidget(view)
    assert not view.save_action.isEnabled()
    muted = QColor(theme.colors().muted)
    image = view.grab().toImage()
    assert any(image.pixelColor(x, y) == muted for x in range(image.width()) for y in range(image.height()))


def test_an_image_file_can_be_dropped_and_nothing_else(qtbot, tmp_path) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.dropped) as got:
        assert drop(view, tmp_path / "Face.PNG")
    assert got.args == [tmp_path / "Face.PNG"]
    with qtbot.assertNotEmitted(view.dropped):
        assert not drop(view, tmp_path / "notes.txt")


def test_copies_and_saves_at_its_own_size(qtbot, tmp_path) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 7), np.uint8)
    view.set_image(pixels)
    view.copy_action.trigger()
    assert QGuiApplication.clipboard().image().size() == QSize(7, 5)
    view.save(tmp_path / "x.png")
    assert QImage(str(tmp_path / "x.png")).pixelColor(6, 4).getRgb()[:3] == tuple(pixels[:, 4, 6])


def test_a_file_that_cannot_be_written_is_told(qtbot, tmp_path) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.set_image(np.zeros((1, 4, 4), np.uint8))
    with qtbot.waitSignal(view.failed) as got:
        view.save(tmp_path / "missing" / "x.png")
    assert "could not be written" in got.args[0]


def test_grid_fills_the_space_it_has(qtbot) -> None:
    grid = GridView()
    qtbot.addWidget(grid)
    grid.set_images(np.zeros((8, 1, 28, 28), np.uint8))
    for size, columns in [((400, 60), 8), ((120, 400), 2), ((400, 220), 4)]:
        grid.resize(*size)
        assert grid.columns() == columns
        assert all(grid.rect().contains(cell.toAlignedRect()) for cell in grid.cells())


def test_grid_shows_each_image_in_its_cell_and_sends_the_clicked_one(qtbot) -> None:
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(200, 200)
    grid.set_images((np.arange(9, dtype=np.uint8) * 20).reshape(9, 1, 1, 1).repeat(8, 2).repeat(8, 3))
    grid.show()
    shown = grid.grab().toImage()
    centers = [cell.center().toPoint() for cell in grid.cells()]
    assert [shown.pixelColor(point).red() for point in centers] == list(range(0, 180, 20))
    qtbot.mouseMove(grid, centers[5])
    with qtbot.waitSignal(grid.clicked) as got:
        qtbot.mouseClick(grid, LEFT, pos=centers[5])
    assert got.args == [5] and grid.current == 5
    edge = grid.cells()[5].topLeft().toPoint() + QPoint(20, -1)
    assert grid.grab().toImage().pixelColor(edge) == QColor(theme.colors().accent)


def test_grid_works_from_the_keyboard(qtbot) -> None:
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(200, 200)
    grid.set_images(np.zeros((9, 3, 8, 8), np.uint8))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key)
    with qtbot.waitSignal(grid.clicked) as got:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert got.args == [6]


def test_empty_grid_takes_no_click(qtbot) -> None:
    grid = GridView("Press R")
    qtbot.addWidget(grid)
    grid.set_images(None)
    grid.grab()
    with qtbot.assertNotEmitted(grid.clicked):
        qtbot.mouseClick(grid, LEFT)
