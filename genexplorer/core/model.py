"""What a family of models is: a module that can take a training step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from torch import Tensor, nn

from .data import Batch, DataSpec
from .recipe import Recipe
from .registry import Registry

Metrics = dict[str, Tensor]
"""Scalars by name, kept on the device; "loss" is the one that is minimised, where there is one."""


@dataclass(frozen=True)
class Group:
    """Weights that one optimizer moves: `lr` times training's own learning rate, with AdamW's `betas`."""

    parameters: Iterable[nn.Parameter]
    lr: float = 1.0
    betas: tuple[float, float] = (0.9, 0.999)


class Optimizers(Protocol):
    """How a model asks for its weights to be moved."""

    def step(self, loss: Tensor, group: str = "all") -> None:
        """Clear the group's gradients, go backward from the loss, clip, and take one step."""


class Model(nn.Module):
    """A network that learns. Most families write only `loss`; an adversarial one overrides `train_step`."""

    def loss(self, batch: Batch) -> Metrics:
        """The batch's mean loss and its named parts."""
        raise NotImplementedError

    def groups(self) -> dict[str, Group]:
        """Weights by the name of the optimizer that moves them."""
        return {"all": Group(self.parameters())}

    def train_step(self, batch: Batch, optimizers: Optimizers) -> Metrics:
        metrics = self.loss(batch)
        optimizers.step(metrics["loss"])
        return metrics


class ModelRecipe(Recipe):
    """Settings of a family, and the way to build it."""

    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    training: ClassVar[Mapping[str, Any]] = {}  # settings of training that suit this family better than the usual ones

    @property
    def settled(self) -> int:
        """The step after which the loss means the same at every step: what comes in over some steps is in by then."""
        fields = type(self).model_fields.items()
        extra = {name: field.json_schema_extra for name, field in fields}
        return max(
            (getattr(self, name) for name, each in extra.items() if isinstance(each, dict) and each["unit"] == "steps"),
            default=0,
        )

    @property
    def partial(self) -> bool:
        """Whether a step may leave weights out that the same optimizer moves at another."""
        return False

    def build(self, spec: DataSpec) -> Model:
        """A model with fresh weights for data of this form; UserError where they do not fit together."""
        raise NotImplementedError


MODELS: Registry[ModelRecipe] = Registry("model")
