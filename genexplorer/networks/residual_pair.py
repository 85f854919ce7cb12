"""A generator and a discriminator of residual blocks without normalisation, after R3GAN (Huang et al. 2024, section 4).

Sizes change by plain resampling beside a 1 × 1 convolution, and each block begins as the identity, so that no layer
needs a norm. Made for a CPU: convolutions are not grouped, and no block stands where the image is full size, but one
convolution that halves it, or doubles it at the end.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from .conv import Residual, pyramid, widening


def _blocks(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(channels) for _ in range(blocks)))


class ResidualGenerator(nn.Module):
    """(B, inputs) to (B, C, S, S), of any value; `width` channels at half its size."""

    def __init__(self, inputs: int, channels: int, size: int, width: int, blocks: int) -> None:
        super().__init__()
        self.size = size
        self.sizes = pyramid(size, 4)[:0:-1]
        widths = widening(width, len(self.sizes))[::-1]
        self.shape = (self.sizes[0], self.sizes[0], widths[0])
        self.stem = nn.Linear(inputs, widths[0] * self.sizes[0] ** 2)
        self.blocks = nn.ModuleList(_blocks(each, blocks) for each in widths)
        self.turns = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in pairwise(widths))
        self.paint = nn.ConvTranspose2d(widths[-1], channels, 4, stride=2, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.stem(z).unflatten(1, self.shape).permute(0, 3, 1, 2)
        x = self.blocks[0](x)
        for turn, blocks, size in zip(self.turns, list(self.blocks)[1:], self.sizes[1:], strict=True):
            x = F.interpolate(turn(x), size=(size, size), mode="bilinear", align_corners=False)
            x = blocks(x)
        painted: Tensor = self.paint(F.silu(x))
        return painted[..., : self.size, : self.size]


class ResidualFeatures(nn.Module):
    """(B, C, S, S) to (B, outputs): all layers of the discriminator but the last, the generator's mirror image."""

    def __init__(self, channels: int, size: int, width: int, blocks: int) -> None:
        super().__init__()
        sizes = pyramid(size, 4)[1:]
        widths = widening(width, len(sizes))
        self.look = nn.Conv2d(channels, widths[0], 4, stride=2, padding=2 if size % 2 else 1)
        self.blocks = nn.ModuleList(_blocks(each, blocks) for each in widths)
        self.turns = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in pairwise(widths))
        # each channel's own weights for each place, then nothing but a linear layer: R3GAN's "discriminative basis"
        self.basis = nn.Conv2d(widths[-1], widths[-1], sizes[-1], groups=widths[-1], bias=False)
        self.outputs = widths[-1]

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks[0](self.look(x))
        for turn, blocks in zip(self.turns, list(self.blocks)[1:], strict=True):
            x = blocks(turn(F.avg_pool2d(x, 2, ceil_mode=True)))
        features: Tensor = self.basis(F.silu(x))
        return features.flatten(1)
