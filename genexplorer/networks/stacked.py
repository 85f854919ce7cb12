"""A stack of fully connected layers and its mirror image, trained at once or layer by layer."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Stacked(nn.Module):
    """x → h1 → … → z → … → h1' → x': each layer below has a mirror above, that may share its weight.

    Where they are tied, the mirror's weight is the transpose of the layer's (Vincent et al. 2010, section 2.2) and
    only its bias is its own. Code and image are linear, what lies between passes through a ReLU.
    """

    def __init__(self, widths: tuple[int, ...], tied: bool) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)
        self.biases = nn.ParameterList(torch.zeros(a) for a, _ in pairs)
        self.mirrors = nn.ParameterList([] if tied else (nn.Linear(b, a).weight.detach() for a, b in pairs))

    def __len__(self) -> int:
        return len(self.layers)

    def up(self, index: int, h: Tensor) -> Tensor:
        """Through one layer towards the code."""
        h = self.layers[index](h)
        return h if index == len(self) - 1 else F.relu(h)

    def down(self, index: int, h: Tensor) -> Tensor:
        """Back through its mirror, before the ReLU."""
        layer = self.layers[index]
        assert isinstance(layer, nn.Linear)
        weight = self.mirrors[index] if len(self.mirrors) else layer.weight.t()
        return F.linear(h, weight, self.biases[index])

    def encode(self, x: Tensor) -> Tensor:
        """(B, widths[0]) to (B, widths[-1])."""
        for index in range(len(self)):
            x = self.up(index, x)
        return x

    def decode(self, z: Tensor) -> Tensor:
        for index in reversed(range(len(self))):
            z = self.down(index, z)
            z = F.relu(z) if index else z
        return z

    def layer_loss(self, index: int, x: Tensor) -> Tensor:
        """How well one layer and its mirror redraw what the layers below, left as they are, make of x: mean squares.

        Greedy layer-wise pretraining: Bengio et al. 2007, section 4, as an autoencoder; Hinton & Salakhutdinov 2006.
        """
        with torch.no_grad():
            for below in range(index):
                x = self.up(below, x)
        again = self.down(index, self.up(index, x))
        return (again - x).float().square().mean()
