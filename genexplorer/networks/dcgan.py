"""The pair of DCGAN: Radford, Metz & Chintala 2016, figure 1 and its guidelines for stable architectures.

Strided convolutions instead of pooling, no fully connected hidden layers, batch norm but at the generator's output and
the discriminator's input, ReLU in the one and LeakyReLU(0.2) in the other, tanh at the end; weights of N(0, 0.02²).
"""

from itertools import pairwise

from torch import Tensor, nn

from .conv import pyramid, widening


def _begin(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


class DCGANGenerator(nn.Module):
    """(B, inputs) to (B, C, S, S) in [-1, 1]; `width` channels before the last layer."""

    def __init__(self, inputs: int, channels: int, size: int, width: int) -> None:
        super().__init__()
        self.sizes = pyramid(size, 4)[::-1]
        widths = widening(width, len(self.sizes) - 1)[::-1]
        self.stem = nn.ConvTranspose2d(inputs, widths[0], self.sizes[0], bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(each) for each in widths)
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=b == channels)
            for a, b in pairwise([*widths, channels])
        )
        self.apply(_begin)

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.stem(z[:, :, None, None])
        for norm, up, size in zip(self.norms, self.ups, self.sizes[1:], strict=True):
            x = up(norm(x).relu_())
            if x.shape[-1] > size:
                x = x[..., :size, :size]
        return x.tanh()


class DCGANFeatures(nn.Module):
    """(B, C, S, S) to (B, outputs): all layers of the discriminator but the last."""

    def __init__(self, channels: int, size: int, width: int, norm: bool) -> None:
        super().__init__()
        depth = len(pyramid(size, 4)) - 1
        layers: list[nn.Module] = []
        for level, (a, b) in enumerate(pairwise([channels, *widening(width, depth)])):
            size //= 2
            normed = norm and level > 0
            layers += [nn.Conv2d(a, b, 4, stride=2, padding=1, bias=not normed)]
            layers += [nn.BatchNorm2d(b)] if normed else []
            layers += [nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(*layers)
        self.outputs = widening(width, depth)[-1] * size**2
        self.apply(_begin)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.layers(x)
        return maps.permute(0, 2, 3, 1).flatten(1)  # no copy: channels lie last in memory
