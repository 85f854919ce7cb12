"""The idx format of MNIST and its relatives: a magic number, the dimensions, then the raw bytes; often gzipped."""

import gzip
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import torch
from torch import Tensor

from ..core.errors import UserError


def find(folders: Iterable[Path], name: str) -> Path | None:
    """The first of `name`.gz and `name` that lies in one of the folders."""
    for folder in folders:
        for path in (folder / f"{name}.gz", folder / name):
            if path.is_file():
                return path
    return None


def read_idx(path: Path, limit: int | None = None) -> Tensor:
    """The bytes of an idx file, gzipped or not, as uint8 (N, …); only the first `limit` entries where one is given.

    UserError: the file is not an idx file of bytes, or it is cut short or damaged.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            return parse_idx(cast(BinaryIO, file), limit)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({error}); delete it and get it anew.") from error


def parse_idx(file: BinaryIO, limit: int | None = None) -> Tensor:
    """As `read_idx`, of an open file; ValueError or struct.error where it is damaged."""
    zero, kind, ndim = struct.unpack(">HBB", file.read(4))
    if zero or kind != 0x08 or not ndim:
        raise ValueError("it is not an idx file of bytes")
    count, *shape = struct.unpack(f">{ndim}I", file.read(4 * ndim))
    count = count if limit is None else min(count, limit)
    needed = count * int(np.prod(shape, dtype=np.int64))
    data = bytearray(file.read(needed))
    if len(data) < needed:
        raise ValueError("it is cut short")
    if not needed:
        return torch.zeros(count, *shape, dtype=torch.uint8)
    return torch.frombuffer(data, dtype=torch.uint8).reshape(count, *shape)
