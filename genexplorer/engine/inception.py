"""Inception-v3's features, from a TorchScript file that a person gives: those of published Fréchet distances."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genexplorer.core.data import Images
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress

_SIZE, _DIM, _CHUNK = 299, 2048, 32


class InceptionFeatures:
    """2048 numbers an image: (0…255 − 128) / 128 in colour at 299 px, as the network of Heusel et al. 2017 wants it."""

    name = "Inception-v3"

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise UserError(f"There is no file {path}; --inception wants Inception-v3's weights as TorchScript.")
        self._path = path
        self._net: Any = None

    def __call__(self, images: Images, what: str) -> Generator[Progress, None, Tensor]:
        if self._net is None:
            yield Progress("Loading Inception-v3", 0, 1)
            self._net = _load(self._path)
        parts = []
        for start in range(0, len(images), _CHUNK):
            end = min(start + _CHUNK, len(images))
            with torch.no_grad():
                parts.append(_features(self._net, images.take(torch.arange(start, end))))
            yield Progress(what, end, len(images))
        return torch.cat(parts)


def inception_input(x: Tensor) -> Tensor:
    """uint8 (B, 1 or 3, H, W) to (B, 3, 299, 299), enlarged as TensorFlow 1 did: pixel i is taken at i · H / 299.

    Other ways to enlarge move the distance by whole units (Parmar et al. 2022), so this one is kept to the letter.
    """
    x = x.float().expand(-1, 3, -1, -1)
    for side in (2, 3):
        at = torch.arange(_SIZE) * (x.shape[side] / _SIZE)
        low = at.floor().long()
        high = (low + 1).clamp(max=x.shape[side] - 1)
        share = (at - low).view(-1, 1) if side == 2 else at - low
        x = torch.lerp(x.index_select(side, low), x.index_select(side, high), share)
    return (x - 128) / 128


def _features(net: Any, x: Tensor) -> Tensor:
    features: Tensor = net(inception_input(x))
    return features.flatten(1)


def _load(path: Path) -> Any:
    """TorchScript runs in a sandbox of its own; nothing is unpickled into Python."""
    try:
        net: Any = torch.jit.load(str(path), map_location="cpu").eval()  # type: ignore[no-untyped-call]
        told = _features(net, torch.zeros(1, 3, 8, 8, dtype=torch.uint8))
    except (RuntimeError, ValueError, OSError) as error:
        first = str(error).strip().splitlines()[0]
        raise UserError(f"{path} cannot be used as Inception-v3 in TorchScript ({first}).") from error
    if tuple(told.shape) != (1, _DIM):
        raise UserError(f"{path} gives {tuple(told.shape)[1:]} numbers an image, not Inception-v3's {_DIM}.")
    return net
