"""How long and how fast to train, and on what."""

import os
from typing import Any, Literal, Self

from genexplorer.core.model import ModelRecipe
from genexplorer.core.recipe import Recipe, knob

Precision = Literal["auto", "32-true", "bf16-mixed"]


class TrainRecipe(Recipe):
    """The settings of training itself, the same for every family."""

    name = "train"

    steps: int = knob(5000, "How many batches to learn from.", ge=1, le=100_000_000)
    batch_size: int = knob(128, "Images in a batch, over all processes.", ge=1, le=65536, unit="images")
    seed: int = knob(0, "Everything random follows from this number.", ge=0, le=2**31 - 1)
    lr: float = knob(2e-3, "Learning rate at its height.", gt=0, le=1)
    warmup: int = knob(100, "Steps over which the learning rate rises.", ge=0, unit="steps", advanced=True)
    decay: Literal["cosine", "none"] = knob("cosine", "How the learning rate falls to the end.", advanced=True)
    weight_decay: float = knob(0.0, "Decoupled weight decay of AdamW.", ge=0, le=1, advanced=True)
    clip: float = knob(1.0, "Longest gradient that is let through; 0 for any.", ge=0, advanced=True)
    ema: float = knob(0.999, "Memory of the averaged weights that are saved and shown.", ge=0, lt=1, advanced=True)
    log_every: int = knob(20, "Steps between rows of metrics.", ge=1, unit="steps", advanced=True)
    preview_every: int = knob(250, "Steps between previews.", ge=1, unit="steps", advanced=True)
    save_every: int = knob(500, "Steps between saves.", ge=1, unit="steps", advanced=True)
    keep: int = knob(5, "How many of the newest checkpoints to keep.", ge=1, le=10_000, advanced=True)
    precision: Precision = knob("auto", "bf16 where the machine is faster with it, else 32 bits.", advanced=True)
    compile: bool = knob(False, "Compile the network first: takes seconds, pays on a GPU.", advanced=True)

    @classmethod
    def suiting(cls, model: type[ModelRecipe], **values: Any) -> Self:
        """Those of a family, where nothing else is said; UserError names the first field that is wrong, and why."""
        return cls.parse({**model.training, **values})


class Hardware(Recipe):
    """Which devices train; Lightning Fabric knows how to drive them."""

    name = "hardware"

    accelerator: Literal["auto", "cpu", "cuda", "mps"] = knob("auto", "Kind of device.")
    devices: int = knob(1, "Devices on each machine.", ge=1, le=1024)
    nodes: int = knob(1, "Machines.", ge=1, le=1024)
    strategy: str = knob("auto", "How Fabric spreads the work over several devices: auto, ddp …")
    threads: int = knob(0, "CPU threads; 0 for all.", ge=0, le=1024)


def is_leader() -> bool:
    """Whether this process is the first, or the only one, of those that train together: it alone writes.

    Told from the environment that Fabric, torchrun and SLURM give, so that it is known before anything is launched.
    """
    ranks = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID")
    return all(os.environ.get(name, "0") in ("0", "") for name in ranks)
