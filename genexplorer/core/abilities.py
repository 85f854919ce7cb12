"""What a checkpoint can do. A panel names the abilities that it needs, and appears for whatever has them."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from .data import Label
from .model import Model
from .schedule import Schedule


@runtime_checkable
class Encodes(Protocol):
    latent_dim: int

    def encode(self, x: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] to their codes z (B, latent_dim)."""


@runtime_checkable
class Decodes(Protocol):
    latent_dim: int

    def decode(self, z: Tensor) -> Tensor:
        """Codes (B, latent_dim) to images (B, C, H, W) in [-1, 1]."""


@runtime_checkable
class Infers(Protocol):
    latent_dim: int

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x), each (B, latent_dim)."""


@runtime_checkable
class Draws(Protocol):
    latent_dim: int

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        """Codes (num, latent_dim) as the model's own samples have them: `sample` is what they decode to."""


@runtime_checkable
class Discriminates(Protocol):
    def discriminate(self, x: Tensor) -> Tensor:
        """How real images (B, C, H, W) look, (B,): a logit, higher for a likelier real one."""

    def features(self, x: Tensor) -> Tensor:
        """What that is told from, (B, F)."""


@runtime_checkable
class Samples(Protocol):
    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        """New images (num, C, H, W) in [-1, 1]."""


@runtime_checkable
class Scores(Protocol):
    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """A bound on log p(x) in nats per image, "elbo", with its parts "recon" and "kl", each (B,)."""


@runtime_checkable
class Fires(Protocol):
    latent_dim: int

    def fires(self, z: Tensor) -> Tensor:
        """Which units of these sparse codes are on, bool (B, latent_dim); what a unit draws, `decode` of it tells."""


@runtime_checkable
class Restores(Protocol):
    def restore(self, x: Tensor) -> Tensor:
        """Spoilt images (B, C, H, W), where noise may have led out of [-1, 1], to what they were, in [-1, 1]."""


@runtime_checkable
class Denoises(Protocol):
    @property
    def schedule(self) -> Schedule: ...

    def denoise(self, xt: Tensor, t: float, before: Tensor | None = None) -> Tensor:
        """The mean x̂0 (B, C, H, W), in [-1, 1], of all images that may be in x_t (B, C, H, W) at time t, in 1…T.

        `before` is what was seen on the way at the time before, for a network that wants to be shown it.
        """


@runtime_checkable
class Conditional(Protocol):
    conditions: tuple[Label, ...]

    def given(self, y: Tensor) -> Model:
        """The same model where the conditions are known: y is (K,), a value for each, as the data set's labels have it.

        What it gives back is asked as any model. Where nothing is given, a model is asked over all conditions: what is
        drawn takes them from training images, and a code that has them says them in its last numbers.
        """


ABILITIES: dict[str, type] = {
    cls.__name__: cls
    for cls in (Encodes, Decodes, Infers, Draws, Samples, Discriminates, Scores, Fires, Restores, Denoises, Conditional)
}


def abilities(model: object) -> frozenset[str]:
    """The names of what this model can do."""
    return frozenset(name for name, cls in ABILITIES.items() if isinstance(model, cls))
