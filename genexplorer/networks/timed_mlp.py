"""A network for points that change in time."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .unet import Timed

_WAVES = 64


class TimedMLP(nn.Module):
    """(B, inputs) at times t (B,), given y, to (B, outputs), the embedding added to every layer."""

    def __init__(self, inputs: int, outputs: int, hidden: int, depth: int, conditions: int = 0) -> None:
        super().__init__()
        self.embed = Timed(_WAVES, hidden, conditions)
        self.first = nn.Linear(inputs, hidden)
        self.layers = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(depth))
        self.last = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        embedding: Tensor = self.embed(t, y)
        h: Tensor = self.first(x)
        for layer in self.layers:
            h = h + layer(F.silu(h + embedding))
        made: Tensor = self.last(torch.nn.functional.silu(h))
        return made
