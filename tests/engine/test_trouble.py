"""What goes wrong ends in one sentence, and what was saved stays whole."""

import errno
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from genexplorer.core.data import DATASETS, Batch, DataSpec
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.model import MODELS, Metrics, Model, ModelRecipe
from genexplorer.core.recipe import knob
from genexplorer.core.tensors import read_tensors
from genexplorer.engine import train as training
from genexplorer.engine.jobs import Job
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import Hardware, TrainRecipe
from genexplorer.engine.train import Note, Step, train


def is_one_sentence(text: str) -> bool:
    return text.endswith(".") and "\n" not in text and "Traceback" not in text and text[0].isupper()


class Brittle(Model):
    """One number, whose loss is not a number at the given steps until the learning rate is low enough."""

    def __init__(self, recipe: Any) -> None:
        super().__init__()
        self.recipe = recipe
        self.weight = torch.nn.Parameter(torch.ones(3))

    def loss(self, batch: Batch) -> Metrics:
        loss = (self.weight - 3).square().sum()
        if batch.step >= self.recipe.nan_at and CURRENT["lr"] > self.recipe.safe_lr:
            loss = loss * math.nan
        return {"loss": loss}


CURRENT = {"lr": 0.0}


@pytest.fixture
def brittle(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Run]]:
    class BrittleRecipe(ModelRecipe):
        title = "Brittle"
        nan_at: int = knob(1, "First step at which it breaks.")
        safe_lr: float = knob(0.0, "Learning rate at which it breaks no more.")

        def build(self, spec: DataSpec) -> Model:
            return Brittle(self)

    MODELS.register("brittle")(BrittleRecipe)
    set_lr = training.FabricOptimizers.set_lr

    def spy(self: Any, lr: float) -> None:
        CURRENT["lr"] = lr
        set_lr(self, lr)

    monkeypatch.setattr(training.FabricOptimizers, "set_lr", spy)

    def create(log_every: int = 1, **model: float) -> Run:
        recipe = TrainRecipe(
            steps=20, batch_size=8, save_every=4, log_every=log_every, lr=0.1, warmup=0, decay="none", clip=0,
            precision="32-true",
        )  # fmt: skip
        return store.create(RunInfo(BrittleRecipe.parse(dict(model)), DATASETS["digits"].parse({}), recipe))

    yield create
    del MODELS._found["brittle"]


@pytest.mark.parametrize("log_every", [1, 100])
def test_a_diverged_loss_goes_back_to_half_the_rate(brittle: Callable[..., Run], log_every: int) -> None:
    """Also where the rows of metrics are too far apart to see it: then the weights are looked at before a save."""
    run = brittle(log_every=log_every, nan_at=10, safe_lr=0.03)  # fine at the third rate, 0.025
    events = list(train(run))
    notes = [event for event in events if isinstance(event, Note)]
    assert len(notes) == 2 and all("went back to step 8 at half the learning rate" in note.text for note in notes)
    assert [row["text"] for row in run.log()] == [note.text for note in notes]
    assert run.status() == "finished" and run.checkpoint().step == 20
    steps = [row["step"] for row in run.metrics()]
    assert steps == (list(range(1, 21)) if log_every == 1 else [20])
    assert all(math.isfinite(row["loss"]) for row in run.metrics())
    # by hand: eight steps at 0.1, then twelve at a quarter of it
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([weight], lr=0.1, weight_decay=0)
    for step in range(1, 21):
        optimizer.param_groups[0]["lr"] = 0.1 if step <= 8 else 0.025
        optimizer.zero_grad()
        (weight - 3).square().sum().backward()
        optimizer.step()
    assert torch.allclose(read_tensors(run.resume_path)[0]["model.weight"], weight.detach(), atol=1e-6)


def test_giving_up_keeps_the_last_good_state(brittle: Callable[..., Run]) -> None:
    run = brittle(nan_at=10, safe_lr=0.0)
    events: list[Any] = []
    with pytest.raises(Failure) as caught:
        events.extend(train(run))
    work, notes = train(run), 0
    assert is_one_sentence(str(caught.value)) and "lower learning rate" in str(caught.value)
    assert run.status() == "stopped" and run.checkpoint().step == 8
    tensors, header = read_tensors(run.resume_path)
    assert header["step"] == 8 and header["rollbacks"] == 2
    assert all(tensor.isfinite().all() for tensor in tensors.values() if tensor.is_floating_point())
    with pytest.raises(Failure):  # resumed, it does not begin to roll back anew
        for event in work:
            notes += isinstance(event, Note)
    assert notes == 0


def test_diverged_at_once(brittle: Callable[..., Run]) -> None:
    run = brittle(nan_at=1, safe_lr=0.0)
    with pytest.raises(Failure):
        list(train(run))
    assert read_tensors(run.resume_path)[1]["step"] == 0 and run.info().train.lr == 0.1


def test_closing_right_after_weights_broke_saves_nothing(brittle: Callable[..., Run]) -> None:
    run = brittle(log_every=100, nan_at=6, safe_lr=0.0)
    work = train(run)
    for event in work:
        if isinstance(event, Step) and event.step == 7:
            break
    work.close()
    assert read_tensors(run.resume_path)[1]["step"] == 4 and run.checkpoint().step == 4


def test_a_full_disk(new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write from step 8 on fails as on a full disk: one sentence; what was saved is whole, and goes on later."""
    run = new_run(steps=12, save_every=5, log_every=4)
    full = False
    sync = os.fsync

    def fsync(file: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(file)

    with monkeypatch.context() as patch, pytest.raises(Failure, match=r"disk is full.*whole\. Free some space\.$"):
        patch.setattr(os, "fsync", fsync)
        for event in train(run):
            full = isinstance(event, Step) and event.step >= 8
    assert run.checkpoint().step == 5 and read_tensors(run.resume_path)[1]["step"] == 5
    assert not list(run.path.rglob(".*.partial"))
    list(train(run))
    other = new_run(steps=12, save_every=5, log_every=4)
    list(train(other))
    assert run.metrics_path.read_bytes() == other.metrics_path.read_bytes()
    ours, theirs = read_tensors(run.resume_path)[0], read_tensors(other.resume_path)[0]
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_metrics_on_a_full_disk(new_run: Callable[..., Run]) -> None:
    """The system's own refusal: a row that does not fit is a sentence, and its step is not counted as done."""
    run = new_run(steps=12, save_every=5, log_every=4)
    run.metrics_path.symlink_to("/dev/full")
    with pytest.raises(Failure, match="disk is full"):
        list(train(run))
    assert read_tensors(run.resume_path)[1]["step"] == 0


def test_a_file_stands_where_the_home_should_be(tmp_path: Path, new_run: Callable[..., Run]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot be written to; choose another folder"):
        RunStore(tmp_path / "file").create(new_run().info())


def test_a_folder_that_may_not_be_written(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, store: RunStore
) -> None:
    info = new_run().info()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(UserError) as caught:
        store.create(info)
    assert is_one_sentence(str(caught.value).replace(str(store.folder), "Here"))


def test_no_such_device(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=2)
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    with pytest.raises(UserError) as caught:
        list(train(run, Hardware(accelerator=missing)))  # type: ignore[arg-type]
    assert str(caught.value).startswith("This machine cannot train that way") and "\n" not in str(caught.value)


def refusals(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[dict[str, Any], Hardware]]:
    """Ways in which a training cannot begin: settings of the run, and hardware."""
    missing: Any = "cuda" if not torch.cuda.is_available() else "mps"

    def huge(*_: object) -> None:
        torch.zeros(1 << 50)

    monkeypatch.setattr(MODELS["vae"], "build", huge)
    return {
        "device": ({}, Hardware(accelerator=missing)),
        "data": ({"data": "folder"}, Hardware()),
        "memory": ({}, Hardware()),
    }


@pytest.mark.parametrize("why", ["device", "data", "memory"])
def test_a_run_that_cannot_begin_is_taken_away(
    why: str, new_run: Callable[..., Run], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the window does it, on a thread; whoever finds such a run that was there before leaves it alone."""
    monkeypatch.setenv("HOME", str(store.home / "nobody"))  # where the folder of pictures is looked for
    settings, hardware = refusals(monkeypatch)[why]
    run = new_run(**settings)
    job = Job(lambda: train(run, hardware), "genexplorer-test")
    assert job.join(60)
    ended = job.drain()[-1]
    assert ended.error and is_one_sentence(ended.error)
    assert not run.path.exists() and not store.list() and run.status() == "broken"
    again = new_run(**settings)
    assert again.name == run.name
    with pytest.raises((UserError, Failure)):
        list(train(store.find(again.name), hardware))
    assert [found.name for found in store.list()] == [again.name]


def test_a_run_that_began_stays(new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(steps=8, save_every=3)
    work = train(run)
    while not isinstance(next(work), Step):
        pass
    work.close()
    _, hardware = refusals(monkeypatch)["device"]
    with pytest.raises(UserError):
        list(train(run, hardware))
    assert run.status() == "stopped" and run.checkpoint().step == 1


def test_another_process_s_lock_saves_a_new_run(new_run: Callable[..., Run], store: RunStore) -> None:
    run = new_run()
    with store.find(run.name).locked(), pytest.raises(UserError, match="by another process"):
        list(train(run))
    assert store.list()


def test_a_run_that_cannot_be_written_leaves_its_name_free(
    new_run: Callable[..., Run], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(Failure, match="disk is full"):
        patch.setattr(os, "fsync", full)
        new_run(name="mine")
    assert not list(store.folder.iterdir())
    assert new_run(name="mine").info()


def test_no_memory(new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's own refusal of an allocation that cannot be had."""
    run = new_run(steps=8, save_every=3)

    def huge(self: Batch, *shape: int) -> Tensor:
        return torch.zeros(1 << 50) if self.step == 5 else torch.zeros(len(self.x), *shape)

    monkeypatch.setattr(Batch, "randn", huge)
    with pytest.raises(Failure, match="not enough memory; choose a smaller batch"):
        list(train(run))
    assert run.checkpoint().step == 3


def test_a_gone_run(new_run: Callable[..., Run]) -> None:
    run = new_run()
    missing = Run(run.path.with_name("gone"))
    with pytest.raises(UserError, match="is gone"):
        list(train(missing))
    assert not missing.path.exists()
