"""The code in hand and what is kept of it, as panels use them."""

import numpy as np
from pytestqt.qtbot import QtBot

from genexplorer.gui.bookmarks import Bookmarks
from genexplorer.gui.code import Code


def z(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_drag_is_one_step_and_comes_back(qtbot: QtBot) -> None:
    code = Code()
    code.start(3)
    seen: list[np.ndarray] = []
    code.changed.connect(seen.append)
    before = code.z
    for value in (0.1, 0.2, 0.3):
        code.drag(z(value, 0, 0))
    code.commit("Move z", before)
    assert code.history.count() == 1 and code.history.undoText() == "Move z"
    assert [shown[0] for shown in seen] == [np.float32(v) for v in (0.1, 0.2, 0.3)]  # nothing is drawn twice
    code.history.undo()
    assert not code.z.any() and not seen[-1].any()
    code.history.redo()
    assert np.array_equal(code.z, z(0.3, 0, 0))


def test_what_is_locked_stays_and_what_does_not_change_is_no_step(qtbot: QtBot) -> None:
    code = Code()
    code.start(3)
    code.hold("z₁", z(0, 1, 0))
    code.change("Random", z(1, 2, 3))
    assert np.array_equal(code.z, z(1, 0, 3))
    code.change("Again", z(1, 9, 3))
    code.change("Of another model", z(1, 2))
    assert code.history.count() == 1
    code.hold("z₁", None)
    code.change("Free", z(1, 9, 3))
    assert code.z[1] == 9
    code.hold("z₁", z(0, 1, 0))
    code.start(2)
    assert code.history.count() == 0 and len(code.z) == 2 and not len(code.held)


def test_a_direction_is_locked_as_well_as_a_dimension(qtbot: QtBot) -> None:
    code = Code()
    code.start(3)
    code.hold("smile", z(1, 1, 0))
    code.hold("twice as much", z(2, 2, 0))
    code.hold("z₂", z(0, 0, 1))
    code.change("Random", z(4, 1, 5))
    assert np.allclose(code.z, z(1.5, -1.5, 0))


def test_bookmarks_are_numbered_renamed_and_taken_away(qtbot: QtBot) -> None:
    kept, picture = Bookmarks(), np.zeros((3, 4, 4), np.uint8)
    first, second = kept.add(z(1), picture), kept.add(z(2), picture)
    assert [b.name for b in kept.all()] == ["Code 1", "Code 2"]
    with qtbot.waitSignal(kept.changed):
        kept.remove(first)
    kept.rename(second, "Grandmother")
    assert [b.name for b in kept.all()] == ["Grandmother"] and kept.add(z(3), picture).name == "Code 1"
    assert np.array_equal(kept.all()[0].z, z(2))
