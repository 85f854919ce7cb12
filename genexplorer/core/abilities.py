"""What a checkpoint can do. A panel names the abilities that it needs, and appears for whatever has them."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor


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


ABILITIES: dict[str, type] = {cls.__name__: cls for cls in (Encodes, Decodes, Infers, Samples, Scores, Fires, Restores)}


def abilities(model: object) -> frozenset[str]:
    """The names of what this model can do."""
    return frozenset(name for name, cls in ABILITIES.items() if isinstance(model, cls))
