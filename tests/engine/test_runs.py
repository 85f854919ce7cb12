"""The store of runs: made, found, renamed, copied, thrown away, and never mixed up."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from genexplorer.core.errors import UserError
from genexplorer.engine.home import home_folder
from genexplorer.engine.runs import Run, RunStore
from genexplorer.engine.train import Step, train


def trained(run: Run) -> Run:
    list(train(run))
    return run


def files(run: Run) -> dict[str, bytes]:
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in run.path.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_home_is_as_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENEXPLORER_HOME", str(tmp_path / "there"))
    assert home_folder() == tmp_path / "there" and home_folder(tmp_path) == tmp_path
    monkeypatch.delenv("GENEXPLORER_HOME")
    assert home_folder().name == "genexplorer" and home_folder().is_absolute()


def test_names_are_numbered(new_run: Callable[..., Run], store: RunStore) -> None:
    assert [new_run().name for _ in range(3)] == ["vae-digits-1", "vae-digits-2", "vae-digits-3"]
    assert {run.name for run in store.list()} == {"vae-digits-1", "vae-digits-2", "vae-digits-3"}


def test_recipes_come_back(new_run: Callable[..., Run]) -> None:
    run = new_run(model={"beta": 2.5}, steps=77)
    info = run.info()
    assert info.model.beta == 2.5 and info.train.steps == 77 and info.data.name == "digits"  # type: ignore[attr-defined]
    assert json.loads((run.path / "run.json").read_text()) == info.to_json()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a\nb", "x" * 101, "ü" * 101, "/tmp/x", "-x", "a\0b"])
def test_bad_names(name: str, new_run: Callable[..., Run], store: RunStore) -> None:
    with pytest.raises(UserError, match="A run cannot be called"):
        new_run(name=name)
    run = new_run()
    with pytest.raises(UserError, match="A run cannot be called"):
        store.rename(run, name)
    assert run.info() and [r.name for r in store.list()] == [run.name]


@pytest.mark.parametrize("name", ["a", "Versuch 3", "größe", "β=4, z=10", "x" * 100, "日本語" * 20])
def test_good_names(name: str, new_run: Callable[..., Run], store: RunStore) -> None:
    assert new_run(name=name).info() == store.find(name).info()
    with pytest.raises(UserError, match="There is already a run called"):
        new_run(name=name)


def test_find(new_run: Callable[..., Run], store: RunStore) -> None:
    run = new_run(name="found")
    assert store.find("found").path == run.path and store.find(str(run.path)).path == run.path
    for missing in ("lost", "x" * 5000, "a\0b", ""):
        with pytest.raises(UserError, match=r"There is no run called .* there are: found\.$"):
            store.find(missing)


def test_rename(new_run: Callable[..., Run], store: RunStore) -> None:
    run = trained(new_run(steps=3))
    before = files(run)
    renamed = store.rename(run, "better")
    assert files(renamed) == before and not run.path.exists() and store.find("better").status() == "finished"
    with pytest.raises(UserError, match="is gone"):
        store.rename(run, "again")
    other = new_run(name="other")
    with pytest.raises(UserError, match="already a run"):
        store.rename(other, "better")
    assert files(renamed) == before


def test_duplicate(new_run: Callable[..., Run], store: RunStore) -> None:
    run = trained(new_run(steps=3))
    copies = [store.duplicate(run) for _ in range(2)]
    assert [copy.name for copy in copies] == ["vae-digits-1-copy1", "vae-digits-1-copy2"]
    assert all(files(copy) == files(run) for copy in copies)
    (copies[0].path / "run.json").unlink()
    assert run.info() and len(store.list()) == 2


def test_trash(new_run: Callable[..., Run], store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no bin: out of the list, yet not gone."""
    import send2trash

    def refuse(path: object) -> None:
        raise OSError("no bin")

    monkeypatch.setattr(send2trash, "send2trash", refuse)
    for _ in range(2):
        run = new_run(name="old")
        content = files(run)
        store.trash(run)
        assert not store.list() and not run.path.exists()
    kept = sorted((store.home / "trash").iterdir())
    assert len(kept) == 2 and all(files(Run(path)) == content for path in kept)


def test_a_run_in_training_is_left_alone(new_run: Callable[..., Run], store: RunStore) -> None:
    run = new_run(steps=5)
    work = train(run)
    while not isinstance(next(work), Step):
        pass
    for act in (lambda: store.rename(run, "other"), lambda: store.trash(run)):
        with pytest.raises(UserError, match="is being trained by another process"):
            act()
    assert run.status() == "training"
    work.close()
    assert run.status() == "stopped" and store.rename(run, "other").name == "other"


def test_status_and_readers(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=10)
    assert run.status() == "stopped" and run.metrics() == [] and run.previews() == [] and run.log() == []
    with pytest.raises(UserError, match="holds no checkpoint yet"):
        run.checkpoint()
    trained(run)
    assert run.status() == "finished" and run.checkpoint().step == 10
    assert [step for step, _ in run.previews()] == [0, 10]


def test_only_the_newest_are_kept(new_run: Callable[..., Run]) -> None:
    run = trained(new_run(steps=9, save_every=2, keep=2))
    assert [path.stem for path in run.checkpoints()] == ["00000008", "00000009"]


def test_rewind_forgets_what_came_after(new_run: Callable[..., Run]) -> None:
    run = trained(new_run(steps=12, save_every=5, log_every=3, preview_every=4))
    run.rewind(8)
    assert [row["step"] for row in run.metrics()] == [3, 6]
    assert [step for step, _ in run.previews()] == [0, 4, 8]
    assert [path.stem for path in run.checkpoints()] == ["00000005"]


def test_the_list_is_newest_first_and_passes_strangers_over(new_run: Callable[..., Run], store: RunStore) -> None:

    for age, name in enumerate(["newest", "middle", "oldest"]):
        os.utime(new_run(name=name).path / "run.json", (1e9 - age, 1e9 - age))
    (store.folder / "not a run").mkdir()
    (store.folder / "file").write_text("")
    assert [run.name for run in store.list()] == ["newest", "middle", "oldest"]
    assert RunStore(store.home / "nowhere").list() == []
