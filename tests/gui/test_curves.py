import csv
import math
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QGraphicsView, QLabel, QSlider

from genexplorer.gui import theme
from genexplorer.gui.curves import CurvesView
from genexplorer.gui.series import Series


def rows(count: int, start: int = 0, **metrics: float) -> list[dict[str, float]]:
    scale = metrics or {"loss": 1.0}
    return [{"step": n, **{name: k / (n + 1) for name, k in scale.items()}} for n in range(start, start + count)]


@pytest.fixture
def view(qtbot) -> CurvesView:
    made = CurvesView()
    qtbot.addWidget(made)
    made.resize(640, 400)
    made.show()
    return made


def legend(view: CurvesView) -> str:
    return next(each.text() for each in view.findChildren(QLabel) if each.text() != "Smooth")


def has(image: QImage, color: str) -> bool:
    return any(image.pixelColor(x, y) == QColor(color) for x in range(image.width()) for y in range(image.height()))


def test_smoothing_is_the_debiased_mean() -> None:
    values = np.random.default_rng(0).normal(size=50)
    series = Series(0.9)
    series.extend(range(20), values[:20].tolist())
    series.extend(range(20, 50), values[20:].tolist())
    weights = 0.9 ** np.arange(50)[::-1]
    assert series.smooth[-1] == pytest.approx((weights * values).sum() / weights.sum())
    assert series.smooth[0] == pytest.approx(values[0])
    series.resmooth(0)
    assert np.allclose(series.smooth, values)


def test_one_bad_value_does_not_spoil_the_rest() -> None:
    series = Series(0.5)
    series.extend(range(4), [1.0, math.nan, math.inf, 1.0])
    assert math.isnan(series.smooth[1]) and series.smooth[3] == 1


def test_an_empty_view_says_what_to_do(view) -> None:
    assert "No metrics yet" in legend(view)
    view.findChild(QCheckBox).click()
    view.auto_range()
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    theme.notifier.changed.emit()
    assert view.findChild(QGraphicsView) is None
    view.append("vae", rows(5))
    assert view.findChild(QGraphicsView) is not None


def test_runs_are_drawn_in_their_own_colours_and_named(view) -> None:
    view.append("vae <1>", rows(50))
    view.append("wae", rows(50, loss=3.0))
    QApplication.processEvents()
    shown = view.grab().toImage()
    assert all(has(shown, color) for color in theme.colors().curves[:2])
    assert "vae&nbsp;&lt;1&gt;" in legend(view) and "wae" in legend(view)


def test_a_metric_is_chosen_by_name(view, qtbot) -> None:
    view.append("vae", rows(10, loss=1, recon=2))
    choice = view.findChild(QComboBox)
    assert [choice.itemText(n) for n in range(choice.count())] == ["loss", "recon"]
    with qtbot.waitSignal(view.metric_changed):
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    view.findChild(QSlider).setValue(0)
    assert view.chosen_metric() == "recon" and "<b>0.2</b>" in legend(view)


def test_a_removed_run_is_gone_and_a_set_run_starts_over(view) -> None:
    view.append("vae", rows(10, loss=1, kl=1))
    view.append("wae", rows(10))
    view.remove_run("vae")
    assert view.runs() == ["wae"] and "vae" not in legend(view) and view.findChild(QComboBox).count() == 1
    view.set_run("wae", rows(3))
    assert "at&nbsp;2<" in legend(view)


def test_the_pointer_reads_the_values_under_it(view, qtbot) -> None:
    view.append("vae", rows(101))
    view.findChild(QSlider).setValue(0)
    QApplication.processEvents()
    plot = view._plot
    box = plot.getPlotItem().vb
    qtbot.waitUntil(lambda: box.viewRect().width() > 90)  # the plot is laid out over all steps

    def pointed() -> bool:
        qtbot.mouseMove(plot.viewport(), plot.mapFromScene(box.mapViewToScene(box.viewRect().center())))
        return "at&nbsp;50<" in legend(view)

    qtbot.waitUntil(pointed)
    assert "at&nbsp;50<" in legend(view) and f"<b>{1 / 51:.4g}</b>" in legend(view)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert "at&nbsp;100<" in legend(view)


def test_a_log_scale_survives_what_has_no_logarithm(view, qtbot) -> None:
    view.append("vae", [{"step": n, "loss": value} for n, value in enumerate([1, 0, -1, math.nan, math.inf, 10, 100])])
    box = view.findChild(QCheckBox)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    QApplication.processEvents()
    assert box.isChecked()
    view.grab()


def test_a_shows_everything_again(view, qtbot) -> None:
    view.append("vae", rows(101))
    plot = view._plot
    plot.setXRange(3, 4)
    view.activateWindow()
    plot.setFocus()
    qtbot.waitUntil(plot.hasFocus)
    qtbot.keyClick(plot, Qt.Key.Key_A)
    QApplication.processEvents()
    low, high = plot.getPlotItem().vb.viewRange()[0]
    assert low <= 0 and high >= 100


def test_what_came_while_hidden_is_drawn_when_shown(view, qtbot) -> None:
    view.hide()
    view.append("vae", rows(10))
    view.show()
    QApplication.processEvents()
    assert "vae" in legend(view) and has(view._plot.grab().toImage(), theme.colors().curves[0])


def test_a_table_can_be_saved(view, tmp_path) -> None:
    view.append("vae", [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25, "kl": 3.0}])
    view.append("wae", [{"step": 1, "loss": 9.0}])
    view.to_csv(tmp_path / "curves.csv")
    with (tmp_path / "curves.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert table == [
        ["run", "step", "loss", "kl"], ["vae", "1", "0.5", ""], ["vae", "2", "0.25", "3.0"], ["wae", "1", "9.0", ""],
    ]  # fmt: skip


def test_appending_stays_cheap_when_much_is_there(view) -> None:
    noise = np.random.default_rng(0).random(200_000).tolist()
    view.set_run("long", [{"step": n, "loss": value} for n, value in enumerate(noise)])
    QApplication.processEvents()
    times = []
    for n in range(10):
        start = time.perf_counter()
        view.append("long", rows(10, 200_000 + 10 * n))
        QApplication.processEvents()
        times.append(time.perf_counter() - start)
    assert np.median(times) < 0.1
