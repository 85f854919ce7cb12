"""Codes of many images."""

from collections.abc import Generator

import torch
from torch import Tensor

from genexplorer.core.abilities import Encodes
from genexplorer.core.data import Images, to_float
from genexplorer.core.events import Progress

_CHUNK = 256


def encode_all(model: Encodes, images: Images) -> Generator[Progress, None, Tensor]:
    """z of uint8 images, (N, D), a chunk at a time."""
    parts = []
    for start in range(0, len(images), _CHUNK):
        end = min(start + _CHUNK, len(images))
        parts.append(model.encode(to_float(images.take(torch.arange(start, end)))).flatten(1))
        yield Progress("Finding codes", end, len(images))
    return torch.cat(parts)
