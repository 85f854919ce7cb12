"""The Wasserstein autoencoder: Tolstikhin et al. 2017, arXiv 1711.01558; equations are its own."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.model import MODELS, Group, Metrics, Model, Optimizers
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import BackboneRecipe
from genexplorer.networks.mlp import mlp
from genexplorer.networks.mmd import mmd

# An adversary as quick as the encoder tells all codes from the prior before they can come near, and then pushes them
# about. The authors' own (github.com/tolstikhin/wae, configs.py) has half the encoder's rate and β₁ = 0.5.
_ADVERSARY_LR = 0.1


@MODELS.register("wae")
class WAERecipe(BackboneRecipe):
    title = "Wasserstein autoencoder"
    about = "An autoencoder whose codes, all together, are held to a Gaussian: so that it samples."

    penalty: Literal["mmd", "gan"] = knob(
        "mmd", "How codes are held to the prior: by a kernel distance, or by an adversary that tells them apart."
    )
    lam: float = knob(
        0.01, "λ, the weight of that penalty, for each pixel: the paper's 10 on MNIST, 100 on CelebA.", ge=0, le=100
    )
    prior_std: float = knob(1.0, "σ of the Gaussian that codes are held to.", gt=0, le=10, advanced=True)
    adversary_width: int = knob(512, "Units in each of the adversary's four layers.", ge=8, le=4096, advanced=True)

    def build(self, spec: DataSpec) -> "WAE":
        return WAE(self, spec)


class WAE(Model):
    """Q(Z | X) a point z = f(x); the aggregate Q_Z = E_x Q(Z | X) is held to P_Z = N(0, σ² I), and x' = g(z)."""

    def __init__(self, recipe: WAERecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        self.encoder = recipe.encoder(spec, recipe.latent_dim)
        self.decoder = recipe.decoder(spec, recipe.latent_dim)
        if recipe.penalty == "gan":
            self.adversary = mlp(recipe.latent_dim, (recipe.adversary_width,) * 4, 1)

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.encoder(x).float()
        return z

    def decode(self, z: Tensor) -> Tensor:
        x: Tensor = self.decoder(z).float().clamp(-1, 1)
        return x

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        return torch.randn(num, self.latent_dim, generator=rng, device=rng.device) * self.recipe.prior_std

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(self.draw(num, rng))

    def groups(self) -> dict[str, Group]:
        if self.recipe.penalty == "mmd":
            return super().groups()
        return {
            "all": Group([*self.encoder.parameters(), *self.decoder.parameters()]),
            "adversary": Group(self.adversary.parameters(), lr=_ADVERSARY_LR, betas=(0.5, 0.999)),
        }

    def train_step(self, batch: Batch, optimizers: Optimizers) -> Metrics:
        """Algorithm 1 (WAE-GAN), or 2 (WAE-MMD)."""
        metrics = {}
        if self.recipe.penalty == "gan":
            metrics["adversary"] = self.adversary_loss(batch)
            optimizers.step(metrics["adversary"], "adversary")
        metrics |= self.wasserstein_loss(batch)
        optimizers.step(metrics["loss"])
        return metrics

    def prior(self, batch: Batch) -> Tensor:
        """As many codes of P_Z as there are images, (B, D)."""
        return batch.randn(self.latent_dim) * self.recipe.prior_std

    def adversary_loss(self, batch: Batch) -> Tensor:
        """-(log D(z) + log(1 - D(z̃))), z ~ P_Z and z̃ = f(x): the adversary learns to tell them apart."""
        with torch.no_grad():
            found = self.encode(batch.x)
        real, false = self.adversary(self.prior(batch)).float(), self.adversary(found).float()
        loss: Tensor = F.softplus(-real).mean() + F.softplus(false).mean()
        return loss

    def wasserstein_loss(self, batch: Batch) -> Metrics:
        """E ‖x - g(f(x))‖² + λ D_Z(Q_Z, P_Z), eq. 4, both by the number of pixels, which are in [0, 1] there.

        Section 4 has λ = 10 for 28² numbers and 100 for 3 · 64²: near 0.01 for each, which suits all sizes.
        """
        z = self.encode(batch.x)
        recon = ((self.decoder(z).float() - batch.x) / 2).square().mean()
        if self.recipe.penalty == "mmd":
            match = mmd(batch.whole(z), batch.whole(self.prior(batch)), self.recipe.prior_std**2)
        else:
            match = F.softplus(-self.adversary(z).float()).mean()  # -log D(z̃)
        loss = recon + self.recipe.lam * match
        return {"loss": loss, "recon": recon.detach(), "match": match.detach()}
