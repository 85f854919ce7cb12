"""Named tensors with a JSON header in one safetensors file: replaced whole or not at all, and checked when read."""

import errno
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from .errors import Failure, UserError

_KEY = "genexplorer"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a kill at any moment, sees the old content or the new one, never a part."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise disk_trouble(path, error) from error


def disk_trouble(path: Path, error: OSError) -> Exception:
    """What went wrong with the disk, as one sentence for the person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(
            f"The disk is full in {path.parent}: {path.name} could not be written; what was saved before is whole. "
            "Free some space."
        )
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
        return UserError(f"{path.parent} cannot be written to; choose another folder, or change its rights.")
    return Failure(f"{path} could not be written: {error.strerror or error}.")


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Replace `path` by these tensors and this header (plain JSON values)."""
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(header, sort_keys=True)
    replace_file(path, save(whole, {_KEY: text, "digest": _digest(whole, text)}))


def read_header(path: Path) -> dict[str, Any]:
    """Only the header. UserError where the file is not one of ours."""
    return _open(path)[0]


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All tensors and the header, checked against their digest."""
    header, text, digest = _open(path)
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path} is damaged ({error}); use an older checkpoint of the run.") from error
    if _digest(tensors, text) != digest:
        raise UserError(f"{path} is damaged: its content does not match its checksum; use an older checkpoint.")
    return tensors, header


def digest_of(path: Path) -> str:
    """The checksum that stands in the file: a name for exactly these weights."""
    return _open(path)[2]


def _open(path: Path) -> tuple[dict[str, Any], str, str]:
    if path.suffix != ".safetensors":
        raise UserError(f"{path} is not a safetensors file; pickled checkpoints can run any code and are never loaded.")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
        text, digest = metadata[_KEY], metadata["digest"]
        header = json.loads(text)
    except FileNotFoundError as error:
        raise UserError(f"There is no file {path}.") from error
    except KeyError as error:
        raise UserError(
            f"{path} was not written by genexplorer, so it cannot be told what network it is for."
        ) from error
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged or cut short ({error}); use an older checkpoint of the run.") from error
    if not isinstance(header, dict):
        raise UserError(f"{path} is damaged: its header is not readable; use an older checkpoint of the run.")
    return header, text, digest


def _digest(tensors: dict[str, Tensor], text: str) -> str:
    sha = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        sha.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        sha.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")
    return sha.hexdigest()
