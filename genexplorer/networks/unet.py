"""The U-Net that denoises: Ho et al. 2020, appendix B, as diffusers' UNet2DModel has it, weight for weight."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_TOGETHER = 16  # channels in a group, at the widest map: with fewer, torch's kernel is ten times as slow on a CPU
_HEAD = 32  # channels of one head
_SMALLEST = 8  # px: there a network sees the whole image


def sizes(size: int) -> list[int]:
    """Of the maps, each half of the one before, padded where that is not whole: 28 → [28, 14, 7], 9 → [10, 5]."""
    halvings = 1
    while -(-size // 2**halvings) > _SMALLEST:
        halvings += 1
    whole = -(-size // 2**halvings)
    return [whole * 2**level for level in range(halvings, -1, -1)]


def sinusoids(t: Tensor, dim: int) -> Tensor:
    """cos(ω_k t), sin(ω_k t), ω_k = 10000^(-k / (dim/2)): t (B,) to (B, dim), after Vaswani et al. 2017, §3.5."""
    half = dim // 2
    frequency = torch.exp(torch.arange(half, dtype=torch.float32, device=t.device) * (-math.log(10_000) / half))
    angle = t.float()[:, None] * frequency
    return torch.cat([angle.cos(), angle.sin()], 1)


class Timed(nn.Module):
    """When it is, and what is known: t (B,), y (B, conditions) or None, to an embedding (B, dim)."""

    def __init__(self, waves: int, dim: int, conditions: int = 0) -> None:
        super().__init__()
        self.waves = waves
        self.first, self.second = nn.Linear(waves, dim), nn.Linear(dim, dim)
        self.told = nn.Linear(conditions, dim, bias=False) if conditions else None  # all 0: nothing is told

    def forward(self, t: Tensor, y: Tensor | None = None) -> Tensor:
        known: Tensor = self.second(F.silu(self.first(sinusoids(t, self.waves))))
        return known if self.told is None or y is None else known + self.told(y)


class TimedResidual(nn.Module):
    """x + f(x), f two convolutions between which the embedding is added."""

    def __init__(self, channels: int, outputs: int, embedding: int, groups: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(groups, channels), nn.Conv2d(channels, outputs, 3, padding=1)
        self.time = nn.Linear(embedding, outputs)
        self.norm2, self.conv2 = nn.GroupNorm(groups, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(channels, outputs, 1) if channels != outputs else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time(embedding)[:, :, None, None]
        added: Tensor = self.conv2(F.silu(self.norm2(h)))
        carried: Tensor = self.skip(x)
        return carried + added


class Attention(nn.Module):
    """x + attention of every place to every other."""

    def __init__(self, channels: int, heads: int, groups: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups, channels)
        self.q, self.k, self.v = (nn.Linear(channels, channels) for _ in range(3))
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        places = self.norm(x).flatten(2).transpose(1, 2)  # (B, H·W, C)
        q, k, v = (f(places).unflatten(2, (self.heads, -1)).transpose(1, 2) for f in (self.q, self.k, self.v))
        # by hand: on a CPU torch's own, made for long sequences, is several times as slow at so few places
        weight = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(3).to(v.dtype)
        seen = (weight @ v).transpose(1, 2).flatten(2)
        added: Tensor = self.out(seen).transpose(1, 2).unflatten(2, x.shape[2:])
        return x + added


class UNet(nn.Module):
    """(B, inputs, S, S) at times t (B,), given y, to (B, outputs, S, S). `widths` are the channels of each size.

    With a `patch`, so many pixels along each side are one place with as many more channels.
    """

    def __init__(
        self, inputs: int, outputs: int, widths: list[int], blocks: int = 1, conditions: int = 0, patch: int = 1
    ) -> None:
        super().__init__()
        dim, groups = 4 * widths[0], max(1, widths[0] // _TOGETHER)
        self.patch, self.step = patch, patch * 2 ** (len(widths) - 1)
        self.embed = Timed(widths[0], dim, conditions)
        self.stem = nn.Conv2d(inputs * patch**2, widths[0], 3, padding=1)
        skips, channels = [widths[0]], widths[0]
        down: list[nn.Module] = []
        halvings: list[nn.Module] = []
        for level, width in enumerate(widths):
            if level:
                halvings.append(nn.Conv2d(channels, channels, 3, stride=2, padding=1))
                skips.append(channels)
            down.append(blocks_at := nn.ModuleList())
            for _ in range(blocks):
                blocks_at.append(TimedResidual(channels, width, dim, groups))
                channels = width
                skips.append(channels)
        self.down, self.halvings = nn.ModuleList(down), nn.ModuleList(halvings)
        self.before = TimedResidual(channels, channels, dim, groups)
        self.attention = Attention(channels, max(1, channels // _HEAD), groups)
        self.after = TimedResidual(channels, channels, dim, groups)
        up: list[nn.Module] = []
        doublings: list[nn.Module] = []
        for level, width in reversed(list(enumerate(widths))):
            up.append(blocks_at := nn.ModuleList())
            for _ in range(blocks + 1):
                blocks_at.append(TimedResidual(channels + skips.pop(), width, dim, groups))
                channels = width
            if level:
                doublings.append(nn.Conv2d(channels, channels, 3, padding=1))
        self.up, self.doublings = nn.ModuleList(up), nn.ModuleList(doublings)
        self.norm, self.out = nn.GroupNorm(groups, channels), nn.Conv2d(channels, outputs * patch**2, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        size, missing = x.shape[-1], -x.shape[-1] % self.step
        x = F.pad(x, (0, missing, 0, missing), mode="replicate") if missing else x
        made = self.within(F.pixel_unshuffle(x, self.patch) if self.patch > 1 else x, t, y)
        made = F.pixel_shuffle(made, self.patch) if self.patch > 1 else made
        return made[..., :size, :size]

    def within(self, x: Tensor, t: Tensor, y: Tensor | None) -> Tensor:
        embedding = F.silu(self.embed(t, y))
        x = self.stem(x)
        skips = [x]
        for level, blocks in enumerate(self.down):
            if level:
                x = self.halvings[level - 1](x)
                skips.append(x)
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                x = block(x, embedding)
                skips.append(x)
        x = self.after(self.attention(self.before(x, embedding)), embedding)
        for level, blocks in enumerate(self.up):
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                x = block(torch.cat([x, skips.pop()], 1), embedding)
            if level < len(self.doublings):
                x = self.doublings[level](F.interpolate(x, scale_factor=2.0, mode="nearest"))
        made: Tensor = self.out(F.silu(self.norm(x)))
        return made
