"""When garbage is collected beside a window."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from genexplorer.core.imports import importing, uncollected
from genexplorer.gui.collector import Collector


class Ring:
    def __init__(self) -> None:
        self.itself = self


def _garbage() -> "weakref.ref[Ring]":
    """A cycle nobody holds, among enough others that a collection is due."""
    watched = weakref.ref(Ring())
    gc.collect_threshold = [Ring() for _ in range(2 * gc.get_threshold()[0])]  # type: ignore[attr-defined]
    del gc.collect_threshold  # type: ignore[attr-defined]
    return watched


def test_the_window_collects_by_itself_but_not_while_a_thread_imports(qtbot):
    parent = QObject()
    collector = Collector(parent)
    try:
        assert not gc.isenabled()
        with uncollected():
            watched = _garbage()
            qtbot.wait(1200)  # two of its beats
            assert watched() is not None
        watched = _garbage()
        qtbot.waitUntil(lambda: watched() is None, timeout=3000)
    finally:
        collector.stop()
    assert gc.isenabled()


def test_two_threads_that_import_are_both_left_alone():
    """The one that leaves first must not turn the collector on for the other."""
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()
    seen = []

    def first() -> None:
        with uncollected():
            first_in.set()
            second_in.wait(5)
        first_out.set()

    thread = threading.Thread(target=first)
    thread.start()
    first_in.wait(5)
    with uncollected():
        second_in.set()
        first_out.wait(5)
        seen += [gc.isenabled(), importing()]
    thread.join()
    assert seen == [False, True]
    assert gc.isenabled()
    assert not importing()
