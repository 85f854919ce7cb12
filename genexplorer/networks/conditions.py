"""Labels as a part of the code: how they are written there, how they are told from an image, and how they are fixed."""

import math
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.data import DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model

from .gaussian import kl_divergence


class Conditions:
    """Some of a data set's labels, "values" (B, K) in their own units, as numbers y (B, dim).

    One number for each class, one for a yes/no, one for a number; of mean 0 and variance 1 where all values are
    equally likely.

    `outputs` numbers say q(y | x): classes by logits, yes/no by a logit, a number by mean and log-variance.
    The prior p(y) that they are held against is flat for classes and yes/no, and N(0, 1) for numbers.
    """

    def __init__(self, spec: DataSpec, names: tuple[str, ...]) -> None:
        known = {label.name: column for column, label in enumerate(spec.labels)}
        for name in names:
            if name not in known:
                there = f"there are: {', '.join(known)}." if known else "it has none."
                raise UserError(f"This data set has no label called {name!r} to condition on; {there}")
        self.columns = [known[name] for name in names]
        self.labels: tuple[Label, ...] = tuple(spec.labels[column] for column in self.columns)
        self.widths = [len(label.classes) if label.kind == "class" else 1 for label in self.labels]
        self.dim = sum(self.widths)
        self.outputs = sum(2 if label.kind == "number" else width for label, width in self._each())

    def _each(self) -> list[tuple[Label, int]]:
        return list(zip(self.labels, self.widths, strict=True))

    def write(self, values: Tensor) -> Tensor:
        """Values (B, K) as y (B, dim)."""
        parts = []
        for (label, width), value in zip(self._each(), values.float().unbind(1), strict=True):
            if label.kind == "class":
                parts.append(_standard(F.one_hot(value.long(), width).float()))
            elif label.kind == "binary":
                parts.append(value[:, None] * 2 - 1)
            else:
                parts.append(((value - _middle(label)) / _spread(label))[:, None])
        return torch.cat(parts, 1)

    def _split(self, raw: Tensor) -> list[tuple[Label, Tensor]]:
        sizes = [2 if label.kind == "number" else width for label, width in self._each()]
        return list(zip(self.labels, torch.split(raw, sizes, 1), strict=True))

    def moments(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of y under q(y | x), each (B, dim)."""
        means, variances = [], []
        for label, part in self._split(raw):
            if label.kind == "class":
                p = part.softmax(1)
                means.append(_standard(p))
                variances.append(p * (1 - p) * _scale(p.shape[1]) ** 2)
            elif label.kind == "binary":
                p = torch.sigmoid(part)
                means.append(2 * p - 1)
                variances.append(4 * p * (1 - p))
            else:
                means.append(part[:, :1])
                variances.append(_logvar(part).exp())
        return torch.cat(means, 1), torch.cat(variances, 1).clamp(min=1e-4).log()

    def log_prob(self, raw: Tensor, values: Tensor) -> Tensor:
        """log q(y | x) of these values (B, K) in nats, summed over labels: (B,)."""
        found, total = self.write(values), torch.zeros(len(raw), device=raw.device)
        start = 0
        for ((label, part), width), value in zip(
            zip(self._split(raw), self.widths, strict=True), values.unbind(1), strict=True
        ):
            y = found[:, start : start + width]
            start += width
            if label.kind == "class":
                total = total - F.cross_entropy(part, value.long(), reduction="none")
            elif label.kind == "binary":
                total = total - F.binary_cross_entropy_with_logits(part[:, 0], value.float(), reduction="none")
            else:
                logvar = _logvar(part)
                squared = (y - part[:, :1]).square() * torch.exp(-logvar)
                total = total - 0.5 * (squared + logvar + math.log(2 * math.pi))[:, 0]
        return total

    def draw(self, raw: Tensor, rng: torch.Generator) -> Tensor:
        """y ~ q(y | x), (B, dim)."""
        parts = []
        for label, part in self._split(raw):
            if label.kind == "class":
                index = torch.multinomial(part.softmax(1), 1, generator=rng)[:, 0]
                parts.append(_standard(F.one_hot(index, part.shape[1]).float()))
            elif label.kind == "binary":
                parts.append(torch.bernoulli(torch.sigmoid(part), generator=rng) * 2 - 1)
            else:
                eps = torch.randn(part[:, :1].shape, generator=rng, device=rng.device)
                parts.append(part[:, :1] + torch.exp(0.5 * _logvar(part)) * eps)
        return torch.cat(parts, 1)

    def kl(self, raw: Tensor) -> Tensor:
        """KL(q(y | x) ‖ p(y)) in nats, summed over labels: (B,)."""
        total = torch.zeros(len(raw), device=raw.device)
        for label, part in self._split(raw):
            if label.kind == "class":
                log_p = part.log_softmax(1)
                total = total + (log_p.exp() * log_p).sum(1) + math.log(part.shape[1])
            elif label.kind == "binary":
                log_p = F.logsigmoid(torch.cat([part, -part], 1))
                total = total + (log_p.exp() * log_p).sum(1) + math.log(2)
            else:
                total = total + kl_divergence(part[:, :1], _logvar(part))[:, 0]
        return total


SEEN = 256
"""How many rows of labels a conditional model keeps of images that it was trained on lately, to draw from."""


def keep_seen(seen: Tensor, values: Tensor, step: int) -> None:
    """Put a batch's labels (B, K) among those that are kept, (SEEN, K)."""
    kept = values[:SEEN]
    seen[(step * len(kept) + torch.arange(len(kept), device=kept.device)) % SEEN] = kept


def draw_seen(seen: Tensor, num: int, rng: torch.Generator) -> Tensor:
    """Labels of that many images that were seen, (num, K)."""
    return seen[torch.randint(len(seen), (num,), generator=rng, device=rng.device)]


class _Whole(Protocol):
    """What a model with its conditions in the last numbers of its code can do."""

    latent_dim: int

    def encode(self, x: Tensor) -> Tensor: ...
    def decode(self, z: Tensor) -> Tensor: ...
    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]: ...
    def elbo_given(self, x: Tensor, y: Tensor, rng: torch.Generator) -> dict[str, Tensor]: ...


@runtime_checkable
class Told(Protocol):
    """What `given` gives back: its codes are z, beside which the conditions y, (dim,), are known."""

    y: Tensor


class Given(Model):
    """A model with a code (z, y) where y, (dim,), is known: its code is z."""

    def __init__(self, whole: _Whole, y: Tensor) -> None:
        super().__init__()
        self.whole, self.y = whole, y
        self.latent_dim = whole.latent_dim - len(y)

    def encode(self, x: Tensor) -> Tensor:
        return self.whole.encode(x)[:, : self.latent_dim]

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, logvar = self.whole.posterior(x)
        return mu[:, : self.latent_dim], logvar[:, : self.latent_dim]

    def decode(self, z: Tensor) -> Tensor:
        return self.whole.decode(torch.cat([z, self.y.expand(len(z), -1)], 1))

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        return torch.randn(num, self.latent_dim, generator=rng, device=rng.device)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(self.draw(num, rng))

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """A bound on log p(x | y)."""
        return self.whole.elbo_given(x, self.y.expand(len(x), -1), rng)


def _scale(classes: int) -> float:
    """1 by the standard deviation of a coin with P = 1/classes."""
    p = 1 / max(classes, 2)
    return 1 / math.sqrt(p * (1 - p))


def _standard(p: Tensor) -> Tensor:
    return (p - 1 / p.shape[1]) * _scale(p.shape[1])


def _middle(label: Label) -> float:
    return (label.low + label.high) / 2


def _spread(label: Label) -> float:
    """Standard deviation of a number that is anywhere in its range."""
    return (label.high - label.low) / math.sqrt(12) or 1.0


def _logvar(part: Tensor) -> Tensor:
    return part[:, 1:].clamp(-10, 10)
