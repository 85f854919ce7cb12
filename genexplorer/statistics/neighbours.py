"""How much of one set of features lies among the other, told from nearest neighbours."""

import torch
from torch import Tensor

from .estimate import Estimate, share

_ROWS, _K = 128, 3


def precision_recall(real: Tensor, drawn: Tensor, k: int = _K) -> tuple[Estimate, Estimate]:
    """Shares of drawn images among the real ones, and of real ones among the drawn: Kynkäänniemi et al. 2019, eq. 1-3.

    An image is among a set where it is no farther from one of its images than that one's k-th neighbour in the set.
    The intervals are for other images to judge; those that they are judged by stay.
    """
    return share(is_among(drawn, real, k)), share(is_among(real, drawn, k))


def is_among(judged: Tensor, among: Tensor, k: int = _K) -> Tensor:
    """Which of `judged` (N, D) lie within the balls around `among` (M, D) that reach to their k-th neighbours, (N,)."""
    middle = among.float().mean(0)  # ‖a − b‖² is taken apart, which loses least around 0
    judged, among = judged.float() - middle, among.float() - middle
    squares = among.square().sum(1)
    k = min(k, len(among) - 1)
    radii = []
    for rows in torch.split(among, _ROWS):
        nearest = torch.addmm(squares, rows, among.T, alpha=-2).topk(k + 1, largest=False).values  # itself too
        radii.append(nearest[:, -1] + rows.square().sum(1))
    margin = squares - torch.cat(radii)
    return torch.cat(
        [torch.addmm(margin, x, among.T, alpha=-2).amin(1) <= -x.square().sum(1) for x in torch.split(judged, _ROWS)]
    )
