"""Gaussian codes: how far from the prior, and how to draw them."""

import torch
from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, diag e^logvar) ‖ N(0, I)) of each dimension in nats, (B, D): Kingma & Welling 2014, appendix B."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar)


def reparameterize(mu: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
    """z = mu + sigma ⊙ eps, eps ~ N(0, I): the draw as a function that gradients pass (section 2.4)."""
    return mu + torch.exp(0.5 * logvar) * eps
