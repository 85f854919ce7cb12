"""What images are compared by: features of a small network of our own, learnt from the data set that they come from."""

import hashlib
import json
import math
from collections.abc import Callable, Generator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.core.data import Data, DatasetRecipe, Images, Label, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.metric import Featurise
from genexplorer.core.resources import resource
from genexplorer.core.tensors import read_header, read_tensors, write_tensors
from genexplorer.networks.conv import ConvEncoder
from genexplorer.networks.mlp import mlp

from .inception import InceptionFeatures

WIDTH, DIM = 16, 64
_BATCH, _STEPS, _TEMPERATURE, _CHUNK = 128, 1500, 0.2, 256
_FORMAT = 3


class FeatureNet(nn.Module):
    """Images (B, C, H, W) in [-1, 1] to features (B, 64), each of mean 0 and variance 1 over the training images."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.net = ConvEncoder(channels, size, WIDTH, DIM)
        self.register_buffer("mean", torch.zeros(DIM))
        self.register_buffer("std", torch.ones(DIM))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = (self.net(x.contiguous(memory_format=torch.channels_last)) - self.mean) / self.std
        return features


class OwnFeatures:
    """Those of a data set's own network, which is made ready when it is first asked."""

    name = "own"

    def __init__(self, recipe: DatasetRecipe, data: Data, cache: Path) -> None:
        self._recipe, self._data, self._cache = recipe, data, cache
        self._net: FeatureNet | None = None

    def __call__(self, images: Images, what: str) -> Generator[Progress, None, Tensor]:
        if self._net is None:
            self._net = yield from feature_net(self._recipe, self._data, self._cache)
        return (yield from features_of(self._net, images, what))


def featuriser(recipe: DatasetRecipe, data: Data, cache: Path, inception: Path | None = None) -> Featurise:
    """Own features, or those of Inception-v3 where its weights are given."""
    return InceptionFeatures(inception) if inception else OwnFeatures(recipe, data, cache)


def features_of(net: Callable[[Tensor], Tensor], images: Images, what: str) -> Generator[Progress, None, Tensor]:
    """Features of images (N, D), a chunk at a time: only one chunk of images is in memory as floats."""
    parts = []
    for start in range(0, len(images), _CHUNK):
        end = min(start + _CHUNK, len(images))
        with torch.no_grad():
            parts.append(net(to_float(images.take(torch.arange(start, end)))))
        yield Progress(what, end, len(images))
    return torch.cat(parts)


def feature_net(recipe: DatasetRecipe, data: Data, cache: Path) -> Generator[Progress, None, FeatureNet]:
    """A data set's network: shipped, from the cache, or learnt now and kept there."""
    key = json.dumps([_FORMAT, recipe.to_json(), data.spec.shape, len(data.train), _STEPS, WIDTH, DIM])
    kept = cache / "features" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"
    if (shipped := shipped_net(recipe, data.spec.shape)) is not None:
        return shipped
    try:
        if kept.exists():
            return read_net(kept)
    except (UserError, RuntimeError, KeyError):  # learnt anew where it cannot be used
        pass
    net = yield from learn_features(data, _STEPS)
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_net(kept, net, recipe, data)
    return net


def shipped_net(recipe: DatasetRecipe, shape: tuple[int, ...]) -> FeatureNet | None:
    """The network that ships for a data set, where it sees images of this shape (C, H, W): it needs no data."""
    path = shipped_path(recipe)
    try:
        if path.exists() and tuple(read_header(path)["shape"]) == shape:
            return read_net(path)
    except (UserError, RuntimeError, KeyError):
        pass
    return None


def make_features(recipe: DatasetRecipe, cache: Path, path: Path) -> Generator[Progress, None, None]:
    """Learn a data set's network anew and write it: how those that ship are made."""
    data = yield from recipe.load(cache)
    write_net(path, (yield from learn_features(data, _STEPS)), recipe, data)


def shipped_path(recipe: DatasetRecipe) -> Path:
    return resource("features") / f"{recipe.name}.safetensors"


def write_net(path: Path, net: FeatureNet, recipe: DatasetRecipe, data: Data) -> None:
    """In 16 bits: a feature's third digit is not asked for."""
    half = {name: tensor.half() for name, tensor in net.state_dict().items()}
    write_tensors(path, half, {"data": recipe.to_json(), "shape": data.spec.shape, "format": _FORMAT})


def read_net(path: Path) -> FeatureNet:
    tensors, header = read_tensors(path)
    net = FeatureNet(header["shape"][0], header["shape"][-1])
    net.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return net.eval().requires_grad_(False)


def learn_features(data: Data, steps: int) -> Generator[Progress, None, FeatureNet]:
    """Tell each image, seen twice in different cuts and lights, from all others (SimCLR, Chen et al. 2020, eq. 1); read
    off its labels, where there are any; and say how soft and noisy it was made: what is in it, and how well drawn."""
    split, rng = data.train, torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = FeatureNet(data.spec.channels, data.spec.size)
        project = mlp(DIM, (DIM,), DIM // 2)
        reads, flaws = _Reads(data.spec.labels, split.labels), nn.Linear(DIM, 2)
    net.to(memory_format=torch.channels_last)
    weights = [*net.parameters(), *project.parameters(), *reads.parameters(), *flaws.parameters()]
    with torch.enable_grad():
        optimizer = torch.optim.AdamW(weights, lr=2e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
        for step in range(steps):
            mine = torch.randint(len(split), (_BATCH,), generator=rng)
            x, flawed = _flawed(to_float(split.images.take(mine)), rng)
            seen = net(torch.cat([_another_view(x, rng), _another_view(x, rng)]))
            loss = _contrast(project(seen)) + reads(seen, split.labels[mine].repeat(2, 1))
            loss = loss + 4 * F.mse_loss(flaws(seen), flawed.repeat(2, 1))  # as much as a number of variance 1
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            if step % 10 == 9:
                yield Progress("Learning what to compare images by", step + 1, steps)
    net.eval().requires_grad_(False)
    seen = yield from features_of(net, split.images, "Measuring features")
    net.mean.copy_(seen.mean(0))  # type: ignore[operator]
    net.std.copy_(seen.std(0).clamp(min=1e-3))  # type: ignore[operator]
    return net


def _contrast(seen: Tensor) -> Tensor:
    """NT-Xent: row i's other view is row i + B of (2B, D)."""
    seen = F.normalize(seen)
    alike = (seen @ seen.T / _TEMPERATURE).fill_diagonal_(-torch.inf)
    return F.cross_entropy(alike, torch.arange(len(seen)).roll(len(seen) // 2))


def _flawed(x: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Images of which half are soft and half noisy, at random, and by how much of the most: (B, 2), 0 to 1."""
    much = torch.rand(len(x), 2, generator=rng) * (torch.rand(len(x), 2, generator=rng) < 0.5)
    kernel = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    soft = x
    for shape, pad in (((1, 5), (2, 2, 0, 0)), ((5, 1), (0, 0, 2, 2))) * 2:
        window = kernel.view(1, 1, *shape).expand(x.shape[1], 1, *shape)
        soft = F.conv2d(F.pad(soft, pad, mode="replicate"), window, groups=x.shape[1])
    noise = 0.4 * much[:, 1, None, None, None] * torch.randn(x.shape, generator=rng)
    return torch.lerp(x, soft, much[:, 0, None, None, None]) + noise, much


def _another_view(x: Tensor, rng: torch.Generator) -> Tensor:
    """A cut of 70 to 100 % of the side, turned by up to 8 degrees, in other light. Images (B, C, H, W) in [-1, 1]."""

    def between(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(len(x), *shape, generator=rng)

    scale, angle = between(0.7, 1.0), between(-0.14, 0.14)
    move = (1 - scale)[:, None] * between(-1, 1, 2)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    theta = torch.stack([torch.stack([cos, -sin, move[:, 0]], 1), torch.stack([sin, cos, move[:, 1]], 1)], 1)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    seen = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    return (seen * between(0.8, 1.2, 1, 1, 1) + between(-0.15, 0.15, x.shape[1], 1, 1)).clamp_(-1, 1)


class _Reads(nn.Module):
    """The loss of reading labels off features: cross-entropy of classes and yes/no, squared error of numbers, of cosine
    and sine where they go around a circle."""

    def __init__(self, labels: tuple[Label, ...], rows: Tensor) -> None:
        super().__init__()
        self.labels = labels
        sizes = [len(label.classes) if label.kind == "class" else 2 if label.period else 1 for label in labels]
        self.head = nn.Linear(DIM, sum(sizes)) if labels else None
        self.sizes = sizes
        self.mean, self.std = rows.mean(0), rows.std(0).clamp(min=1e-6)

    def forward(self, seen: Tensor, rows: Tensor) -> Tensor:
        if self.head is None:
            return seen.new_zeros(())
        losses = []
        for j, (label, told) in enumerate(zip(self.labels, self.head(seen).split(self.sizes, dim=1), strict=True)):
            if label.kind == "class":
                losses.append(F.cross_entropy(told, rows[:, j].long()))
            elif label.kind == "binary":
                losses.append(F.binary_cross_entropy_with_logits(told[:, 0], rows[:, j]))
            elif label.period:
                angle = rows[:, j] * (2 * math.pi / label.period)
                losses.append(2 * F.mse_loss(told, torch.stack([angle.cos(), angle.sin()], 1)))
            else:
                losses.append(F.mse_loss(told[:, 0], (rows[:, j] - self.mean[j]) / self.std[j]))
        return torch.stack(losses).mean()
