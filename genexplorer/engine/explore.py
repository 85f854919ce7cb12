"""Pure queries of a checkpoint: a model and a query in, NumPy out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from genexplorer.core.abilities import Conditional, Decodes, Draws, Encodes, Infers
from genexplorer.core.data import Label, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.networks.gaussian import kl_divergence

from .axes import Axes, unit_axes
from .query import Query, examples_of


@dataclass(frozen=True)
class Decode(Query):
    """Draw these codes: z is (B, D). The answer is uint8 (B, C, H, W)."""

    z: np.ndarray

    def answer(self, model: Model) -> Iterator[np.ndarray]:
        yield decode(model, self.z)


@dataclass(frozen=True)
class Describe(Query):
    """What each latent dimension does over the test images that travel with the checkpoint."""

    def answer(self, model: Model) -> Iterator["Dimensions"]:
        yield describe(model, examples_of(self.checkpoint))


@dataclass(frozen=True)
class Dimensions:
    """Per latent dimension, (D,): mean and spread of the aggregate posterior, and the KL in nats; codes is (N, D).

    kl is None where the encoder gives no distribution. The last `told` numbers of a code are conditions, of which
    `names` are what each says.
    """

    kl: np.ndarray | None
    mean: np.ndarray
    std: np.ndarray
    codes: np.ndarray  # of the images that this was told from; none where there are none
    told: int = 0
    names: tuple[str, ...] = ()

    # 0: the codes of real images themselves; 1: a Gaussian that knows of no two dimensions that go together
    SMOOTHING = 0.15
    ACTIVE = 0.05  # nats of KL below which a dimension carries nothing that can be seen
    SPREAD = 1e-4  # share of the variance of codes below which it does not, where there is no KL

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A code near that of a real image, (D,): a smoothed bootstrap that keeps mean and spread.

        z = mean + sqrt(1 - h²) (mu_i - mean) + h std eps (Silverman 1986, eq. 6.5); with no images, of N(mean, std²).
        Conditions stay those of another image, as they are: half of a beard is none, and z is to be any beside them.
        """
        eps = rng.standard_normal(len(self.mean))
        if not len(self.codes):
            return np.asarray(self.mean + self.std * eps, np.float32)
        near = self.codes[rng.integers(len(self.codes))] - self.mean
        h = self.SMOOTHING
        z = np.asarray(self.mean + np.sqrt(1 - h * h) * near + h * self.std * eps, np.float32)
        if self.told:
            z[-self.told :] = self.codes[rng.integers(len(self.codes)), -self.told :]
        return z

    @property
    def active(self) -> np.ndarray:
        if not len(self.codes):
            return np.ones(len(self.mean), bool)
        return self._share >= self.SPREAD if self.kl is None else self.kl >= self.ACTIVE

    @property
    def _share(self) -> np.ndarray:
        """Of all dimensions' variance, (D,)."""
        variance = np.square(self.std)
        return np.asarray(variance / max(float(variance.sum()), 1e-12))

    def axes(self, reach: float = 3.0) -> Axes:
        """One axis per dimension, reaching so many standard deviations of real images' codes to either side."""
        low, high = self.mean - reach * self.std, self.mean + reach * self.std
        weights, details = self.kl, ("",) * len(low)
        hints: tuple[str, ...] = ()
        if self.kl is not None:
            details = tuple(f"{kl:.2f} nats" for kl in self.kl)
        elif len(self.codes):
            weights, details = self._share, tuple(f"{100 * share:.1f} %" for share in self._share)
            hints = tuple(f"{detail} of the variance that real images' codes have" for detail in details)
        axes = unit_axes(len(low))
        return replace(
            axes,
            names=(*axes.names[: len(low) - len(self.names)], *self.names),
            low=low,
            high=high,
            details=details,
            weights=weights,
            active=self.active,
            hints=hints,
        )


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
    told, names = told_of(model), condition_names(model)
    if x is not None and isinstance(model, Infers):
        mu, logvar = model.posterior(x)
        kl = kl_divergence(mu, logvar).mean(0)
        spread = (logvar.exp().mean(0) + mu.var(0, correction=0)).sqrt()
        return Dimensions(kl.numpy(), mu.mean(0).numpy(), spread.numpy(), mu.numpy(), told, names)
    if x is not None and isinstance(model, Encodes):
        z = model.encode(x).float()
        return Dimensions(None, z.mean(0).numpy(), z.std(0, correction=0).numpy(), z.numpy(), told, names)
    ones, none = np.ones(model.latent_dim, np.float32), np.zeros((0, model.latent_dim), np.float32)
    return Dimensions(None, 0 * ones, ones, none, told, names)


def only_draws(model: object) -> bool:
    """Whether it has codes of its own, but finds none: that of an image has to be looked for."""
    return isinstance(model, Draws) and isinstance(model, Decodes) and not isinstance(model, Encodes)


def told_of(model: Model) -> int:
    """How many of the last numbers of a code are conditions."""
    if not (isinstance(model, Conditional) and isinstance(model, Decodes)):
        return 0
    given = model.given(torch.zeros(len(model.conditions)))
    assert isinstance(given, Decodes)
    return model.latent_dim - given.latent_dim


def condition_names(model: Model) -> tuple[str, ...]:
    """What each of the last numbers of a code says."""
    labels: tuple[Label, ...] = model.conditions if isinstance(model, Conditional) else ()
    found: list[str] = []
    for label in labels:
        name = label.name.replace("_", " ")
        found += [f"{name}: {each}" for each in label.classes] if label.kind == "class" else [name]
    return tuple(found)


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
