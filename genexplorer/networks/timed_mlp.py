"""A network for points that change in time."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .unet import Timed

_WAVES = 64
_OCTAVES = 4


class TimedMLP(nn.Module):
    """(B, inputs) at times t (B,), given y, to (B, outputs), the embedding added to every layer.

    What comes in is seen as waves too, or fine forms are learnt last: Tancik et al. 2020, "Fourier Features".
    """

    def __init__(self, inputs: int, outputs: int, hidden: int, depth: int, conditions: int = 0) -> None:
        super().__init__()
        self.embed = Timed(_WAVES, hidden, conditions)
        self.first = nn.Linear(inputs * (1 + 2 * _OCTAVES), hidden)
        self.layers = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(depth))
        self.last = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        embedding: Tensor = self.embed(t, y)
        angles = (x[:, :, None] * (math.pi * 2.0 ** torch.arange(_OCTAVES, device=x.device))).flatten(1)
        h: Tensor = self.first(torch.cat([x, angles.sin(), angles.cos()], 1))
        for layer in self.layers:
            h = h + layer(F.silu(h + embedding))
        made: Tensor = self.last(F.silu(h))
        return made
