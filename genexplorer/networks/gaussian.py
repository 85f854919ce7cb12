"""Gaussian codes: how far from the prior, and how to draw them."""

import math

import torch
from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, diag e^logvar) ‖ N(0, I)) of each dimension in nats, (B, D): Kingma & Welling 2014, appendix B."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar)


def reparameterize(mu: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
    """z = mu + sigma ⊙ eps, eps ~ N(0, I): the draw as a function that gradients pass (section 2.4)."""
    return mu + torch.exp(0.5 * logvar) * eps


def decompose_kl(z: Tensor, mu: Tensor, logvar: Tensor, total: int) -> tuple[Tensor, Tensor, Tensor]:
    """The KL of codes z ~ N(mu, diag e^logvar), (B, D), in three parts, nats per image (B,): Chen et al. 2018, eq. 2.

    - I(z; n), what a code tells of its image: log q(z | n) - log q(z)
    - total correlation, how far dimensions go together: log q(z) - Σ_j log q(z_j)
    - dimension-wise KL to the prior: Σ_j log q(z_j) - log p(z_j)

    q(z) over all `total` images is estimated from the batch: log 1/(N M) Σ_j q(z | n_j), minibatch-weighted sampling
    (eq. 3). What this is biased by is the same for all weights, so that no gradient feels `total`.
    """
    per_pair = log_normal(z[:, None], mu, logvar)  # (B, B, D)
    scale = math.log(max(total, 1) * len(z))
    log_qz = per_pair.sum(2).logsumexp(1) - scale
    log_qz_product = (per_pair.logsumexp(1) - scale).sum(1)
    log_qz_of_own = log_normal(z, mu, logvar).sum(1)
    log_pz = log_normal(z, torch.zeros_like(z), torch.zeros_like(z)).sum(1)
    return log_qz_of_own - log_qz, log_qz - log_qz_product, log_qz_product - log_pz


def log_normal(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log N(z; mu, e^logvar) of each dimension in nats."""
    return -0.5 * ((z - mu).square() * torch.exp(-logvar) + logvar + math.log(2 * math.pi))
