"""The variational autoencoder: Kingma & Welling 2014, "Auto-Encoding Variational Bayes"."""

import torch
from torch import Tensor

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.model import MODELS, Metrics, Model
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import BackboneRecipe
from genexplorer.networks.gaussian import kl_divergence, reparameterize
from genexplorer.networks.likelihoods import LikelihoodName, make_likelihood


@MODELS.register("vae")
class VAERecipe(BackboneRecipe):
    title = "Variational autoencoder"
    about = "Squeezes an image into a small Gaussian code and draws it again: smooth sliders, a bound on log p(x)."

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
        return VAE(self, spec)


class VAE(Model):
    """p(x | z) p(z) with z ~ N(0, I), and q(z | x) = N(mu, diag sigma²)."""

    def __init__(self, recipe: VAERecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        self.shape = spec.shape
        self.encoder = recipe.encoder(spec, 2 * recipe.latent_dim)
        self.decoder = recipe.decoder(spec, recipe.latent_dim)
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
