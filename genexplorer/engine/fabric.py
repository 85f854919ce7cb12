"""What Lightning Fabric does for training: devices, precision, and one update on all of them."""

import logging
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from genexplorer.core.errors import UserError
from genexplorer.core.imports import uncollected
from genexplorer.core.model import Model
from genexplorer.core.precision import has_fast_bf16

from .settings import Hardware, Precision, TrainRecipe

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def get_ready() -> None:
    """Import what a training needs: some seconds that nobody has to wait for where it is done before."""
    with uncollected():
        import lightning_fabric  # noqa: F401


def make_fabric(hardware: Hardware, precision: Precision) -> "Fabric":
    """Fabric for these devices; UserError where they are not there."""
    with uncollected():
        from lightning_fabric import Fabric

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    if not torch.cuda.is_available():
        # Fabric has torch ask NVML for GPUs. Where there is none that loads a library at each step of an optimizer.
        os.environ.pop("PYTORCH_NVML_BASED_CUDA_CHECK", None)
    if precision == "auto":
        precision = "bf16-mixed" if has_fast_bf16(hardware.accelerator) else "32-true"
    strategy = hardware.strategy
    if strategy == "auto" and hardware.devices * hardware.nodes > 1:
        strategy = "ddp"
    try:
        fabric = Fabric(
            accelerator=hardware.accelerator,
            devices=hardware.devices,
            num_nodes=hardware.nodes,
            strategy=strategy,
            precision=precision,
        )
    except (ValueError, RuntimeError, KeyError) as error:
        raise UserError(f"This machine cannot train that way: {str(error).splitlines()[0]}") from error
    except Exception as error:  # Fabric's MisconfigurationException derives from Exception alone
        if type(error).__name__ == "MisconfigurationException":
            raise UserError(f"This machine cannot train that way: {str(error).splitlines()[0]}") from error
        raise
    fabric.launch()
    return fabric


def peer_is_gone(error: RuntimeError | MemoryError) -> bool:
    """Whether this is how another process's end shows itself in this one."""
    text = str(error)
    return isinstance(error, torch.distributed.DistError) or "closed by peer" in text or "gloo" in text


def leave(fabric: "Fabric") -> None:
    """Let the other processes go, also those that wait for this one."""
    if fabric.world_size > 1 and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


class FabricOptimizers:
    """The optimizers of a model, as `Model.train_step` sees them."""

    def __init__(self, fabric: "Fabric", model: Model, recipe: TrainRecipe, partial: bool = False) -> None:
        self._fabric = fabric
        self._clip = recipe.clip
        self._partial = partial
        self._all = {
            name: torch.optim.AdamW(
                list(group.parameters),
                lr=recipe.lr * group.lr,
                betas=group.betas,
                weight_decay=recipe.weight_decay,
                fused=fabric.device.type != "mps",
            )
            for name, group in model.groups().items()
        }
        self._paces = {name: group.lr for name, group in model.groups().items()}
        self._wrapped: dict[str, Any] = {}
        self._model: Any = None
        self.norms: dict[str, list[Tensor]] = {}  # by group, of each step since they were last taken

    def setup(self, model: Any, wrapped: Mapping[str, Any]) -> None:
        """The model and optimizers as Fabric wrapped them."""
        self._model, self._wrapped = model, dict(wrapped)

    @property
    def plain(self) -> dict[str, torch.optim.AdamW]:
        return self._all

    def set_lr(self, lr: float) -> None:
        for name, optimizer in self._all.items():
            for group in optimizer.param_groups:
                group["lr"] = lr * self._paces[name]

    def step(self, loss: Tensor, group: str = "all") -> None:
        optimizer = self._wrapped[group]
        optimizer.zero_grad(set_to_none=True)
        own = [weight for weight in optimizer.param_groups[0]["params"] if weight.requires_grad]
        inputs: Any = {"inputs": own} if len(self._all) > 1 else {}  # only this group's gradients are worked out
        with torch.autocast(self._fabric.device.type, enabled=False):  # low precision is for going forward
            self._fabric.backward(loss, **inputs)
            if self.partial:
                self._share(own)
            norm = self._fabric.clip_gradients(
                self._model, optimizer, max_norm=self._clip or math.inf, error_if_nonfinite=False
            )
            if norm is not None:
                self.norms.setdefault(group, []).append(norm)
            optimizer.step()

    @property
    def partial(self) -> bool:
        """Whether processes share gradients here: DDP waits for those of all weights, and a loss is of some alone."""
        return self._fabric.world_size > 1 and (self._partial or len(self._all) > 1)

    def no_sync(self) -> AbstractContextManager[None]:
        """Around a step, as far as gradients are shared here."""
        context: AbstractContextManager[None] = self._fabric.no_backward_sync(self._model, enabled=self.partial)
        return context

    def _share(self, weights: Iterable[Tensor]) -> None:
        """The mean over the processes, of all gradients in one go."""
        grads = [weight.grad for weight in weights if weight.grad is not None]
        flat = torch.cat([grad.flatten() for grad in grads])
        mean = self._fabric.all_reduce(flat)
        assert isinstance(mean, Tensor)
        for grad, part in zip(grads, torch.split(mean, [grad.numel() for grad in grads]), strict=True):
            grad.copy_(part.view_as(grad))

    def take_signs(self) -> dict[str, float]:
        """grad_norm: the mean length of the gradient before it is cut; clipped: the share of steps at which it was."""
        signs = {}
        for group, norms in sorted(self.norms.items()):
            of, lengths = "" if group == "all" else f"_{group}", torch.stack(norms)
            signs[f"grad_norm{of}"] = float(lengths.mean())
            signs[f"clipped{of}"] = float((lengths > (self._clip or math.inf)).float().mean())
        self.norms = {}
        return signs
