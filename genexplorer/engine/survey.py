"""How probable a model finds many images: its test images, and others beside them."""

import hashlib
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Scores
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import to_float
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import Progress, drain
from genexplorer.core.model import Model
from genexplorer.core.tensors import read_tensors, write_tensors
from genexplorer.statistics.estimate import Estimate
from genexplorer.statistics.importance import explains, log_density
from genexplorer.statistics.rank import auroc, percentile

from .at_hand import test_images
from .others import Other, take
from .query import Query

FEW = 16  # draws per image, where more than one are asked for
_NUM, _CHUNK = 1000, 32


@dataclass(frozen=True)
class Survey(Query):
    """`Scored` of the first 1,000 test images, again and again as they come in; then of the other set, and `Apart`.

    With 1 draw an image's score is its ELBO, with more L_k of Burda et al. 2016, eq. 8. What was found for these very
    weights and images is kept below `cache`, and there at once the next time.
    """

    cache: Path
    draws: int = 1
    other: Other | None = None

    def answer(self, model: Model) -> Iterator["Progress | Scored | Apart"]:
        if not isinstance(model, Scores):
            raise UserError("This model has no density; open a variational autoencoder to ask how probable images are.")
        shown = test_images(self.checkpoint, self.cache)
        if shown is None or not len(shown):
            raise UserError("No test images lie beside this checkpoint, so there are none to compare with.")
        own = shown.images.take(torch.arange(min(_NUM, len(shown))))
        inside = yield from self._scored(model, own, "test images", False)
        if self.other is not None:
            yield Progress(f"Fetching {self.other.title}", 0, 0)
            images = take(self.other, self.checkpoint, self.cache)
            outside = yield from self._scored(model, images, self.other.title, True)
            yield Apart(auroc(inside, outside), float(outside.mean() - inside.mean()))

    def _scored(
        self, model: Scores, images: Tensor, what: str, other: bool
    ) -> Generator["Progress | Scored", None, Tensor]:
        file, pixels = _file(self.checkpoint, self.cache, self.draws, images), images.numpy()
        kept = _read(file)
        if kept is not None and len(kept) == len(images):
            yield Scored(pixels, kept.numpy(), other)
            return kept
        rng, nats = torch.Generator().manual_seed(0), torch.zeros(0)
        for start in range(0, len(images), _CHUNK):
            x = to_float(images[start : start + _CHUNK])
            if self.draws > 1 and explains(model):
                found = drain(log_density(model, x, self.draws, rng)).value
            else:
                found = model.elbo(x, rng)["elbo"]
            nats = torch.cat([nats, found.float()])
            yield Progress(f"Weighing {what}", len(nats), len(images))
            yield Scored(pixels, nats.numpy(), other)
        with suppress(UserError, Failure, OSError):  # what cannot be kept is found anew
            file.parent.mkdir(parents=True, exist_ok=True)
            write_tensors(file, {"nats": nats}, {"kind": "density"})
        return nats


@dataclass(frozen=True, eq=False)
class Scored:
    """Nats (n,) of the first n of these images, uint8 (N, C, H, W); `other`: not the test images."""

    images: np.ndarray
    nats: np.ndarray
    other: bool

    @property
    def complete(self) -> bool:
        return len(self.nats) == len(self.images)

    def percentile(self, nats: float) -> float:
        """Share of these scores below a value, 0 to 100 %."""
        return percentile(nats, torch.from_numpy(self.nats))


@dataclass(frozen=True)
class Apart:
    """auroc = P(a test image is likelier than one of the others); by how many nats the mean of the others is higher."""

    auroc: Estimate
    higher: float


def _file(checkpoint: Checkpoint, cache: Path, draws: int, images: Tensor) -> Path:
    name = hashlib.blake2b(f"1 {checkpoint.digest} {draws} {tuple(images.shape)}".encode(), digest_size=12)
    name.update(images.numpy().tobytes())
    return cache / "density" / f"{name.hexdigest()}.safetensors"


def _read(file: Path) -> Tensor | None:
    if file.exists():
        with suppress(UserError):
            return read_tensors(file)[0].get("nats")
    return None
