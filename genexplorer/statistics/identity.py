"""How much of who or what is in a picture an edit has kept."""

import torch
from torch import Tensor


def identity_kept(before: Tensor, after: Tensor, others: Tensor) -> Tensor:
    """1 − ‖f(x) − f(x')‖ / median of ‖f(x) − f(other)‖, of features (B, D), (B, D) and (N, D): (B,).

    1: nothing that features see has changed; 0: as far as the image usually is from one of the others. Never below 0.
    """
    usual = torch.cdist(before, others).median(1).values
    changed: Tensor = (before - after).norm(dim=1) / usual.clamp(min=1e-12)
    return (1 - changed).clamp(min=0)
