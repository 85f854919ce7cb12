"""What the iterator costs: train() with all its events, to a bare loop over the same step."""

import copy
from collections.abc import Iterator

import torch

from genexplorer.core.data import Batch, Data, to_float
from genexplorer.core.model import Model

from .rounds import median_ratio, side
from .rows import benchmark
from .workload import BATCH, conv_vae, load, new_run, steps_of, workplace


@benchmark("events", bound="≤ 1.03", what="time of train() with its events, to a bare loop over the same step")
def events() -> tuple[float, str]:
    with workplace() as home:
        run = new_run(home, conv_vae(), precision="32-true")
        bare = _bare_loop(load(home / "cache"))
        return median_ratio(side(bare), side(steps_of(run)), rounds=11)


class _Plain:
    """Clear, backward, clip, step: no Fabric."""

    def __init__(self, model: Model) -> None:
        self._weights = list(model.parameters())
        self._adam = torch.optim.AdamW(self._weights, lr=1e-3, weight_decay=0.0, fused=True)

    def step(self, loss: torch.Tensor, group: str = "all") -> None:
        self._adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._adam.step()


def _bare_loop(data: Data) -> Iterator[int]:
    model = conv_vae().build(data.spec)
    model.to(memory_format=torch.channels_last)
    ema = copy.deepcopy(model).requires_grad_(False)
    optimizers, rng = _Plain(model), torch.Generator().manual_seed(0)
    step = 0
    while True:
        shuffle = torch.randperm(len(data.train), generator=rng)
        for start in range(0, len(shuffle) - BATCH + 1, BATCH):
            step += 1
            mine = shuffle[start : start + BATCH]
            x = to_float(data.train.images.take(mine)).contiguous(memory_format=torch.channels_last)
            model.train_step(Batch(x, data.train.labels[mine], rng, step), optimizers)
            with torch.no_grad():
                torch._foreach_lerp_(list(ema.parameters()), list(model.parameters()), 0.001)
            yield BATCH
