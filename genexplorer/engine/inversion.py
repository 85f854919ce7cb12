"""The code of an image for a model that draws but does not encode: an encoder learnt from its draws, then a search.

The hybrid of Zhu et al. 2016, "Generative Visual Manipulation on the Natural Image Manifold", §3.1: a network says
where to begin, and optimisation goes on from there.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.abilities import Decodes, Draws
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import to_float
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.core.precision import has_fast_bf16
from genexplorer.networks.conv import ConvEncoder

from .adam import Adam
from .axes import freed
from .conditions import written_of
from .query import Query
from .refine import TELL_EVERY, Refined, descend, search_of

_STEPS, _BATCH, _WIDTH, _RATE = 250, 32, 16, 5e-3
_ROUNDS, _FAST = ((100, 8), (200, 3), (500, 1)), 0.2  # steps, and how many of the best go on with them
_KEPT = 2


@dataclass(frozen=True, eq=False)
class FindCode(Query):
    """The code of a picture, uint8 (C, H, W), by a model that draws codes but finds none; no place on the duals in
    `held` (L, D) differs from that of z (D,). Progress while an encoder is learnt, then Refined."""

    picture: np.ndarray
    z: np.ndarray
    held: np.ndarray

    def answer(self, model: Model) -> Iterator[Progress | Refined]:
        yield from find_code(self.checkpoint, model, self.picture, self.z, self.held)


def find_code(
    checkpoint: Checkpoint, model: Model, picture: np.ndarray, z: np.ndarray, held: np.ndarray
) -> Iterator[Progress | Refined]:
    """As FindCode."""
    inverse = _inverse_of(checkpoint, model)
    yield from inverse.learn()
    yield from inverse.find(to_float(torch.from_numpy(picture))[None], z, held)


class Inverse:
    """The way back from what a model draws to its codes. What was learnt stays: whoever asks next goes on."""

    def __init__(self, model: Model) -> None:
        assert isinstance(model, Draws) and isinstance(model, Decodes)
        self._model, self._done = model, 0
        self._rng = torch.Generator().manual_seed(0)
        _, channels, _, size = model.decode(model.draw(1, torch.Generator().manual_seed(0))).shape
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.net = ConvEncoder(channels, size, _WIDTH, model.latent_dim)
        self.net.to(memory_format=torch.channels_last)
        self._adam = Adam(list(self.net.parameters()))

    def learn(self, steps: int = _STEPS) -> Iterator[Progress]:
        """Least squares of codes by what is drawn from them, a little noisy, as photos are and draws are not."""
        while self._done < steps:
            self._step(_RATE * min(1.0, (self._done + 1) / 20) * 0.5 * (1 + math.cos(math.pi * self._done / steps)))
            self._done += 1
            if self._done % TELL_EVERY == 0:
                yield Progress("Learning to find codes", self._done, steps)

    def _step(self, rate: float) -> None:
        model, rng, quick = self._model, self._rng, has_fast_bf16("cpu")
        assert isinstance(model, Draws) and isinstance(model, Decodes)
        z = model.draw(_BATCH, rng)
        with torch.autocast("cpu", torch.bfloat16, enabled=quick):
            x = model.decode(z).float()
            x = x + 0.1 * torch.rand(len(x), 1, 1, 1, generator=rng) * torch.randn(x.shape, generator=rng)
            with torch.enable_grad():
                guess = self.net(x.contiguous(memory_format=torch.channels_last))
        with torch.enable_grad():
            loss = F.mse_loss(guess.float(), z)
        self._adam.step(loss, rate)

    def guess(self, x: Tensor) -> Tensor:
        """Codes of images (B, C, H, W), (B, D)."""
        found: Tensor = self.net(x.contiguous(memory_format=torch.channels_last)).detach()
        return found

    def find(self, x: Tensor, z: np.ndarray, held: np.ndarray) -> Iterator[Refined]:
        """The code of an image (1, C, H, W), better and better: first from several starts, then from the best."""
        prior, bound = search_of(self._model, held)
        guess = _candidates(self._model, self.guess(x)[0])
        codes = torch.from_numpy(np.asarray(z + freed(guess.numpy() - z, held), np.float32))
        done, steps = 0, sum(length for length, _ in _ROUNDS)
        for length, many in _ROUNDS:
            for step, best in enumerate(descend(self._model, x, codes[:many], bound, length, prior, _FAST), 1):
                if step % TELL_EVERY == 0:
                    yield best.told(done + step, steps)
            codes, done = best.z[best.loss.argsort()], done + length


def _candidates(model: Model, guess: Tensor) -> Tensor:
    """A guess (D,) with conditions as images have them, and with others in their place, the likeliest first: (S, D)."""
    written = written_of(model)
    if not written.places:
        return guess[None]
    told = len(written.names)
    y = guess[-told:].numpy()
    rows, others = [written.write(written.read(y))], []
    for place in written.places:
        if not place.number:
            away = place.away(y)
            others += [(float(away[n] - away.min()), place, place.rows[n]) for n in away.argsort()[1:]]
    for _, place, other in sorted(others, key=lambda each: each[0])[: _ROUNDS[0][1] - 1]:
        rows.append(rows[0].copy())
        rows[-1][place.begin : place.end] = other
    conditions = torch.from_numpy(np.stack(rows))
    return torch.cat([guess[:-told].expand(len(rows), -1), conditions], 1)


_known: OrderedDict[tuple[Path, int], Inverse] = OrderedDict()


def _inverse_of(checkpoint: Checkpoint, model: Model) -> Inverse:
    """Of this checkpoint, while its file stays the same."""
    key = checkpoint.path, checkpoint.path.stat().st_mtime_ns
    if key not in _known:
        _known[key] = Inverse(model)
    _known.move_to_end(key)
    while len(_known) > _KEPT:
        _known.popitem(last=False)
    return _known[key]
