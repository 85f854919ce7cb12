"""A person's own pictures: a folder of any size, decoded once into a cache."""

import hashlib
import os
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Label, Split
from ..core.errors import UserError
from ..core.events import Progress
from ..core.recipe import knob
from ..sources.attributes import Attributes, find_attributes, read_attributes
from ..sources.cache import Chunk, cached
from ..sources.decode import Channels, Fit, Unreadable, decode, decode_all

_MOST_NAMED = 1000  # skipped files that are listed by name
_FIRST_NAMED = 5  # of them, in the summary
_GLANCE = (2000, 100)  # how many files a preview looks at, in all and in each folder
_LITTER = {"thumbs.db", "desktop.ini"}


class _NothingReadable(UserError):  # noqa: N818 - its sentence is shown, not its name
    """Every file of one part of the folder failed."""


@dataclass(frozen=True)
class _Files:
    """The files that are to be read, and what is known of them: labels is float32 (N, L)."""

    names: list[str]
    labels: NDArray[np.float32]
    kinds: tuple[Label, ...]
    notes: tuple[str, ...]
    unlabelled: list[tuple[str, str]]
    total: int


@DATASETS.register("folder")
class Folder(DatasetRecipe):
    """Every image below a folder, however deep, brought to one square size and kept in a cache.

    Labels: a table in the folder (attributes.csv: file name, then columns of 0/1, numbers or words), else one class per
    subfolder. What cannot be read is skipped and listed. A file that comes, goes or changes is noticed.
    """

    title: ClassVar[str] = "My pictures"
    about: ClassVar[str] = "A folder of your own images. Subfolders become classes; attributes.csv becomes labels."

    path: Path = knob(Path("~/Pictures"), "The folder; images are looked for in all its subfolders too")
    size: int = knob(64, "Side of the squares that the images are brought to", ge=8, le=128, unit="px")
    fit: Fit = knob("crop", "How an image becomes square: crop its middle, resize (stretch) it, or pad it with white")
    channels: Channels = knob("rgb", "Colour or grey")
    test_share: float = knob(0.1, "Share that is set aside to judge by, never trained on", ge=0.01, le=0.5)

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        root = self._root()
        names, print_ = yield from _survey(root)
        files = _labelled(root, names)
        test = _set_aside(files.names, self.test_share)
        home = cache / "folders" / f"{root.name}-{self._digest(root)}"
        key = {"files": print_}
        trained, skipped = yield from self._part(root, files, ~test, home / "train", key)
        judged, notes = trained, [*files.notes]
        if test.any():
            try:
                judged, more = yield from self._part(root, files, test, home / "test", key)
                skipped = skipped + more
            except _NothingReadable:
                skipped = [*skipped, *((files.names[i], "not readable") for i in np.flatnonzero(test))]
        if judged is trained:
            notes.append("No image is left to judge by: the training images are used; add more images.")
        skipped = [*skipped, *files.unlabelled]
        spec = DataSpec(tuple(trained.images.shape[1:]), files.kinds)
        return Data(spec, trained, judged, (*_summary(skipped, files.total), *notes))

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        """Images from here and there; a folder of millions is not listed to its end."""
        root = self._root()
        most, most_of_each = _GLANCE
        names = list(islice(_walk(root, most=most_of_each), most))
        if not names:
            raise _no_file(root)
        found: list[NDArray[np.uint8]] = []
        failed: list[tuple[str, str]] = []
        for index in _spread(len(names), 4 * num):
            if len(found) == num:
                break
            try:
                found.append(decode(root / names[index], self.size, self.fit, self.channels))
            except Unreadable as error:
                failed.append((names[index], str(error)))
        if not found:
            raise _none_readable(root, len(failed), *failed[0])
        return torch.from_numpy(np.stack(found))

    def _root(self) -> Path:
        try:
            root = self.path.expanduser().resolve()
            os.scandir(root).close()
        except (OSError, RuntimeError) as error:
            reason = str(getattr(error, "strerror", None) or error)
            if isinstance(error, FileNotFoundError):
                reason = "it does not exist"
            elif isinstance(error, NotADirectoryError):
                reason = "it is a file"
            raise UserError(f"The folder {self.path} cannot be read: {reason}; choose a folder of images.") from error
        return root

    def _digest(self, root: Path) -> str:
        knobs = f"{root}|{self.size}|{self.fit}|{self.channels}|{self.test_share}"
        return hashlib.blake2b(knobs.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()

    def _part(
        self, root: Path, files: _Files, chosen: NDArray[np.bool_], home: Path, key: dict[str, Any]
    ) -> Generator[Progress, None, tuple[Split, list[tuple[str, str]]]]:
        """Decode the chosen files, or open what was decoded before; also what was skipped: name and reason."""
        places = np.flatnonzero(chosen)
        shape = (1 if self.channels == "gray" else 3, self.size, self.size)
        what = f"Reading {root.name}"
        chunks = _chunks(root, files, places, lambda paths: decode_all(paths, self.size, self.fit, self.channels))
        images, labels, extra = yield from cached(home, key, what, len(places), shape, len(files.kinds), chunks)
        return Split(images, labels), [(name, reason) for name, reason in extra["skipped"]]


def _chunks(
    root: Path, files: _Files, places: NDArray[np.intp], decoder: Callable[..., Any]
) -> Callable[[], Generator[Chunk, None, dict[str, Any]]]:
    """Decoded images with the labels of those that could be read; returns which could not."""

    def run() -> Generator[Chunk, None, dict[str, Any]]:
        skipped: list[tuple[str, str]] = []
        read = 0
        decoded = decoder(root / files.names[place] for place in places)
        try:
            for part in decoded:
                skipped += [(files.names[places[index]], reason) for index, reason in part.failed]
                if part.kept:
                    read += len(part.kept)
                    yield part.images, torch.from_numpy(files.labels[places[part.kept]])
        finally:
            decoded.close()
        if not read:
            raise _none_readable(root, len(places), *skipped[0])
        return {"skipped": [(_safe(name), reason) for name, reason in skipped]}

    return run


def _survey(root: Path) -> Generator[Progress, None, tuple[list[str], str]]:
    """All files below the folder, sorted, and a fingerprint of their names, sizes and times of change."""
    names: list[str] = []
    check = hashlib.blake2b(digest_size=16)
    what = f"Looking through {root.name}"
    yield Progress(what, 0, 0)
    for name in _walk(root, check.update):
        names.append(name)
        if len(names) % 2000 == 0:
            yield Progress(what, len(names), 0)
    if not names:
        raise _no_file(root)
    return names, check.hexdigest()


def _no_file(root: Path) -> UserError:
    return UserError(f"There is no file in {root}; choose a folder of images.")


def _none_readable(root: Path, count: int, name: str, reason: str) -> _NothingReadable:
    what = f"Not one of the {count:,} files in {root}" if count > 1 else f"The file in {root}"
    can = "can" if count > 1 else "cannot"
    return _NothingReadable(f"{what} {can} be read as an image ({_safe(name)}: {reason}); choose a folder of images.")


def _walk(root: Path, tell: Callable[[bytes], object] | None = None, most: int | None = None) -> Iterator[str]:
    """Paths of the files below `root`, with slashes, in order; each real folder once, so that links cannot go round.

    Hidden files, and what is neither file nor folder, are passed over. `tell` is given what identifies each file's
    state, the CSV tables' too. With `most`, only so many entries of each folder are looked at, in no order.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        below: list[str] = []
        try:
            here = (root / folder).stat()
            if (here.st_dev, here.st_ino) in seen and here.st_ino:
                continue
            seen.add((here.st_dev, here.st_ino))
            with os.scandir(root / folder) as entries:
                listed = sorted(islice(entries, most), key=lambda entry: entry.name)
        except OSError:
            listed = []
        for entry in listed:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith(".") or entry.name.lower() in _LITTER:
                continue
            try:
                state = entry.stat() if tell else None
                is_folder, is_file = entry.is_dir(), entry.is_file()
            except OSError:
                state, is_folder, is_file = None, False, entry.is_symlink()
            if is_folder:
                below.append(name)
                continue
            if not is_file and not entry.is_symlink():
                continue
            if tell:
                mark = f"{name}\0{state.st_size}\0{state.st_mtime_ns}\0" if state else f"{name}\0"
                tell(mark.encode("utf-8", "surrogateescape"))
            if folder or not entry.name.lower().endswith(".csv"):
                yield name
        waiting += reversed(below)


def _labelled(root: Path, names: list[str]) -> _Files:
    """Which files are read, with their labels: from the table where there is one, else from the subfolders."""
    total = len(names)
    file = find_attributes(root)
    notes: tuple[str, ...] = ()
    if file is not None:
        table = read_attributes(file)
        rows = [table.row(name) for name in names]
        if table.labels and any(row is not None for row in rows):
            return _from_table(table, names, rows)
        notes = (f"{file.name} is not used: its first column names no file in the folder, or it holds no labels.",)
    tops = [name.partition("/")[0] if "/" in name else "" for name in names]
    classes = sorted(set(tops))
    if len(classes) < 2:
        return _Files(names, np.zeros((total, 0), np.float32), (), notes, [], total)
    place = {top: code for code, top in enumerate(classes)}
    labels = np.fromiter((place[top] for top in tops), np.float32, total)[:, None]
    kind = Label("class", "class", tuple(_safe(top) or "(no folder)" for top in classes))
    return _Files(names, labels, (kind,), notes, [], total)


def _from_table(table: Attributes, names: list[str], rows: list[int | None]) -> _Files:
    """Only what the table knows in full is read."""
    whole: NDArray[np.bool_] = np.asarray(~np.isnan(table.values).any(1))
    kept = [(name, row) for name, row in zip(names, rows, strict=True) if row is not None and whole[row]]
    without = [
        (name, f"not in {table.file.name}" if row is None else f"a value is missing in {table.file.name}")
        for name, row in zip(names, rows, strict=True)
        if row is None or not whole[row]
    ]
    if not kept:
        raise UserError(f"Every row of {table.file} lacks a value; fill its empty cells, or move it away.")
    orphans = len(table.rows) - len({row for row in rows if row is not None})
    notes = (*table.notes, *((f"{orphans:,} rows of {table.file.name} name no file.",) if orphans else ()))
    labels = table.values[[row for _, row in kept]]
    return _Files([name for name, _ in kept], labels, table.labels, notes, without, len(names))


def _set_aside(names: list[str], share: float) -> NDArray[np.bool_]:
    """Which files are for the test, bool (N,). Chosen by their names, so that new files move few of the old."""
    ranks = np.fromiter((zlib.crc32(name.encode("utf-8", "surrogateescape")) for name in names), np.uint32, len(names))
    count = min(len(names) - 1, max(1, round(share * len(names))))
    chosen = np.zeros(len(names), np.bool_)
    chosen[np.argsort(ranks, kind="stable")[:count]] = True
    return chosen


def _spread(total: int, num: int) -> list[int]:
    """Up to `num` places spread evenly over `total`, in an order whose every beginning is spread too."""
    places = sorted({index * total // num for index in range(num)}) if total else []
    return places[::4] + places[2::4] + places[1::4] + places[3::4]


def _summary(skipped: list[tuple[str, str]], total: int) -> tuple[str, ...]:
    """One sentence, then a line for each file that was skipped."""
    if not skipped:
        return ()
    shown = ", ".join(f"{_safe(name)} ({reason})" for name, reason in skipped[:_FIRST_NAMED])
    rest = f" and {len(skipped) - _FIRST_NAMED:,} more" if len(skipped) > _FIRST_NAMED else ""
    lines = [f"{_safe(name)}: {reason}" for name, reason in skipped[:_MOST_NAMED]]
    if len(skipped) > _MOST_NAMED:
        lines.append(f"… and {len(skipped) - _MOST_NAMED:,} more.")
    were = "file was" if total == 1 else "files were"
    return (f"{len(skipped):,} of {total:,} {were} skipped: {shown}{rest}.", *lines)


def _safe(name: str) -> str:
    """A file name that can be shown and written down, whatever bytes the disk holds."""
    return name.encode("utf-8", "replace").decode("utf-8")
