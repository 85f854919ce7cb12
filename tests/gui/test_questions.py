"""Questions are answered on the window's thread, and nothing ticks in between."""

import threading
from collections.abc import Iterator

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from genexplorer.engine.jobs import Reply
from genexplorer.gui.questions import Questions


def test_each_question_is_answered_and_the_timer_sleeps_and_wakes(qtbot: QtBot) -> None:
    owner, heard = QObject(), []
    questions = Questions(lambda n: [n * n], "genexplorer-test", owner, every_ms=1)
    questions.answered.connect(heard.extend)
    try:
        for n in (2, 3, 4):
            questions.ask(n)
            assert questions.open
            qtbot.waitUntil(lambda n=n: heard[-1:] == [Reply(n, n * n)])
            qtbot.waitUntil(lambda: not questions.open and not questions._poll.ticking)
    finally:
        questions.shut()


def test_an_answer_in_parts_is_dropped_for_a_newer_question(qtbot: QtBot) -> None:
    owner, heard, go = QObject(), [], threading.Event()

    def answer(what: str) -> Iterator[str]:
        yield f"{what} 1"
        if what == "old":
            go.wait(5)
        yield f"{what} 2"
        yield f"{what} 3"

    questions = Questions(answer, "genexplorer-test", owner, every_ms=1)
    questions.answered.connect(lambda replies: heard.extend(reply.answer for reply in replies))
    try:
        questions.ask("old")
        qtbot.waitUntil(lambda: heard == ["old 1"])
        questions.ask("new")
        go.set()
        qtbot.waitUntil(lambda: heard[-1] == "new 3")
        assert "old 3" not in heard
    finally:
        questions.shut()
