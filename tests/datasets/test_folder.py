"""A person's folder: labels, odd files, changes, links and cancel, on files that are made here."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from genexplorer.core.data import Data
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.datasets.folder import Folder


def shade(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), value).save(path)


def load(root: Path, cache: Path, **knobs: object) -> Data:
    return drain(Folder(**{"path": root, "size": 8, "channels": "gray", **knobs}).load(cache))  # type: ignore[arg-type]


def pairs(data: Data) -> list[tuple[int, ...]]:
    """(first pixel, labels…) of each image, sorted: file i holds shade i."""
    rows = []
    for split in (data.train, data.test):
        x = split.images.take(torch.arange(len(split)))[:, 0, 0, 0]
        rows += [(int(p), *map(float, y)) for p, y in zip(x, split.labels, strict=True)]
    return sorted(rows)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "my pictures ü"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_subfolders_are_classes(root: Path, cache: Path) -> None:
    for i in range(30):
        shade(root / ("cat", "dog", "emu")[i % 3] / ("deep/er" if i % 2 else "") / f"{i}.png", i)
    data = load(root, cache, test_share=0.2)
    assert data.spec.labels[0].classes == ("cat", "dog", "emu") and data.notes == ()
    assert (len(data.train), len(data.test)) == (24, 6)
    assert pairs(data) == [(i, float(i % 3)) for i in range(30)]


def test_a_table_gives_labels(root: Path, cache: Path) -> None:
    lines = ["file,Smiling,Sign,Age,Town"]
    for i in range(20):
        shade(root / "images" / f"{i:03}.png", i)
        lines.append(f"{i:03}.png,{i % 2},{1 if i % 3 else -1},{i / 4},{'Rome' if i < 9 else 'Bonn'}")
    shade(root / "images" / "extra.png", 99)
    (root / "attributes.csv").write_text("\n".join([*lines, "gone.png,1,1,2,Rome", ""]), encoding="utf-8-sig")
    data = load(root, cache)
    assert [(k.name, k.kind) for k in data.spec.labels] == [
        ("Smiling", "binary"),
        ("Sign", "binary"),
        ("Age", "number"),
        ("Town", "class"),
    ]
    assert (data.spec.labels[2].low, data.spec.labels[2].high) == (0, 4.75)
    assert pairs(data) == [(i, i % 2, float(i % 3 > 0), i / 4, float(i < 9)) for i in range(20)]
    assert data.notes[0] == "1 of 21 files were skipped: images/extra.png (not in attributes.csv)."
    assert data.notes[-1] == "1 rows of attributes.csv name no file."


def test_a_table_about_something_else_is_not_used(root: Path, cache: Path) -> None:
    shade(root / "a.png", 1), shade(root / "b.png", 2)
    (root / "prices.csv").write_text("item;cost\nmilk;2\n")
    data = load(root, cache)
    assert data.spec.labels == () and "prices.csv is not used" in data.notes[0]


def test_what_cannot_be_read_is_counted_and_named(root: Path, cache: Path) -> None:
    for i in range(20):
        shade(root / f"{i}.png", i)
    (root / "zero.jpg").touch()
    (root / "text.jpg").write_text("no picture")
    (root / "nowhere.png").symlink_to(root / "missing")
    (root / b"caf\xe9.png".decode("utf-8", "surrogateescape")).write_bytes(b"x")
    os.mkfifo(root / "pipe.png")
    os.truncate(root / "7.png", 30)
    data = load(root, cache)
    assert [p for p, *_ in pairs(data)] == [i for i in range(20) if i != 7]
    assert data.notes[0].startswith("5 of 24 files were skipped: ")
    assert {"zero.jpg: empty", "text.jpg: not an image", "nowhere.png: gone, or a link to nowhere"} <= set(data.notes)
    assert load(root, cache).notes == data.notes


def test_a_change_is_noticed(root: Path, cache: Path) -> None:
    for i in range(10):
        shade(root / f"{i}.png", i)
    load(root, cache)
    stamps = {p: p.stat().st_mtime_ns for p in cache.rglob("images.u8")}
    load(root, cache)
    assert {p: p.stat().st_mtime_ns for p in cache.rglob("images.u8")} == stamps
    shade(root / "5.png", 200)
    assert 200 in [p for p, *_ in pairs(load(root, cache))]
    (root / "5.png").unlink()
    assert len(pairs(load(root, cache))) == 9


def test_links_that_go_round_do_not_hang(root: Path, cache: Path) -> None:
    shade(root / "a" / "1.png", 1), shade(root / "b" / "2.png", 2)
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "self").symlink_to(root / "a")
    (root / "b" / "loop").symlink_to(root / "b" / "loop")
    assert {p for p, *_ in pairs(load(root, cache))} == {1, 2}


@pytest.mark.parametrize("kind", ["missing", "empty", "file", "unreadable"])
def test_no_pictures_is_one_sentence(root: Path, cache: Path, kind: str) -> None:
    if kind == "file":
        root.write_text("x")
    elif kind != "missing":
        root.mkdir()
    if kind == "unreadable":
        (root / "a.jpg").write_text("x"), (root / "b.jpg").write_text("x")
    with pytest.raises(UserError, match="choose a folder of images") as caught:
        load(root, cache)
    assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="choose a folder of images"):
        Folder(path=root).preview(4)


def test_one_picture_is_also_the_test(root: Path, cache: Path) -> None:
    shade(root / "a.png", 3)
    data = load(root, cache)
    assert len(data.train) == len(data.test) == 1 and "add more images" in data.notes[-1]


def test_new_files_leave_the_test_set_as_it_is(root: Path, cache: Path) -> None:
    def held(data: Data) -> set[int]:
        return set(data.test.images.take(torch.arange(len(data.test)))[:, 0, 0, 0].tolist())

    for i in range(100):
        shade(root / f"{i}.png", i)
    before = held(load(root, cache))
    shade(root / "new.png", 222)
    assert len(before) == 10 and len(before & held(load(root, cache))) >= 9


def test_cancel_leaves_nothing(root: Path, cache: Path) -> None:
    for i in range(200):
        shade(root / f"{i}.png", i)
    job = Folder(path=root, size=8).load(cache)
    for event in job:
        if event.done and event.total:
            break
    job.close()
    assert not [p for p in cache.rglob("*") if p.is_file() and p.suffix != ".lock"]


def test_preview(root: Path) -> None:
    for i in range(40):
        shade(root / "ab"[i % 2] / f"{i}.png", i)
    (root / "a" / "bad.png").write_text("x")
    x = Folder(path=root, size=16).preview(8)
    assert x.shape == (8, 3, 16, 16) and x.dtype == torch.uint8 and len(np.unique(x[:, 0, 0, 0])) == 8


def test_a_preview_does_not_list_a_whole_large_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shade(root / "0.png", 1)
    for i in range(1, 1000):
        os.link(root / "0.png", root / f"{i}.png")
    listed: list[os.DirEntry[str]] = []
    scan = os.scandir

    class Counted:
        def __init__(self, path: Path) -> None:
            self.entries = scan(path)

        def __enter__(self) -> "Counted":
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def __iter__(self) -> "Counted":
            return self

        def __next__(self) -> os.DirEntry[str]:
            listed.append(next(self.entries))
            return listed[-1]

        def close(self) -> None:
            self.entries.close()

    monkeypatch.setattr(os, "scandir", Counted)
    assert Folder(path=root, size=8).preview(9).shape == (9, 3, 8, 8)
    assert len(listed) < 200


SCRIPT = """
import resource, sys
from pathlib import Path
from genexplorer.core.events import drain
from genexplorer.datasets.folder import Folder
drain(Folder(path=Path(sys.argv[1]), size=64).load(Path(sys.argv[2])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_folder(tmp_path: Path) -> None:
    """3,000 pictures of 64×64 are 37 MB decoded; the peak may not hold them."""
    peaks = []
    for count in (200, 3000):
        folder = tmp_path / str(count)
        shade(folder / "0.png", 1)
        for i in range(1, count):
            os.link(folder / "0.png", folder / f"{i}.png")
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, folder, tmp_path / "c"], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout) // 1024)
    assert peaks[1] - peaks[0] < 30
