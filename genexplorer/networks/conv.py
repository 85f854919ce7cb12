"""A convolutional encoder, and the decoder that mirrors it."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F


def pyramid(size: int, last: int = 7) -> list[int]:
    """Widths of the feature maps when each layer halves, at least one, to `last` or less: 28 → [28, 14, 7]."""
    sizes = [size]
    while len(sizes) == 1 or sizes[-1] > last:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def widening(width: int, depth: int) -> list[int]:
    """Channels of each level, the largest maps first: doubled as these halve, up to 8 times the first."""
    return [width * min(2**i, 8) for i in range(depth)]


class Residual(nn.Module):
    """x + f(x), f two convolutions that begin as zero (He et al. 2016; Zhang et al. 2019, without normalisation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.second(F.silu(self.first(F.silu(x))))
        return x + added


def _residuals(channels: int, size: int, blocks: int) -> nn.Sequential:
    """Only where the map is small: there they see most of the image, and cost least."""
    return nn.Sequential(*(Residual(channels) for _ in range(blocks if size <= 16 else 0)))


class ConvDown(nn.Module):
    """(B, C, S, S) to maps (B, channels, s, s), s the last of `sizes`, by convolutions of stride 2, each followed by
    `blocks` residual blocks."""

    def __init__(self, channels: int, sizes: list[int], width: int, blocks: int = 0) -> None:
        super().__init__()
        widths = [channels, *widening(width, len(sizes) - 1)]
        self.channels = widths[-1]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))
        self.blocks = nn.ModuleList(_residuals(a, b, blocks) for a, b in zip(widths[1:], sizes[1:], strict=True))

    def forward(self, x: Tensor) -> Tensor:
        for conv, residuals in zip(self.convs, self.blocks, strict=True):
            x = F.silu(residuals(conv(x)))
        return x


class ConvUp(nn.Module):
    """The way back: residual blocks, then a transposed convolution that doubles, cut to the size on the way down, and
    so on; maps (B, channels, s, s) to (B, C, S, S)."""

    def __init__(self, channels: int, sizes: list[int], width: int, blocks: int = 0) -> None:
        super().__init__()
        self.sizes = sizes[::-1]
        widths = [*widening(width, len(sizes) - 1)[::-1], channels]
        self.channels = widths[0]
        self.blocks = nn.ModuleList(_residuals(a, b, blocks) for a, b in zip(widths[:-1], self.sizes[:-1], strict=True))
        self.convs = nn.ModuleList(nn.ConvTranspose2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        for residuals, conv, size in zip(self.blocks, self.convs, self.sizes[1:], strict=True):
            x = conv(F.silu(residuals(x)))
            if x.shape[-1] > size:
                x = x[..., :size, :size]
        return x


class ConvEncoder(ConvDown):
    """(B, C, S, S) to (B, outputs)."""

    def __init__(self, channels: int, size: int, width: int, outputs: int, blocks: int = 0) -> None:
        sizes = pyramid(size)
        super().__init__(channels, sizes, width, blocks)
        self.head = nn.Linear(self.channels * sizes[-1] ** 2, outputs)

    def forward(self, x: Tensor) -> Tensor:
        maps = super().forward(x)
        head: Tensor = self.head(maps.permute(0, 2, 3, 1).flatten(1))  # no copy: channels lie last in memory
        return head


class ConvDecoder(ConvUp):
    """(B, inputs) to (B, C, S, S), the mirror of the encoder."""

    def __init__(self, inputs: int, channels: int, size: int, width: int, blocks: int = 0) -> None:
        super().__init__(channels, pyramid(size), width, blocks)
        self.shape = (self.sizes[0], self.sizes[0], self.channels)
        self.stem = nn.Linear(inputs, self.channels * self.sizes[0] ** 2)

    def forward(self, z: Tensor) -> Tensor:
        maps: Tensor = self.stem(z).unflatten(1, self.shape).permute(0, 3, 1, 2)
        return super().forward(maps)
