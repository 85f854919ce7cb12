"""Background work: told in order, stopped within a step, the newest request first, errors in a sentence."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from genexplorer.core.errors import Failure, UserError
from genexplorer.engine.jobs import Ended, Job, Mailbox, Reply, explain, respond
from genexplorer.engine.runs import Run
from genexplorer.engine.train import Step, train

SOON = 20.0


def all_events(job: Job) -> list[Any]:
    """Everything until its end, draining as the window does."""
    events: list[Any] = []
    waited = threading.Event()
    for _ in range(20_000):
        events += job.drain()
        if events and isinstance(events[-1], Ended):
            assert job.join(SOON)
            return events
        waited.wait(0.001)
    raise AssertionError("it never ended")


def test_events_come_in_order_then_the_end() -> None:
    job = Job(lambda: range(1000), "genexplorer count")  # more than may wait undrained
    assert all_events(job) == [*range(1000), Ended()]
    assert not job.alive and job.drain() == []


def test_it_does_not_run_far_ahead() -> None:
    pulled = 0

    def work() -> Iterator[int]:
        nonlocal pulled
        while True:
            pulled += 1
            yield pulled

    job = Job(work, "genexplorer ahead")
    seen: list[Any] = []
    while len(seen) < 300:
        seen += job.drain()
    assert pulled <= len(seen) + Job._AHEAD + 2
    job.stop()
    assert job.join(SOON)


@pytest.mark.parametrize("paused", [False, True])
def test_stop_within_one_step_closes_the_iterator(paused: bool) -> None:
    """Also while it is paused. The iterator's own clean-up runs on its own thread, before `Ended`."""
    begun, go, closed_on = threading.Event(), threading.Semaphore(0), []
    steps = 0

    def work() -> Iterator[int]:
        nonlocal steps
        try:
            while True:
                begun.set()
                go.acquire()
                steps += 1
                yield steps
        finally:
            closed_on.append(threading.current_thread())

    job = Job(work, "genexplorer stop")
    assert begun.wait(SOON)
    if paused:
        job.pause()
        assert job.paused
    job.stop()
    go.release()
    assert job.join(SOON), "it did not stop"
    assert steps == 1 and closed_on == [job.thread]
    assert job.drain()[-1] == Ended()


def test_pause_holds_and_resume_goes_on() -> None:
    job = Job(lambda: iter(range(5000)), "genexplorer pause")
    job.pause()
    events: list[Any] = []
    quiet, wait = 0, threading.Event()
    while quiet < 20:  # drained, it stands still
        new = job.drain()
        events += new
        quiet = 0 if new else quiet + 1
        wait.wait(0.002)
    assert job.alive and not any(isinstance(event, Ended) for event in events)
    job.resume()
    assert events + all_events(job) == [*range(5000), Ended()]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("Choose another."), "Choose another."),
        (Failure("It broke."), "It broke."),
        (MemoryError(), "There is not enough memory; choose a smaller batch size, size or width."),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_an_error_ends_it_in_one_sentence(error: Exception, said: str) -> None:
    def work() -> Iterator[int]:
        yield 1
        raise error

    events = all_events(Job(work, "genexplorer error"))
    assert events[0] == 1 and isinstance(events[-1], Ended) and len(events) == 2
    assert events[-1].cause is error and said in (events[-1].error or "") and explain(error) == events[-1].error
    assert "\n" not in explain(error)


def test_an_error_before_the_first_event() -> None:
    def work() -> Iterator[int]:
        raise UserError("No.")

    assert [event.error for event in all_events(Job(work, "genexplorer error"))] == ["No."]


def test_training_on_a_job_stops_and_saves(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=100_000, save_every=100_000, log_every=1000)
    job = Job(lambda: train(run), "genexplorer train")
    seen: list[Any] = []
    while not any(isinstance(event, Step) for event in seen):
        assert job.alive
        seen += job.drain()
    job.stop()
    assert job.join(SOON)
    seen += job.drain()
    assert isinstance(seen[-1], Ended) and seen[-1].error is None
    last = max(event.step for event in seen if isinstance(event, Step))
    assert run.checkpoint().step == last and run.status() == "stopped"


def test_the_newest_request_wins() -> None:
    box: Mailbox[int] = Mailbox()
    for request in range(5):
        box.post(request)
    assert box.waiting and box.take() == 4 and not box.waiting
    box.close()
    assert box.waiting and box.take() is None


def test_take_waits_for_a_request() -> None:
    box: Mailbox[str] = Mailbox()
    got: list[str | None] = []
    thread = threading.Thread(target=lambda: got.extend([box.take(), box.take()]), name="genexplorer take")
    thread.start()
    box.post("first")
    while box.waiting:
        pass
    box.close()
    thread.join(SOON)
    assert got == ["first", None]


def test_the_rest_of_a_stale_answer_is_dropped() -> None:
    box: Mailbox[str] = Mailbox()
    asked: list[str] = []

    def answer(request: str) -> Iterator[str]:
        for part in range(3):
            asked.append(f"{request}{part}")
            if asked == ["a0", "a1"]:
                box.post("b")
                box.post("c")
            yield f"{request}{part}"

    box.post("a")
    replies = respond(box, answer)
    got = [next(replies) for _ in range(5)]
    assert [reply.answer for reply in got] == ["a0", "a1", "c0", "c1", "c2"] and asked[-1] == "c2"
    assert [reply.request for reply in got] == ["a", "a", "c", "c", "c"]
    box.close()
    assert list(replies) == []


def test_a_question_that_fails_is_answered_and_the_next_one_too() -> None:
    box: Mailbox[int] = Mailbox()
    replies = respond(box, lambda request: [1 // request])
    box.post(0)
    failed = next(replies)
    assert failed.request == 0 and failed.answer is None and "ZeroDivisionError" in (failed.error or "")
    box.post(1)
    assert next(replies) == Reply(1, 1)
    box.close()
    assert list(replies) == []


def test_a_responding_job_ends_when_its_box_closes() -> None:
    box: Mailbox[int] = Mailbox()
    job = Job(lambda: respond(box, lambda request: [request * 2]), "genexplorer respond")
    box.post(21)
    seen: list[Any] = []
    while not seen:
        seen += job.drain()
    assert seen == [Reply(21, 42)]
    box.close()
    assert job.join(SOON) and job.drain() == [Ended()]


def test_a_mailbox_is_idle_once_all_is_answered() -> None:
    box: Mailbox[int] = Mailbox()
    go = threading.Event()

    def slow(request: int) -> Iterator[int]:
        go.wait(10)
        yield request

    job = Job(lambda: respond(box, slow), "genexplorer idle")
    try:
        box.post(1)
        assert not box.idle
        go.set()
        deadline = time.monotonic() + 10
        while not box.idle and time.monotonic() < deadline:
            time.sleep(0.005)
        assert box.idle
    finally:
        box.close()
        assert job.join(SOON)
