"""A small autoregressive network over a sequence of indices: p(i) = Π_t p(i_t | i_1 … i_{t-1})."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Memory = tuple[Tensor, Tensor]


class Block(nn.Module):
    """Attention to what came before, then a two-layer network, each added to what comes in (Vaswani et al. 2017;
    normalised before, Radford et al. 2019)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, h: Tensor, memory: Memory | None = None) -> tuple[Tensor, Memory]:
        """(B, T, W) to the same; with the keys and values of what came before, T is 1."""
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.qkv(self.norm(h)).chunk(3, 2))
        if memory is not None:
            k, v = torch.cat([memory[0], k], 2), torch.cat([memory[1], v], 2)
        with torch.autocast(h.device.type, enabled=False):  # in bf16 the CPU's way back takes twenty times as long
            seen = F.scaled_dot_product_attention(q.float(), k.float(), v.float(), is_causal=memory is None)
        h = h + self.out(seen.transpose(1, 2).flatten(2))
        return h + self.outer(F.gelu(self.inner(self.norm2(h)))), (k, v)


class CausalTransformer(nn.Module):
    """Over `length` indices below `num`."""

    def __init__(self, num: int, length: int, width: int, layers: int, heads: int = 4) -> None:
        super().__init__()
        self.num, self.length = num, length
        self.embed = nn.Embedding(num + 1, width)  # the last one stands before the first
        self.place = nn.Parameter(torch.randn(length, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, num)
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, index: Tensor) -> Tensor:
        """Logits (B, T, num) of each index (B, T), told from those before it."""
        before = F.pad(index[:, :-1], (1, 0), value=self.num)
        h = self.embed(before) + self.place
        for block in self.blocks:
            h, _ = block(h)
        logits: Tensor = self.head(self.norm(h))
        return logits.float()

    def sample(self, count: int, rng: torch.Generator, temperature: float = 1.0) -> Tensor:
        """Draw (count, T), one index after another; what blocks said of earlier ones is kept."""
        drawn = [torch.full((count,), self.num, device=rng.device)]
        memory: list[Memory | None] = [None] * len(self.blocks)
        for t in range(self.length):
            h = self.embed(drawn[-1])[:, None] + self.place[t]
            for layer, block in enumerate(self.blocks):
                h, memory[layer] = block(h, memory[layer])
            p = (self.head(self.norm(h[:, 0])).float() / temperature).softmax(1)
            drawn.append(torch.multinomial(p, 1, generator=rng)[:, 0])
        return torch.stack(drawn[1:], 1)
