"""The variational autoencoder: Kingma & Welling 2014, "Auto-Encoding Variational Bayes"; equations are its own.

With conditions: a code (z, y), y told from the image by q(y | x) and fixed where it is known (Kingma et al. 2014, M2).
"""

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Metrics, Model
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import BackboneRecipe
from genexplorer.networks.conditions import SEEN, Conditions, Given, draw_seen, keep_seen
from genexplorer.networks.gaussian import decompose_kl, kl_divergence, reparameterize
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

    objective: Literal["elbo", "tc"] = knob(
        "elbo", "The bound itself, or its KL in three parts, each with a weight: β-TCVAE (Chen et al. 2018)."
    )
    alpha: float = knob(1.0, "With tc: weight of what a code tells of its image.", ge=0, le=100, advanced=True)
    gamma: float = knob(
        1.0, "With tc: weight of each dimension's KL; beta weighs the rest.", ge=0, le=100, advanced=True
    )
    condition: tuple[str, ...] = knob(
        (), "Labels of the data set that are chosen instead of found in the code: digit, or smile, glasses …"
    )

    def build(self, spec: DataSpec) -> "VAE":
        if not spec.is_image and not self.likelihood.startswith("gaussian"):
            raise UserError(f"{self.name}: the likelihood {self.likelihood} is of pixels; points want a gaussian one.")
        return ConditionalVAE(self, spec) if self.condition else VAE(self, spec)


class VAE(Model):
    """p(x | z) p(z) with z ~ N(0, I), and q(z | x) = N(mu, diag sigma²)."""

    def __init__(self, recipe: VAERecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        self.shape = spec.shape
        self.encoder = recipe.encoder(spec, 2 * recipe.latent_dim)
        self.decoder = recipe.decoder(spec, recipe.latent_dim)
        self.likelihood = make_likelihood(recipe.likelihood, spec.channels, recipe.sigma, spec.is_image)

    def observed(self, batch: Batch) -> Batch:
        """The batch as the likelihood observes it."""
        return replace(batch, x=self.likelihood.observe(batch.x, lambda: batch.rand(*batch.x.shape[1:])))

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar of q(z | x), each (B, D)."""
        mu, logvar = self.encoder(x).float().chunk(2, dim=1)
        return mu, logvar.clamp(-20, 20)

    def encode(self, x: Tensor) -> Tensor:
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        return self.likelihood.mean(self.decoder(z).float())

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        return torch.randn(num, self.latent_dim, generator=rng, device=rng.device)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(self.draw(num, rng))

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """One-sample estimate of E_q[log p(x | z)] - KL(q ‖ p) <= log p(x), nats per image (B,): eq. 3."""
        x = self.likelihood.observe(x, lambda: torch.rand(x.shape, generator=rng, device=rng.device))
        mu, logvar = self.posterior(x)
        z = reparameterize(mu, logvar, torch.randn(mu.shape, generator=rng, device=rng.device))
        log_px = self.likelihood.log_prob(x, self.decoder(z).float())
        kl = kl_divergence(mu, logvar).sum(1)
        return {"elbo": log_px - kl, "recon": -log_px, "kl": kl}

    def loss(self, batch: Batch) -> Metrics:
        batch = self.observed(batch)
        mu, logvar = self.posterior(batch.x)
        z = reparameterize(mu, logvar, batch.randn(self.latent_dim))
        return self.negative_bound(batch, mu, logvar, z, self.decoder(z))

    def negative_bound(self, batch: Batch, mu: Tensor, logvar: Tensor, z: Tensor, raw: Tensor) -> Metrics:
        """-(E_q[log p(x | z)] - beta KL), in nats per dimension of x so that one learning rate suits all sizes."""
        recipe = self.recipe
        recon = -self.likelihood.log_prob(batch.x, raw.float()).mean()
        kl_of_dim = kl_divergence(mu, logvar).mean(0)
        kl = kl_of_dim.sum()
        metrics = {"recon": recon.detach(), "kl": kl.detach()}
        if recipe.objective == "tc":
            parts = decompose_kl(batch.whole(z), batch.whole(mu), batch.whole(logvar), batch.total)
            mi, tc, dwkl = (part.mean() for part in parts)
            paid = recipe.alpha * mi + recipe.beta * tc + recipe.gamma * dwkl
            metrics |= {"mi": mi.detach(), "tc": tc.detach(), "dwkl": dwkl.detach()}
        else:
            paid = recipe.beta * (kl_of_dim.clamp(min=recipe.free_bits).sum() if recipe.free_bits else kl)
        warm = min(1.0, batch.step / recipe.kl_warmup) if recipe.kl_warmup else 1.0
        return {"loss": (recon + warm * paid) / batch.x[0].numel(), **metrics}


class ConditionalVAE(VAE):
    """p(x | z, y): the code is (z, y), y standing for the conditions as `Conditions` writes them.

    q(z, y | x) = q(z | x) q(y | x), both told by the encoder. Training draws with the labels that are known.
    """

    def __init__(self, recipe: VAERecipe, spec: DataSpec) -> None:
        super().__init__(recipe, spec)
        self.labels = Conditions(spec, recipe.condition)
        self.conditions = self.labels.labels
        self.style_dim = recipe.latent_dim
        self.latent_dim = recipe.latent_dim + self.labels.dim
        self.encoder = recipe.encoder(spec, 2 * self.style_dim + self.labels.outputs)
        self.decoder = recipe.decoder(spec, self.latent_dim)
        self.seen: Tensor
        self.register_buffer("seen", torch.zeros(SEEN, len(self.conditions)))

    def infer(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """mu and logvar of q(z | x), each (B, style_dim), and what `Conditions` reads q(y | x) from."""
        sizes = [self.style_dim, self.style_dim, self.labels.outputs]
        mu, logvar, raw = self.encoder(x).float().split(sizes, 1)
        return mu, logvar.clamp(-20, 20), raw

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, logvar, raw = self.infer(x)
        mean, spread = self.labels.moments(raw)
        return torch.cat([mu, mean], 1), torch.cat([logvar, spread], 1)

    def given(self, y: Tensor) -> Given:
        return Given(self, self.labels.write(y[None])[0])

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        """z of the prior, y of images that it was trained on."""
        z = torch.randn(num, self.style_dim, generator=rng, device=rng.device)
        return torch.cat([z, self.labels.write(draw_seen(self.seen, num, rng))], 1)

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """A bound on log p(x) where y is as likely as `Conditions` says (Kingma et al. 2014, eq. 7)."""
        x = self.likelihood.observe(x, lambda: torch.rand(x.shape, generator=rng, device=rng.device))
        raw = self.infer(x)[2]
        parts = self.elbo_given(x, self.labels.draw(raw, rng), rng)
        kl = parts["kl"] + self.labels.kl(raw)
        return {"elbo": -parts["recon"] - kl, "recon": parts["recon"], "kl": kl}

    def elbo_given(self, x: Tensor, y: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """A bound on log p(x | y), y (B, dim) as in the code."""
        mu, logvar, _ = self.infer(x)
        z = reparameterize(mu, logvar, torch.randn(mu.shape, generator=rng, device=rng.device))
        log_px = self.likelihood.log_prob(x, self.decoder(torch.cat([z, y], 1)).float())
        kl = kl_divergence(mu, logvar).sum(1)
        return {"elbo": log_px - kl, "recon": -log_px, "kl": kl}

    def loss(self, batch: Batch) -> Metrics:
        """The bound given y, and -log q(y | x), so that an image's y is known where nobody says it (eq. 9)."""
        batch = self.observed(batch)
        mu, logvar, raw = self.infer(batch.x)
        z = reparameterize(mu, logvar, batch.randn(self.style_dim))
        values = batch.labels[:, self.labels.columns]
        metrics = self.negative_bound(batch, mu, logvar, z, self.decoder(torch.cat([z, self.labels.write(values)], 1)))
        wrong = -self.labels.log_prob(raw, values).mean()
        if self.training:
            keep_seen(self.seen, values, batch.step)
        return metrics | {"loss": metrics["loss"] + wrong / batch.x[0].numel(), "labels": wrong.detach()}
