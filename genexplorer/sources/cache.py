"""Decoded images kept on disk: built once from chunks, then mapped, so that a set of any size fits in memory."""

import errno
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout
from torch import Tensor

from ..core.data import Images
from ..core.errors import UserError
from ..core.events import Progress

Chunk = tuple[Tensor, Tensor]
"""Some examples and their labels: uint8 (n, C, H, W), float32 (n, L)."""

_FORMAT = 1
_IMAGES, _LABELS, _META = "images.u8", "labels.f32", "meta.json"


def cached(
    folder: Path,
    key: dict[str, Any],
    what: str,
    count: int,
    shape: tuple[int, ...],
    num_labels: int,
    chunks: Callable[[], Iterator[Chunk]],
) -> Generator[Progress, None, tuple[Images, Tensor, dict[str, Any]]]:
    """Open the cache in `folder`, building it first where it is missing, half written, or made under another key.

    `key` is whatever the bytes depend on (plain JSON values); `count` is how many examples `chunks` gives at most.
    A generator given as `chunks()` may return a dict of plain JSON values: it is kept, and comes back with the images.
    Returns the images, uint8 (N, *shape), the labels, float32 (N, L), and that dict; N ≤ count.
    Where several processes want the same cache, one builds it and the others wait.
    UserError: the folder cannot be written, the disk is full, or no example came.
    """
    key = json.loads(json.dumps({**key, "format": _FORMAT, "shape": shape, "num_labels": num_labels}))
    opened = _open(folder, key)
    if opened is not None:
        return opened
    with _explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f"{folder.name}.lock"), thread_local=False)
    while not lock.is_locked:
        try:
            with _explained(folder):
                lock.acquire(timeout=0.2)
        except Timeout:
            yield Progress(f"{what}: another process is at it", 0, 0)
    try:
        opened = _open(folder, key)
        if opened is None:
            yield from _build(folder, key, what, count, shape, chunks)
            opened = _open(folder, key)
    finally:
        lock.release()
    if opened is None:
        raise UserError(f"The cache in {folder} vanished while it was opened; is something else clearing this folder?")
    return opened


def _open(folder: Path, key: dict[str, Any]) -> tuple[Images, Tensor, dict[str, Any]] | None:
    """The finished cache, or None where it is missing, damaged or of another key."""
    try:
        meta = json.loads((folder / _META).read_text("utf-8"))
        if meta["key"] != key:
            return None
        shape = (int(meta["count"]), *key["shape"])
        labels = np.fromfile(folder / _LABELS, np.float32).reshape(shape[0], key["num_labels"])
        if (folder / _IMAGES).stat().st_size != int(np.prod(shape)):
            return None
        return Images.mapped(folder / _IMAGES, shape), torch.from_numpy(labels), dict(meta["extra"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _build(
    folder: Path,
    key: dict[str, Any],
    what: str,
    count: int,
    shape: tuple[int, ...],
    chunks: Callable[[], Iterator[Chunk]],
) -> Generator[Progress, None, None]:
    """Write everything beside `folder`, then put it in its place. Whoever stops half way leaves nothing behind."""
    part = folder.with_name(f"{folder.name}.part")
    extra: dict[str, Any] = {}
    done = 0
    try:
        with _explained(folder):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            _check_space(folder, count * int(np.prod(shape)))
            images_file = (part / _IMAGES).open("wb")
            labels_file = (part / _LABELS).open("wb")
        with _explained(folder), closing(images_file), closing(labels_file):
            source = _Tail(chunks())
            with closing(source):
                yield Progress(what, 0, count)
                for images, labels in source:
                    images_file.write(images.contiguous().numpy().data)
                    labels_file.write(labels.contiguous().numpy().tobytes())
                    done += len(images)
                    yield Progress(what, done, count)
            extra = source.value or {}
            for file in (images_file, labels_file):
                file.flush()
                os.fsync(file.fileno())
        if not done:
            raise UserError(f"{what}: there is not one example to keep; check where they come from.")
        with _explained(folder):
            meta = {"key": key, "count": done, "extra": extra}
            (part / _META).write_text(json.dumps(meta), "utf-8")
            old = folder.with_name(f"{folder.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            if folder.exists():
                folder.rename(old)
            part.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


class _Tail:
    """An iterator that keeps what a generator returned, and tells its errors from ours."""

    def __init__(self, source: Iterator[Chunk]) -> None:
        self._source = source
        self.value: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        try:
            return next(self._source)
        except StopIteration as end:
            self.value = end.value
            raise
        except OSError as error:
            raise UserError(f"Reading the examples failed: {error}; check that the files can be read.") from error

    def close(self) -> None:
        if isinstance(self._source, Generator):
            self._source.close()


def _check_space(folder: Path, needed: int) -> None:
    """OSError (ENOSPC) where `needed` bytes do not fit beside `folder`."""
    if shutil.disk_usage(folder.parent).free < needed:
        raise OSError(errno.ENOSPC, f"{needed / 1e6:,.0f} MB are needed")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn a failed write into the sentence that a person can act on."""
    try:
        yield
    except Timeout:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            why = f"The disk is full: the images could not be kept in {folder} ({error.strerror})"
            raise UserError(f"{why}; free some space or choose another cache folder.") from error
        why = f"The images could not be kept in {folder} ({error.strerror or error})"
        raise UserError(f"{why}; choose a cache folder that can be written.") from error
