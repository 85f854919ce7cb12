"""A workspace opens in a fresh home bit by bit as it was; a damaged or forged one is told, and leaves nothing."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genexplorer.core.errors import UserError
from genexplorer.core.tensors import read_tensors
from genexplorer.engine.explore import decode
from genexplorer.engine.query import examples_of
from genexplorer.engine.runs import Run
from genexplorer.engine.train import train
from genexplorer.engine.workspace import Kept, Workspace, open_workspace, save_workspace

quick = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RNG = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


@pytest.fixture
def workspace(new_run: Callable[..., Run]) -> Workspace:
    run = new_run(steps=3)
    list(train(run))
    pictures = RNG.integers(0, 256, (2, 1, 8, 8), np.uint8)
    kept = tuple(Kept(name, numbers(4), picture) for name, picture in zip(("Anna ☺", "../../x"), pictures, strict=True))
    return Workspace(run.checkpoint(), numbers(4), kept, (("z₂", numbers(4)), ("smile", numbers(4))), "reconstruct")


def same(one: Workspace, other: Workspace) -> bool:
    mine, theirs = one.checkpoint.model().state_dict(), other.checkpoint.model().state_dict()
    return (
        one.z.tobytes() == other.z.tobytes()
        and one.panel == other.panel
        and one.checkpoint.digest == other.checkpoint.digest
        and [(n, d.tobytes()) for n, d in one.held] == [(n, d.tobytes()) for n, d in other.held]
        and [(k.name, k.z.tobytes(), k.picture.tobytes()) for k in one.bookmarks]
        == [(k.name, k.z.tobytes(), k.picture.tobytes()) for k in other.bookmarks]
        and all(torch.equal(mine[name], theirs[name]) for name in mine)
    )


def test_round_trip_into_a_fresh_home(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "a.genexplorer"
    save_workspace(file, workspace)
    content = file.read_bytes()
    found = open_workspace(file, tmp_path / "fresh")
    assert same(workspace, found) and found.checkpoint.path.is_relative_to(tmp_path / "fresh")
    assert np.array_equal(
        decode(found.checkpoint.model(), found.z[None]), decode(workspace.checkpoint.model(), workspace.z[None])
    )
    assert torch.equal(examples_of(found.checkpoint), examples_of(workspace.checkpoint))
    assert file.read_bytes() == content
    again = open_workspace(file, tmp_path / "fresh")
    assert again.checkpoint.path == found.checkpoint.path and same(workspace, again)
    assert len(list((tmp_path / "fresh" / "workspaces").iterdir())) == 1
    found.checkpoint.path.write_bytes(b"rubbish")
    assert same(workspace, open_workspace(file, tmp_path / "fresh")), "what was damaged since is put right"


def test_a_saved_workspace_is_saved_again_and_opens_without_examples(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.checkpoint.path.parents[1] / "examples.safetensors").unlink()
    bare = Workspace(workspace.checkpoint, workspace.z)
    save_workspace(tmp_path / "a.genexplorer", bare)
    found = open_workspace(tmp_path / "a.genexplorer", tmp_path / "one")
    save_workspace(tmp_path / "b.genexplorer", found)
    assert same(bare, open_workspace(tmp_path / "b.genexplorer", tmp_path / "two"))
    with zipfile.ZipFile(tmp_path / "b.genexplorer") as file:
        assert sorted(file.namelist()) == ["checkpoint.safetensors", "codes.safetensors", "workspace.json"]


def test_the_parts_are_what_they_are_called(workspace: Workspace, tmp_path: Path) -> None:
    """Whoever has no genexplorer can still take them out."""
    save_workspace(tmp_path / "a.genexplorer", workspace)
    with zipfile.ZipFile(tmp_path / "a.genexplorer") as file:
        assert file.testzip() is None
        assert json.loads(file.read("workspace.json"))["bookmarks"] == ["Anna ☺", "../../x"]
        from PIL import Image

        assert np.array_equal(
            np.asarray(Image.open(io.BytesIO(file.read("bookmarks/0001.png")))), workspace.bookmarks[1].picture[0]
        )
        file.extractall(tmp_path / "out")
    assert np.array_equal(read_tensors(tmp_path / "out" / "codes.safetensors")[0]["z"].numpy(), workspace.z)


def outcome(file: Path, home: Path, workspace: Workspace) -> str:
    before = {path: path.read_bytes() for path in file.parent.iterdir() if path.is_file()}
    try:
        found = open_workspace(file, home)
    except UserError as error:
        text = str(error)
        assert text.endswith(".") and "\n" not in text and len(text) < 600, text
        shelf = home / "workspaces"
        assert not shelf.exists() or not list(shelf.iterdir()), "something was left behind"
        return "told"
    finally:
        assert {path: path.read_bytes() for path in file.parent.iterdir() if path.is_file()} == before
    return "same" if same(workspace, found) else "other"


@quick
@given(place=st.integers(0, 10**9), bit=st.integers(0, 7), where=st.sampled_from(["any", "head", "tail"]))
def test_flipped_bits(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, where: str
) -> None:
    """Weights, codes and pictures are told by their checksums; the zip's own dates and the like may change nothing."""
    folder = tmp_path_factory.mktemp("flipped")
    file = folder / "a.genexplorer"
    save_workspace(file, workspace)
    content = bytearray(file.read_bytes())
    span = {"any": len(content), "head": 200, "tail": 900}[where]
    at = place % span if where != "tail" else len(content) - 1 - place % span
    content[at] ^= 1 << bit
    file.write_bytes(content)
    assert outcome(file, folder / "home", workspace) in ("told", "same")


@quick
@given(share=st.floats(0, 1, exclude_max=True))
def test_cut_short(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    folder = tmp_path_factory.mktemp("cut")
    file = folder / "a.genexplorer"
    save_workspace(file, workspace)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    assert outcome(file, folder / "home", workspace) == "told"


@quick
@given(junk=st.binary(max_size=400))
def test_junk(workspace: Workspace, tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "j").mkdir(exist_ok=True)
    file = tmp_path / "j" / "a.genexplorer"
    file.write_bytes(junk)
    assert outcome(file, tmp_path / "home", workspace) == "told"


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None], compression: int = zipfile.ZIP_STORED) -> None:
    """The same file with other entries."""
    with zipfile.ZipFile(file) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    change(entries)
    with zipfile.ZipFile(file, "w", compression) as new:
        for name, content in entries.items():
            new.writestr(name, content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(quick, max_examples=120)
@given(data=st.data())
def test_forged_json(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("forged")
    file = folder / "a.genexplorer"
    save_workspace(file, workspace)

    def forge(entries: dict[str, bytes]) -> None:
        values: Any = json.loads(entries["workspace.json"])
        key = data.draw(st.sampled_from(sorted(values)))
        if data.draw(st.booleans()):
            values[key] = data.draw(json_values)
        else:
            del values[key]
        entries["workspace.json"] = json.dumps(values).encode()

    rewritten(file, forge)
    assert outcome(file, folder / "home", workspace) in ("told", "same", "other")


@pytest.mark.parametrize(
    "name", ["workspace.json", "codes.safetensors", "checkpoint.safetensors", "bookmarks/0000.png"]
)
@pytest.mark.parametrize("how", ["missing", "empty", "junk", "deep"])
def test_entries_that_are_none(workspace: Workspace, tmp_path: Path, name: str, how: str) -> None:
    file = tmp_path / "f" / "a.genexplorer"
    file.parent.mkdir()
    save_workspace(file, workspace)

    def spoil(entries: dict[str, bytes]) -> None:
        if how == "missing":
            del entries[name]
        else:
            entries[name] = {"empty": b"", "junk": random.Random(0).randbytes(500), "deep": b"[" * 100_000}[how]

    rewritten(file, spoil)
    assert outcome(file, tmp_path / "home", workspace) == "told"


@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil-genexplorer", "..\\evil", "bookmarks/../../evil", "C:evil"])
def test_an_entry_never_lands_elsewhere(workspace: Workspace, tmp_path: Path, name: str) -> None:
    file = tmp_path / "f" / "a.genexplorer"
    file.parent.mkdir()
    save_workspace(file, workspace)
    rewritten(file, lambda entries: entries.update({name: b"evil"}))
    assert outcome(file, tmp_path / "home", workspace) == "same"
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
    assert not Path("/tmp/evil-genexplorer").exists()


def test_bombs(workspace: Workspace, tmp_path: Path) -> None:
    """Packed zeros are refused before they are unpacked, and so are entries that claim more than the file holds."""
    file = tmp_path / "f" / "a.genexplorer"
    file.parent.mkdir()
    save_workspace(file, workspace)
    rewritten(file, lambda entries: entries.update({"examples.safetensors": bytes(64 << 20)}), zipfile.ZIP_DEFLATED)
    assert file.stat().st_size < 1 << 20
    assert outcome(file, tmp_path / "home", workspace) == "told"
    save_workspace(file, workspace)
    content = bytearray(file.read_bytes())
    at = content.rindex(b"PK\1\2")  # the last entry of the directory: its sizes
    content[at + 20 : at + 28] = (2**31).to_bytes(4, "little") * 2
    file.write_bytes(content)
    assert outcome(file, tmp_path / "home", workspace) == "told"
    save_workspace(file, workspace)

    def enlarge(entries: dict[str, bytes]) -> None:
        from PIL import Image

        large = io.BytesIO()
        Image.new("L", (20_000, 20_000)).save(large, "PNG")
        entries["bookmarks/0000.png"] = large.getvalue()

    rewritten(file, enlarge)
    assert outcome(file, tmp_path / "home", workspace) == "told"


def test_codes_of_another_model(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "f" / "a.genexplorer"
    file.parent.mkdir()
    save_workspace(file, Workspace(workspace.checkpoint, numbers(5)))
    assert outcome(file, tmp_path / "home", workspace) == "told"
    save_workspace(file, Workspace(workspace.checkpoint, np.array([1, np.nan, 0, 0], np.float32)))
    assert outcome(file, tmp_path / "home", workspace) == "told"


def test_a_checkpoint_that_is_gone_is_told(workspace: Workspace, tmp_path: Path) -> None:
    workspace.checkpoint.path.unlink()
    with pytest.raises(UserError, match="is gone"):
        save_workspace(tmp_path / "a.genexplorer", workspace)
    assert not (tmp_path / "a.genexplorer").exists()
    with pytest.raises(UserError, match="no file"):
        open_workspace(tmp_path / "a.genexplorer", tmp_path)
