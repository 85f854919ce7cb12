"""A question that is asked of a model, and its answer with a unit."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import torch

from .data import Data
from .events import Progress
from .model import Model
from .registry import Registry


@dataclass(frozen=True)
class Value:
    """A measured number; `error` is its standard error, where one is known."""

    value: float
    unit: str
    error: float | None = None


class Metric:
    """`needs` is the ability that a model must have to be asked."""

    name: ClassVar[str] = ""
    needs: ClassVar[type] = object

    def measure(self, model: Model, data: Data, rng: torch.Generator) -> Generator[Progress, None, dict[str, Value]]:
        """Values by name, telling how far it is."""
        raise NotImplementedError


METRICS: Registry[Metric] = Registry("metric")
