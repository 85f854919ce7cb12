"""What directions are fitted to: codes, and what is on their pictures."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes, Draws, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data, Split, to_float
from genexplorer.core.events import Progress
from genexplorer.core.model import Model

from .attributes import Attribute, attributes_of, columns, standardised
from .explore import told_of
from .probe import Probe

_FITTED_ON, _MEASURED_ON, _CHUNK = 10_000, 96, 256


@dataclass(frozen=True, eq=False)
class Labelled:
    """Codes z (N, D) with standardised attributes y (N, J), and codes to measure from, `starts` (S, D).

    `model` draws these codes. Its own may have `told` numbers more, behind these: conditions, which stay.
    """

    model: Model
    z: np.ndarray
    y: np.ndarray
    starts: np.ndarray
    told: int = 0


def attributes_to_name(checkpoint: Checkpoint) -> list[int]:
    """Which attributes of its data set's labels directions are looked for. Where a model only draws, those that are no
    conditions: a condition is chosen, and no code says anything of it."""
    attributes, labels = attributes_of(checkpoint.spec.labels), checkpoint.spec.labels
    chosen = set() if checkpoint.has(Encodes) else {label.name for label in checkpoint.conditions}
    return [k for k, attribute in enumerate(attributes) if labels[attribute.label].name not in chosen]


def encoded(model: Model, data: Data, attributes: tuple[Attribute, ...]) -> Generator[Progress, None, Labelled]:
    """Codes of real images with their labels."""
    z = yield from _codes(model, data.train, _FITTED_ON)
    starts = yield from _codes(model, data.test if len(data.test) else data.train, _MEASURED_ON)
    y = standardised(columns(attributes, data.train.labels[: len(z)].numpy()))
    return Labelled(model, z, y, starts)


def drawn(
    model: Model, guide: Probe, data: Data, attributes: tuple[Attribute, ...], num: int = _FITTED_ON
) -> Generator[Progress, None, Labelled]:
    """Codes that the model draws, with what the guide, trained on real images, sees on their pictures.

    Of a yes/no as many are taken for yes as among real images: those of which it is surest. Shen et al. 2020,
    "InterFaceGAN", §4.1, label samples in this way too.
    """
    assert isinstance(model, Draws) and isinstance(model, Decodes)
    told, rng, seen = told_of(model), torch.Generator().manual_seed(0), []
    codes = model.draw(num + _MEASURED_ON, rng)
    free = codes.shape[1] - told
    with torch.no_grad():
        for start in range(0, num, _CHUNK):
            part = codes[start : min(start + _CHUNK, num)]
            seen.append(guide(model.decode(part)).float())
            yield Progress("Labelling what it draws", min(start + _CHUNK, num), num)
    y = torch.cat(seen).numpy()
    rates = columns(attributes, data.train.labels.numpy()).mean(0)
    for j, attribute in enumerate(attributes):
        if not attribute.number:
            y[:, j] = y[:, j] > np.quantile(y[:, j], 1 - rates[j])
    starts = codes[num:]
    beside = Beside(model, starts[:, free:])
    return Labelled(beside, codes[:num, :free].numpy(), standardised(y), starts[:, :free].numpy(), told)


class Beside(Model):
    """The model where conditions are given row by row: of rows (S, told) the first that a batch needs."""

    def __init__(self, model: Decodes, rows: Tensor) -> None:
        super().__init__()
        self.model, self.rows = model, rows
        self.latent_dim = model.latent_dim - rows.shape[1]

    def decode(self, z: Tensor) -> Tensor:
        return self.model.decode(torch.cat([z, self.rows[: len(z)]], 1))


def _codes(model: Model, split: Split, most: int) -> Generator[Progress, None, np.ndarray]:
    """Codes of the first images, (N, D)."""
    assert isinstance(model, Encodes)
    num, parts = min(most, len(split)), []
    with torch.no_grad():
        for start in range(0, num, _CHUNK):
            indices = torch.arange(start, min(start + _CHUNK, num))
            parts.append(model.encode(to_float(split.images.take(indices))).numpy())
            yield Progress("Encoding", min(start + _CHUNK, num), num)
    return np.concatenate(parts)
