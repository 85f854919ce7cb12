"""The variational autoencoder: Kingma & Welling 2014, "Auto-Encoding Variational Bayes"."""

from typing import Literal

import torch
from torch import Tensor

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Metrics, Model, ModelRecipe
from genexplorer.core.recipe import knob
from genexplorer.networks.conv import ConvDecoder, ConvEncoder
from genexplorer.networks.gaussian import kl_divergence, reparameterize
from genexplorer.networks.likelihoods import LikelihoodName, make_likelihood
from genexplorer.networks.mlp import mlp


@MODELS.register("vae")
class VAERecipe(ModelRecipe):
    title = "Variational autoencoder"
    about = "Squeezes an image into a small Gaussian code and draws it again: smooth sliders, a bound on log p(x)."

    network: Literal["conv", "mlp"] = knob("conv", "Convolutions, or fully connected layers.")
    latent_dim: int = knob(32, "How many numbers describe an image.", ge=1, le=1024)
    width: int = knob(32, "Channels of the first convolution; they double as the image halves.", ge=4, le=256)
    blocks: int = knob(0, "Residual blocks at each size up to 16 px: crisper, slower.", ge=0, le=8)
    hidden: int = knob(400, "Units of the hidden layer of the fully connected network.", ge=8, le=8192)
    likelihood: LikelihoodName = knob("gaussian", "What the decoder says of each pixel.")
    sigma: float = knob(
        0.5, "Spread of the Gaussian, where it is fixed; its start, where it is learned.", gt=0.003, le=2
    )
    beta: float = knob(1.0, "Weight of the KL: above 1 smoother and blurrier (Higgins et al. 2017).", ge=0, le=100)
    kl_warmup: int = knob(0, "Steps over which the KL comes in.", ge=0, unit="steps", advanced=True)
    free_bits: float = knob(
        0.0, "KL that each dimension has for free (Kingma et al. 2016).", ge=0, unit="nats", advanced=True
    )

    def build(self, spec: DataSpec) -> "VAE":
        square = len(spec.shape) == 3 and spec.shape[1] == spec.shape[2]
        if not square or not 8 <= spec.size <= 128 or spec.channels not in (1, 3):
            raise UserError(
                f"A vae wants square images of 8 to 128 px with 1 or 3 channels, not {spec.shape}; change --data.size."
            )
        return VAE(self, spec)


class VAE(Model):
    """p(x | z) p(z) with z ~ N(0, I), and q(z | x) = N(mu, diag sigma²)."""

    def __init__(self, recipe: VAERecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        self.shape = spec.shape
        pixels = spec.channels * spec.size**2
        if recipe.network == "conv":
            channels, size, width, blocks = spec.channels, spec.size, recipe.width, recipe.blocks
            self.encoder: torch.nn.Module = ConvEncoder(channels, size, width, 2 * recipe.latent_dim, blocks)
            self.decoder: torch.nn.Module = ConvDecoder(recipe.latent_dim, channels, size, width, blocks)
        else:
            flatten, unflatten = torch.nn.Flatten(), torch.nn.Unflatten(1, spec.shape)
            self.encoder = torch.nn.Sequential(flatten, mlp(pixels, (recipe.hidden,), 2 * recipe.latent_dim))
            self.decoder = torch.nn.Sequential(mlp(recipe.latent_dim, (recipe.hidden,), pixels), unflatten)
        self.likelihood = make_likelihood(recipe.likelihood, spec.channels, recipe.sigma)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar of q(z | x), each (B, D)."""
        mu, logvar = self.encoder(x).float().chunk(2, dim=1)
        return mu, logvar.clamp(-20, 20)

    def encode(self, x: Tensor) -> Tensor:
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        return self.likelihood.mean(self.decoder(z).float())

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(torch.randn(num, self.latent_dim, generator=rng, device=rng.device))

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """One-sample estimate of E_q[log p(x | z)] - KL(q ‖ p) <= log p(x), nats per image (B,): eq. 3."""
        mu, logvar = self.posterior(x)
        z = reparameterize(mu, logvar, torch.randn(mu.shape, generator=rng, device=rng.device))
        log_px = self.likelihood.log_prob(x, self.decoder(z).float())
        kl = kl_divergence(mu, logvar).sum(1)
        return {"elbo": log_px - kl, "recon": -log_px, "kl": kl}

    def loss(self, batch: Batch) -> Metrics:
        """-(E_q[log p(x | z)] - beta KL), in nats per dimension of x so that one learning rate suits all sizes."""
        mu, logvar = self.posterior(batch.x)
        z = reparameterize(mu, logvar, batch.randn(self.latent_dim))
        recon = -self.likelihood.log_prob(batch.x, self.decoder(z).float()).mean()
        kl_of_dim = kl_divergence(mu, logvar).mean(0)
        kl = kl_of_dim.sum()
        paid = kl_of_dim.clamp(min=self.recipe.free_bits).sum() if self.recipe.free_bits else kl
        warm = min(1.0, batch.step / self.recipe.kl_warmup) if self.recipe.kl_warmup else 1.0
        loss = (recon + self.recipe.beta * warm * paid) / batch.x[0].numel()
        return {"loss": loss, "recon": recon.detach(), "kl": kl.detach()}
