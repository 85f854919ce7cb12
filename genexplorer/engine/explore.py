"""Pure queries of a checkpoint: a model and a query in, NumPy out."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from genexplorer.core.abilities import Decodes, Encodes, Infers
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.tensors import read_tensors
from genexplorer.networks.gaussian import kl_divergence


@dataclass(frozen=True)
class Decode:
    """Draw these codes: z is (B, D). The answer is uint8 (B, C, H, W)."""

    checkpoint: Checkpoint
    z: np.ndarray


@dataclass(frozen=True)
class EncodeFile:
    """The code of a picture file, (D,)."""

    checkpoint: Checkpoint
    path: Path


@dataclass(frozen=True)
class Describe:
    """What each latent dimension does over the test images that travel with the checkpoint."""

    checkpoint: Checkpoint


@dataclass(frozen=True)
class Dimensions:
    """Per latent dimension, (D,): the KL in nats, and mean and spread of the aggregate posterior."""

    kl: np.ndarray
    mean: np.ndarray
    std: np.ndarray

    ACTIVE = 0.05  # nats of KL below which a dimension carries nothing that can be seen

    @property
    def ranked(self) -> np.ndarray:
        """Dimensions by falling KL, as indices."""
        return np.argsort(-self.kl, kind="stable")

    @property
    def active(self) -> np.ndarray:
        return self.kl >= self.ACTIVE


Query = Decode | EncodeFile | Describe


@lru_cache(maxsize=2)
def _model(path: Path, changed: int) -> tuple[Checkpoint, Model]:
    checkpoint = Checkpoint.open(path)
    return checkpoint, checkpoint.model()


def own_model(checkpoint: Checkpoint) -> Model:
    """The checkpoint's network, kept while the file stays the same."""
    try:
        changed = checkpoint.path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise UserError(f"{checkpoint.path} is gone; open a newer checkpoint.") from error
    return _model(checkpoint.path, changed)[1]


def answer(query: Query) -> Iterator[np.ndarray | Dimensions]:
    """Answer one query; longer answers come in parts."""
    model = own_model(query.checkpoint)
    with torch.inference_mode():
        match query:
            case Decode(z=z):
                yield decode(model, z)
            case EncodeFile(path=path):
                x = torch.from_numpy(read_image(path, query.checkpoint.spec.shape))[None]
                yield encode(model, to_float(x))
            case Describe():
                yield describe(model, examples_of(query.checkpoint))


def decode(model: Model, z: np.ndarray) -> np.ndarray:
    if not isinstance(model, Decodes):
        raise UserError("This model cannot draw an image from a code; open one that decodes.")
    return to_uint8(model.decode(torch.from_numpy(np.asarray(z, np.float32)))).numpy()


def encode(model: Model, x: Tensor) -> np.ndarray:
    if not isinstance(model, Encodes):
        raise UserError("This model cannot find the code of an image; open one that encodes.")
    return model.encode(x)[0].numpy()


def describe(model: Model, x: Tensor | None) -> Dimensions:
    """KL(q(z | x) ‖ N(0, 1)) per dimension averaged over x, and moments of the aggregate posterior E_x q(z | x)."""
    if not isinstance(model, Decodes):
        raise UserError("This model has no latent code; open one that decodes.")
    dim = model.latent_dim
    if x is None or not isinstance(model, Infers):
        return Dimensions(np.ones(dim, np.float32), np.zeros(dim, np.float32), np.ones(dim, np.float32))
    mu, logvar = model.posterior(x)
    kl = kl_divergence(mu, logvar).mean(0)
    spread = (logvar.exp().mean(0) + mu.var(0, correction=0)).sqrt()
    return Dimensions(kl.numpy(), mu.mean(0).numpy(), spread.numpy())


def read_image(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """A picture file, turned upright, cut to a square and scaled to the model's form: uint8 (C, H, W)."""
    channels, height, width = shape
    try:
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file).convert("RGBA")
    except FileNotFoundError as error:
        raise UserError(f"There is no picture {path}.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.name} cannot be read as a picture ({error}); open a PNG or JPEG.") from error
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("L" if channels == 1 else "RGB")
    fitted = ImageOps.fit(flat, (width, height), Image.Resampling.LANCZOS)
    array = np.asarray(fitted, np.uint8)
    return (array[None] if channels == 1 else array.transpose(2, 0, 1)).copy()


def examples_of(checkpoint: Checkpoint) -> Tensor | None:
    """Test images as floats, (N, C, H, W): beside the checkpoint, or in its run's folder; None where there are none."""
    for folder in (checkpoint.path.parent, checkpoint.path.parents[1]):
        path = folder / "examples.safetensors"
        if path.exists():
            images = read_tensors(path)[0].get("images")
            if images is not None and tuple(images.shape[1:]) == checkpoint.spec.shape:
                return to_float(images)
    return None
