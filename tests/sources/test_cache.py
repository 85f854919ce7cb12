"""The mapped cache: bytes come back as they went in, and nothing half made is ever left or read."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock

from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress, drain
from genexplorer.sources.cache import Chunk, cached

SHAPE = (3, 4, 5)


def examples(n: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(1)
    return (
        torch.randint(0, 256, (n, *SHAPE), dtype=torch.uint8, generator=rng),
        torch.rand(n, 2, generator=rng),
    )


class Source:
    """Chunks of four; counts how often it was asked."""

    def __init__(self, n: int = 10, extra: dict[str, Any] | None = None) -> None:
        self.x, self.y = examples(n)
        self.extra = extra
        self.calls = 0
        self.closed = False

    def __call__(self) -> Generator[Chunk, None, dict[str, Any] | None]:
        self.calls += 1
        try:
            yield from zip(self.x.split(4), self.y.split(4), strict=True)
        finally:
            self.closed = True
        return self.extra


def work(folder: Path, source: Any, count: int = 10, **key: Any) -> Generator[Progress, None, Any]:
    return cached(folder, key, "Reading", count, SHAPE, 2, source)


def test_bytes_labels_and_extra_come_back_and_are_built_once(tmp_path: Path) -> None:
    source = Source(extra={"skipped": ["a.jpg"]})
    events = list(work(tmp_path / "deep" / "c", source))
    assert [(e.done, e.total) for e in events] == [(0, 10), (4, 10), (8, 10), (10, 10)]
    images, labels, extra = drain(work(tmp_path / "deep" / "c", source))
    assert source.calls == 1
    assert torch.equal(images.take(torch.arange(10)), source.x)
    assert torch.equal(labels, source.y)
    assert extra == {"skipped": ["a.jpg"]}


def test_fewer_examples_than_announced(tmp_path: Path) -> None:
    images, labels, _ = drain(work(tmp_path / "c", Source(7), count=10))
    assert images.shape == (7, *SHAPE) and len(labels) == 7


def test_no_labels_and_a_plain_iterator(tmp_path: Path) -> None:
    x = examples()[0]
    images, labels, extra = drain(
        cached(tmp_path / "c", {}, "R", 10, SHAPE, 0, lambda: iter([(x, torch.zeros(10, 0))]))
    )
    assert torch.equal(images.take(torch.arange(10)), x)
    assert labels.shape == (10, 0) and extra == {}


def test_another_key_rebuilds(tmp_path: Path) -> None:
    source = Source()
    drain(work(tmp_path / "c", source, size=4))
    drain(work(tmp_path / "c", source, size=8))
    assert source.calls == 2
    drain(work(tmp_path / "c", source, size=8))
    assert source.calls == 2
    assert {p.name for p in tmp_path.iterdir()} <= {"c", "c.lock"}


@pytest.mark.parametrize("name", ["images.u8", "labels.f32", "meta.json"])
@pytest.mark.parametrize("harm", ["cut", "delete"])
def test_a_damaged_cache_is_rebuilt(tmp_path: Path, name: str, harm: str) -> None:
    source = Source()
    drain(work(tmp_path / "c", source))
    file = tmp_path / "c" / name
    if harm == "cut":
        os.truncate(file, file.stat().st_size // 2)
    else:
        file.unlink()
    images, _, _ = drain(work(tmp_path / "c", source))
    assert source.calls == 2 and torch.equal(images.take(torch.arange(10)), source.x)


def test_cancel_leaves_nothing_and_closes_the_source(tmp_path: Path) -> None:
    source = Source()
    job = work(tmp_path / "c", source)
    next(job), next(job)
    job.close()
    assert source.closed
    assert {p.name for p in tmp_path.iterdir()} <= {"c.lock"}
    assert drain(work(tmp_path / "c", source))[0].shape[0] == 10


def test_what_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "c.part").mkdir()
    (tmp_path / "c.part" / "images.u8").write_bytes(b"half")
    assert drain(work(tmp_path / "c", Source()))[0].shape[0] == 10
    assert not (tmp_path / "c.part").exists()


def test_a_second_process_waits_and_can_be_cancelled(tmp_path: Path) -> None:
    with FileLock(tmp_path / "c.lock"):
        job = work(tmp_path / "c", Source())
        assert "another process" in next(job).what
        job.close()
    assert drain(work(tmp_path / "c", Source()))[0].shape[0] == 10


def test_a_full_disk_found_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(UserError, match="disk is full"):
        drain(work(tmp_path / "c", source))
    assert source.calls == 0 and not (tmp_path / "c.part").exists()


def test_a_disk_that_fills_up_meanwhile(tmp_path: Path) -> None:
    """A file size limit is the nearest thing to a full disk that needs no mount: EFBIG instead of ENOSPC."""
    resource = pytest.importorskip("resource")
    import signal

    old, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, old[1]))
        with pytest.raises(UserError, match="could not be kept"):
            drain(work(tmp_path / "c", Source()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert not (tmp_path / "c.part").exists() and not (tmp_path / "c").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="choose a cache folder"):
        drain(work(tmp_path / "file" / "c", Source()))


def test_errors_of_the_source_keep_their_own_sentence(tmp_path: Path) -> None:
    def broken() -> Iterator[Chunk]:
        yield examples(4)
        raise PermissionError(13, "Permission denied", "x.jpg")

    with pytest.raises(UserError, match=r"x\.jpg"):
        drain(work(tmp_path / "c", broken))
    with pytest.raises(UserError, match="not one example"):
        drain(work(tmp_path / "c", lambda: iter([])))
    assert not (tmp_path / "c").exists() and not (tmp_path / "c.part").exists()
