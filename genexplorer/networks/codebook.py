"""A codebook: vectors, the nearest of which stands for what an encoder says."""

import torch
from torch import Tensor, nn

from genexplorer.core.data import Batch

_REVIVE = 0.03  # a code that is used less than this part of an equal share begins anew


class Codebook(nn.Module):
    """K vectors of D numbers. Either they follow the mean of what they stand for (van den Oord et al. 2017, appendix
    A.1), or the loss moves them (eq. 3); `learn` keeps count of their use, and revives those that nothing uses.

    Those that follow are weights that no optimizer moves, so that they are averaged as all other weights are.
    """

    def __init__(self, num: int, dim: int, follows: bool, decay: float = 0.99) -> None:
        super().__init__()
        self.follows, self.decay = follows, decay
        self.vectors = nn.Parameter(torch.randn(num, dim) / dim**0.5, requires_grad=not follows)
        self.counts: Tensor
        self.sums: Tensor
        self.register_buffer("counts", torch.zeros(num))  # moving averages, over batches, of how often each is used …
        self.register_buffer("sums", torch.zeros(num, dim))  # … and of the sum of what it stands for
        self.idle: Tensor
        self.register_buffer("idle", torch.zeros(num))  # batches since each was used

    def nearest(self, h: Tensor) -> Tensor:
        """The index of the nearest vector for each row of h, (N, D): (N,)."""
        e = self.vectors.detach()
        with torch.autocast(h.device.type, enabled=False):  # 8 bits of mantissa mix neighbours up
            squared = e.square().sum(1) - 2 * h.detach().float() @ e.t()  # ‖h‖² is the same for all of them
        return squared.argmin(1)

    def forward(self, index: Tensor) -> Tensor:
        """The vectors of these indices, (…, D)."""
        return nn.functional.embedding(index, self.vectors)

    @torch.no_grad()
    def learn(self, h: Tensor, index: Tensor, batch: Batch) -> Tensor:
        """Follow a batch, h (B, T, D) with its nearest vectors (B, T), and revive; says how many were revived.

        Processes that train together follow all that they have, so that each comes to the same.
        """
        h, index = batch.whole(h.float()).flatten(0, 1), batch.whole(index).flatten()
        num, dim = self.vectors.shape
        used = torch.zeros(num, device=h.device).index_add_(0, index, torch.ones(len(h), device=h.device))
        sums = torch.zeros(num, dim, device=h.device).index_add_(0, index, h)
        drawn = h[torch.randint(len(h), (num,), generator=batch.rng, device=batch.rng.device)]
        self.idle.add_(1).mul_(used == 0)
        self.counts.lerp_(used, 1 - self.decay)
        self.sums.lerp_(sums, 1 - self.decay)
        share = used.sum() / num
        dead = self.counts < _REVIVE * share
        self.counts.copy_(torch.where(dead, share, self.counts))
        self.sums.copy_(torch.where(dead[:, None], drawn * share, self.sums))
        follow = dead | self.follows
        means = self.sums / self.counts.clamp(min=1e-12)[:, None]
        self.vectors.copy_(torch.where(follow[:, None], means, self.vectors))
        return dead.float().sum()


def perplexity(index: Tensor, num: int) -> Tensor:
    """e to the entropy of how often each of `num` codes is used: so many would be in equal use."""
    p = torch.bincount(index.flatten(), minlength=num).float() / index.numel()
    return torch.exp(-(p * p.clamp(min=1e-12).log()).sum())
