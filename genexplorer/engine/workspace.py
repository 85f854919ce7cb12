"""A workspace in one file: the model, the code in hand, bookmarks and locks, in a zip that opens on any machine."""

import hashlib
import json
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from genexplorer import __version__
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.tensors import disk_trouble, read_tensors, replace_file, write_tensors

SUFFIX = ".genexplorer"
_FORMAT = 1
_JSON, _CODES, _WEIGHTS, _EXAMPLES = (
    "workspace.json",
    "codes.safetensors",
    "checkpoint.safetensors",
    "examples.safetensors",
)
_MOST = 4 << 30  # bytes of a file
_TEXT = 4 << 20  # bytes of its JSON
_WORDS = 300
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error),
    *(struct.error, KeyError, TypeError, ValueError, IndexError, ArithmeticError, SyntaxError, MemoryError),
    *(UnidentifiedImageError, Image.DecompressionBombError),
)


@dataclass(frozen=True, eq=False)
class Kept:
    """A bookmark: z float32 (D,), picture uint8 (C, H, W)."""

    name: str
    z: np.ndarray
    picture: np.ndarray


@dataclass(frozen=True, eq=False)
class Workspace:
    """What a person has before them. z is (D,); `held` are the duals, (D,), of what is locked, by name."""

    checkpoint: Checkpoint
    z: np.ndarray
    bookmarks: tuple[Kept, ...] = ()
    held: tuple[tuple[str, np.ndarray], ...] = ()
    panel: str = ""


def save_workspace(path: Path, workspace: Workspace) -> None:
    """Replace `path` by the whole of it. Nothing is packed: weights do not shrink, and a file that is only as large as
    what is in it cannot unfold into something larger when it is opened."""
    about = {
        "format": _FORMAT,
        "version": __version__,
        "panel": workspace.panel,
        "bookmarks": [bookmark.name for bookmark in workspace.bookmarks],
        "held": [name for name, _ in workspace.held],
    }
    dim = len(workspace.z)
    codes = {
        "z": workspace.z,
        "bookmarks": np.array([each.z for each in workspace.bookmarks], np.float32).reshape(-1, dim),
        "held": np.array([dual for _, dual in workspace.held], np.float32).reshape(-1, dim),
    }
    content = BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as file:
        numbers = Path(folder) / _CODES
        write_tensors(numbers, {name: torch.from_numpy(np.array(each, np.float32)) for name, each in codes.items()}, {})
        file.writestr(_JSON, json.dumps(about, indent=2))
        file.write(numbers, _CODES)
        try:
            file.write(workspace.checkpoint.path, _WEIGHTS)
        except OSError as error:
            raise UserError(f"{workspace.checkpoint.path} is gone; open a newer checkpoint and save again.") from error
        examples = _examples(workspace.checkpoint)
        if examples is not None:
            file.write(examples, _EXAMPLES)
        for number, bookmark in enumerate(workspace.bookmarks):
            file.writestr(_picture(number), _png(bookmark.picture))
    replace_file(path, content.getvalue())


def open_workspace(path: Path, home: Path) -> Workspace:
    """Read a workspace; its model comes to lie below HOME/workspaces, where a second opening finds it again.

    UserError in one sentence where anything in the file is not what it should be; nothing is left behind then.
    """
    try:
        if path.stat().st_size > _MOST:
            raise UserError(f"{path.name} is larger than any workspace; open another file.")
        with zipfile.ZipFile(path) as file:
            return _Reader(file, path.stat().st_size).read(home / "workspaces")
    except FileNotFoundError as error:
        raise UserError(f"There is no file {path}.") from error
    except UserError as error:
        raise UserError(f"{path.name} cannot be opened as a workspace: {error}") from error
    except RecursionError as error:
        raise UserError(f"{path.name} is damaged and cannot be opened as a workspace.") from error
    except _BROKEN as error:
        raise UserError(
            f"{path.name} is damaged, cut short or no workspace; open another copy of it, or save it again."
        ) from error


class _Reader:
    """Takes only the entries that a workspace has, by name: what else is in the zip is never looked at."""

    def __init__(self, file: zipfile.ZipFile, size: int) -> None:
        self._file = file
        self._entries = {entry.filename: entry for entry in file.infolist()}
        if len(self._entries) < len(file.infolist()):
            raise ValueError("two entries of one name")
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in file.infolist()):
            raise ValueError("packed entries")
        if sum(entry.file_size for entry in file.infolist()) > size:
            raise ValueError("entries that overlap")

    def read(self, shelf: Path) -> Workspace:
        if self._entries[_JSON].file_size > _TEXT:
            raise ValueError("too long")
        about = json.loads(self._file.read(_JSON))
        if about["format"] > _FORMAT:
            raise UserError("it was written by a newer genexplorer; update the program to open it.")
        names, held, panel = about["bookmarks"], about["held"], about["panel"]
        if not all(_is_word(word) for word in (*names, *held, panel)) or not isinstance(names, list):
            raise ValueError("names that are none")
        try:
            shelf.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".opening-", dir=shelf))
        except OSError as error:
            raise disk_trouble(shelf / "x", error) from error
        try:
            codes = self._tensors(folder, _CODES)
            self._unpack(folder, _WEIGHTS)
            checkpoint = Checkpoint.open(folder / _WEIGHTS)
            checkpoint.model()
            z, bookmarks, duals = (_checked(codes[name]) for name in ("z", "bookmarks", "held"))
            dim = checkpoint.latent_dim
            if z.shape != (dim,) or bookmarks.shape != (len(names), dim) or duals.shape != (len(held), dim):
                raise ValueError("codes that do not fit the model")
            pictures = [self._pixels(number, checkpoint.spec.shape) for number in range(len(names))]
            if _EXAMPLES in self._entries:
                self._tensors(folder, _EXAMPLES, keep=True)
            there = _shelve(folder, shelf, checkpoint.digest)
        except UserError as error:
            raise UserError(str(error).replace(f"{folder}{os.sep}", "its ")) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        kept = tuple(Kept(*each) for each in zip(names, bookmarks, pictures, strict=True))
        return Workspace(Checkpoint.open(there), z, kept, tuple(zip(held, duals, strict=True)), panel)

    def _unpack(self, folder: Path, name: str) -> Path:
        with self._file.open(self._entries[name]) as source, (folder / name).open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        return folder / name

    def _tensors(self, folder: Path, name: str, keep: bool = False) -> dict[str, torch.Tensor]:
        path = self._unpack(folder, name)
        tensors = {key: tensor.clone() for key, tensor in read_tensors(path)[0].items()}
        if not keep:
            path.unlink()
        return tensors

    def _pixels(self, number: int, shape: tuple[int, ...]) -> np.ndarray:
        channels, height, width = shape
        with Image.open(BytesIO(self._file.read(_picture(number))), formats=["PNG"]) as image:
            if image.size != (width, height) or image.mode != ("L" if channels == 1 else "RGB"):
                raise ValueError("a picture that does not fit the model")
            pixels = np.asarray(image, np.uint8)
        return (pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)).copy()


def _shelve(folder: Path, shelf: Path, digest: str) -> Path:
    """Where these weights lie from now on; what lies there from an earlier opening is the same, and stays."""
    content = hashlib.sha256(digest.encode())
    if (folder / _EXAMPLES).exists():
        content.update((folder / _EXAMPLES).read_bytes())
    place = shelf / content.hexdigest()[:16]
    if not _is_whole(place / _WEIGHTS, digest):
        shutil.rmtree(place, ignore_errors=True)
        folder.rename(place)
    return place / _WEIGHTS


def _is_whole(path: Path, digest: str) -> bool:
    with suppress(UserError):
        checkpoint = Checkpoint.open(path)
        checkpoint.model()
        return checkpoint.digest == digest
    return False


def _checked(codes: torch.Tensor) -> np.ndarray:
    if codes.dtype != torch.float32 or not codes.isfinite().all():
        raise ValueError("codes that are none")
    array: np.ndarray = codes.numpy()
    return array


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and len(word) <= _WORDS


def _examples(checkpoint: Checkpoint) -> Path | None:
    folders = (checkpoint.path.parent, checkpoint.path.parents[1])
    return next((folder / _EXAMPLES for folder in folders if (folder / _EXAMPLES).is_file()), None)


def _picture(number: int) -> str:
    return f"bookmarks/{number:04d}.png"


def _png(pixels: np.ndarray) -> bytes:
    content = BytesIO()
    Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0).copy()).save(content, "PNG")
    return content.getvalue()
