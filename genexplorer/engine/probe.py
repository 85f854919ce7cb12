"""A regressor from images to attributes, trained apart from any generative model: the judge of what an edit did."""

import hashlib
import json
from collections.abc import Generator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.core.data import Data, DatasetRecipe, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.precision import has_fast_bf16
from genexplorer.core.tensors import read_tensors, write_tensors
from genexplorer.networks.conv import pyramid

from .attributes import attributes_of, columns, standardised

_BATCH, _STEPS, _WIDTH = 128, 1300, 32
_FORMAT = 2


class Probe(nn.Module):
    """(B, C, H, W) in [-1, 1] to attributes in their standard deviations over the data, (B, J)."""

    def __init__(self, channels: int, size: int, attributes: int) -> None:
        super().__init__()
        sizes = pyramid(size)
        widths = [channels, *(_WIDTH * min(2**i, 4) for i in range(len(sizes) - 1))]
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):  # normalised, it sees the angle of brows after far fewer steps
            layers += [nn.Conv2d(a, b, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(b), nn.SiLU()]
        self.net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * sizes[-1] ** 2, attributes))
        self.register_buffer("skill", torch.zeros(attributes))
        """Share of each attribute's variance that it explains on test images: R², (J,)."""

    def forward(self, x: Tensor) -> Tensor:
        values: Tensor = self.net(x)
        return values

    def only(self, attributes: list[int]) -> "Probe":
        """Of some attributes alone."""
        part = deepcopy(self)
        last = part.net[-1]
        assert isinstance(last, nn.Linear)
        last.weight, last.bias = (nn.Parameter(each[attributes], False) for each in (last.weight, last.bias))
        part.register_buffer("skill", self.skill[attributes])  # type: ignore[index]
        return part


def probe_of(recipe: DatasetRecipe, data: Data, cache: Path, half: int) -> Generator[Progress, None, Probe]:
    """A data set's probe, trained on one half of the training images of its kind for judging: from the cache, or made
    now and kept there.

    What one half's probe helped to make, the other's can judge.
    """
    if (judging := recipe.for_judging()) != recipe:
        recipe, data = judging, (yield from judging.load(cache))
    key = json.dumps([_FORMAT, recipe.to_json(), data.spec.shape, len(data.train), _STEPS, _WIDTH, half])
    few = data.train.images.take(torch.arange(min(64, len(data.train))))  # drawn otherwise, it is another data set
    name = hashlib.sha256(key.encode() + few.numpy().tobytes() + repr(data.spec.labels).encode()).hexdigest()[:16]
    path = cache / "probes" / f"{name}.safetensors"
    attributes = len(attributes_of(data.spec.labels))
    if path.exists():
        probe = Probe(data.spec.channels, data.spec.size, attributes)
        try:
            probe.load_state_dict(read_tensors(path)[0])
            return probe.eval().requires_grad_(False)
        except (UserError, RuntimeError):  # made anew where it cannot be used
            pass
    probe = yield from train_probe(data, half, _STEPS)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(path, probe.state_dict(), {"data": recipe.to_json()})
    return probe


def train_probe(data: Data, half: int, steps: int) -> Generator[Progress, None, Probe]:
    """Least squares on the standardised attributes of one half (0 or 1) of the training images."""
    attributes = attributes_of(data.spec.labels)
    targets = torch.from_numpy(standardised(columns(attributes, data.train.labels.numpy())))
    images = torch.arange(half, len(data.train), 2)
    rng = torch.Generator().manual_seed(half)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(half)
        probe = Probe(data.spec.channels, data.spec.size, len(attributes))
    probe.to(memory_format=torch.channels_last)
    quick = has_fast_bf16("cpu")
    with torch.enable_grad():
        optimizer = torch.optim.AdamW(probe.parameters(), lr=2e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
        for step in range(steps):
            mine = images[torch.randint(len(images), (min(_BATCH, len(images)),), generator=rng)]
            x = _as_drawn(to_float(data.train.images.take(mine)), rng)
            with torch.autocast("cpu", torch.bfloat16, enabled=quick):
                seen = probe(x)
            loss = F.mse_loss(seen.float(), targets[mine])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            if step % 10 == 9:
                yield Progress("Training a judge of attributes", step + 1, steps)
    probe.eval().requires_grad_(False)
    probe.skill.copy_(torch.from_numpy(_skill(probe, data)))  # type: ignore[operator]
    return probe


def _as_drawn(x: Tensor, rng: torch.Generator) -> Tensor:
    """Half of them a little soft and noisy, as a decoder draws: the judge is to look at what is shown, not at how."""
    soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = torch.rand(len(x), 1, 1, 1, generator=rng) * (torch.rand(len(x), 1, 1, 1, generator=rng) < 0.5)
    noise = 0.05 * torch.rand(len(x), 1, 1, 1, generator=rng) * torch.randn(x.shape, generator=rng)
    return torch.lerp(x, soft, share).add_(noise).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _skill(probe: Probe, data: Data) -> np.ndarray:
    attributes = attributes_of(data.spec.labels)
    split = data.test if len(data.test) else data.train
    num = min(2000, len(split))
    truth = columns(attributes, split.labels[:num].numpy())
    over = columns(attributes, data.train.labels.numpy())
    spread = over.std(0)
    truth = (truth - over.mean(0)) / np.where(spread > 1e-6, spread, np.inf)
    parts = [
        probe(to_float(split.images.take(torch.arange(start, min(start + 256, num))))) for start in range(0, num, 256)
    ]
    missed = np.square(torch.cat(parts).numpy() - truth).mean(0)
    return np.asarray(1 - missed / np.maximum(truth.var(0), 1e-6), np.float32)
