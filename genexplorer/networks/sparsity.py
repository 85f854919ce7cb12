"""What makes a wide code sparse. Activations a are (B, D)."""

import torch
from torch import Tensor


def top_k(a: Tensor, k: int) -> Tensor:
    """The k largest activations of each image; the others are 0 (Makhzani & Frey 2013, algorithm 1)."""
    values, places = a.topk(min(k, a.shape[1]), dim=1)
    return torch.zeros_like(a).scatter(1, places, values)


def weighted_l1(a: Tensor, atoms: Tensor) -> Tensor:
    """Σ_j |a_j| ‖w_j‖ of each image, (B,); w_j, a column of `atoms`, is what unit j adds to the decoder's first layer.

    Without ‖w_j‖ the penalty could be escaped by ever smaller activations and ever larger weights (Olshausen & Field
    1997 keep ‖w_j‖ fixed; Conerly et al. 2024 weigh by it, which changes no architecture).
    """
    norms: Tensor = atoms.norm(dim=0)
    return (a.abs() * norms).sum(1)


def kl_sparsity(a: Tensor, target: float) -> Tensor:
    """Σ_j KL(Bernoulli(target) ‖ Bernoulli(mean of a_j over the batch)) in nats; a in (0, 1).

    Lee, Ekanadham & Ng 2008 had the target, Ng 2011 (CS294A, section 3) this divergence.
    """
    rho = torch.full_like(a[0], target)
    rho_hat = a.mean(0).clamp(1e-6, 1 - 1e-6)
    return (rho * (rho / rho_hat).log() + (1 - rho) * ((1 - rho) / (1 - rho_hat)).log()).sum()
