"""The units of a sparse code: how often each fires, on what, and what it draws."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes, Encodes, Fires
from genexplorer.core.data import to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model

from .at_hand import TestImages, test_images
from .query import Query

_MOST, _CHUNK, _BEST = 2048, 256, 12
_PEAK = 120.0  # grey levels from middle grey to the strongest mark of a unit's drawing


@dataclass(frozen=True)
class LookAtUnits(Query):
    """All units over up to 2,048 of the images that the model is judged by."""

    cache: Path

    def answer(self, model: Model) -> Iterator["Progress | Units"]:
        if not (isinstance(model, Fires) and isinstance(model, Encodes) and isinstance(model, Decodes)):
            raise UserError("The units of this model do not switch on and off; open a sparse autoencoder.")
        shown = test_images(self.checkpoint, self.cache)
        if shown is None or not len(shown):
            raise UserError("No test images lie beside this checkpoint, so nobody can say which units fire.")
        yield from look_at_units(model, shown)


@dataclass(frozen=True, eq=False)
class Units:
    """z (N, D) are the codes of the images x, uint8 (N, C, H, W); on (N, D) says which units fire.

    rate (D,) is the share of images that a unit fires on, typical (D,) its mean activation there, drawn uint8
    (D, C, H, W) what that activation alone adds to the image, around middle grey, each unit to its own full contrast;
    best (D, 12) the images on which it is strongest, first ones first, -1 where it fires on fewer.
    """

    x: np.ndarray
    z: np.ndarray
    on: np.ndarray
    rate: np.ndarray
    typical: np.ndarray
    drawn: np.ndarray
    best: np.ndarray

    def in_order(self, key: str, image: int) -> np.ndarray:
        """Indices of units: "use", the most used first; "rare", the rarest of those that fire; "image", the strongest
        on that image, those that are on; "dead", that never fire; "set", all as they stand in the code."""
        fires = np.flatnonzero(self.rate > 0)
        match key:
            case "use":
                return fires[np.argsort(-self.rate[fires], kind="stable")]
            case "rare":
                return fires[np.argsort(self.rate[fires], kind="stable")]
            case "image":
                mine = np.flatnonzero(self.on[image])
                return mine[np.argsort(-np.abs(self.z[image, mine]), kind="stable")]
            case "dead":
                return np.flatnonzero(self.rate == 0)
            case _:
                return np.arange(len(self.rate))


def look_at_units(model: Model, shown: TestImages) -> Iterator[Progress | Units]:
    """model Fires, Encodes and Decodes."""
    assert isinstance(model, Fires) and isinstance(model, Encodes) and isinstance(model, Decodes)
    num, parts = min(_MOST, len(shown)), []
    x = shown.images.take(torch.arange(num))
    for start in range(0, num, _CHUNK):
        parts.append(model.encode(to_float(x[start : start + _CHUNK])).float())
        yield Progress("Looking which units fire", min(start + _CHUNK, num), num)
    z = torch.cat(parts)
    on = model.fires(z)
    count = on.sum(0)
    typical = (z * on).sum(0) / count.clamp(min=1)
    strength = torch.where(on, z.abs(), -torch.inf)
    values, places = strength.topk(min(_BEST, num), dim=0)
    best = torch.where(values.isfinite(), places, -1).T
    alone = torch.where(count > 0, typical, z.abs().mean())
    yield Units(
        *(x.numpy(), z.numpy(), on.numpy(), (count / num).numpy(), typical.numpy()),
        *(drawings(model, alone, z).numpy(), best.numpy()),
    )


def drawings(model: Decodes, typical: Tensor, z: Tensor) -> Tensor:
    """What each unit adds at its typical activation (D,) to an image where all others rest: uint8 (D, C, H, W).

    decode(rest + (a_j - rest_j) e_j) - decode(rest), around middle grey; rest is the unit's value where it is off: 0,
    or the lowest that codes z (N, D) have where units never are at 0.
    """
    rest = torch.where((z == 0).any(0), torch.zeros_like(typical), z.amin(0))
    base, parts = model.decode(rest[None]), []
    for units in torch.arange(len(typical)).split(_CHUNK):  # type: ignore[no-untyped-call]
        codes = rest.repeat(len(units), 1)
        codes[torch.arange(len(units)), units] = typical[units]
        parts.append(model.decode(codes) - base)
    added = torch.cat(parts)
    peak = added.flatten(1).abs().amax(1).clamp(min=1e-6)[:, None, None, None]
    return (128 + _PEAK * added / peak).round().clamp(0, 255).to(torch.uint8)
