"""A question that is asked of a model, and its answer with a unit and an interval."""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import torch
from torch import Tensor

from .abilities import Samples
from .data import Data, Images, to_uint8
from .events import Progress
from .model import Model
from .registry import Registry

_AT_ONCE = 64
R = TypeVar("R")


@dataclass(frozen=True)
class Value:
    """A measured number; `error` is its standard error, `low` to `high` its 95 % interval, where one is known."""

    value: float
    unit: str
    error: float | None = None
    low: float | None = None
    high: float | None = None


class Measured(Protocol):
    """What the arithmetic gives: a number and its interval."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def of(found: Measured, unit: str) -> Value:
    return Value(found.value, unit, None, found.low, found.high)


def mean_of(values: Tensor, unit: str) -> Value:
    """The mean of (N,) with its standard error."""
    return Value(float(values.mean()), unit, float(values.std()) / math.sqrt(len(values)))


class Featurise(Protocol):
    """Turns images into features; `name` says whose."""

    name: str

    def __call__(self, images: Images, what: str) -> Generator[Progress, None, Tensor]:
        """Features (N, D), telling how far it is under a name."""


@dataclass
class Subject:
    """What is asked: a model, with the data that it learnt from. Of its images the test part, never seen, judges.

    `images` is how many of each kind at most, and how many samples are drawn; `draws` how often an estimate draws for
    each image. Samples, features and whatever else is made `once` are shared by the questions that want them.

    `beneath` is what the values of the metric that is asked sum up, as lists by name: for whoever draws it.
    """

    model: Model
    data: Data
    featurise: Featurise
    seed: int = 0
    images: int = 10_000
    draws: int = 500
    beneath: dict[str, Any] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)
    _features: dict[str, Tensor] = field(default_factory=dict)
    _samples: Images | None = None

    def rng(self) -> torch.Generator:
        """The same for each question, whatever was asked before."""
        return torch.Generator().manual_seed(self.seed)

    def samples(self) -> Generator[Progress, None, Images]:
        """uint8 (`images`, C, H, W), drawn by the model."""
        if self._samples is None:
            assert isinstance(self.model, Samples)
            rng, parts = self.rng(), []
            for start in range(0, self.images, _AT_ONCE):
                parts.append(to_uint8(self.model.sample(min(_AT_ONCE, self.images - start), rng)))
                yield Progress("Drawing samples", min(start + _AT_ONCE, self.images), self.images)
            self._samples = Images(torch.cat(parts))
        return self._samples

    def once(self, what: str, make: Callable[[], Generator[Progress, None, R]]) -> Generator[Progress, None, R]:
        """What several questions want, by its name."""
        if what not in self._made:
            self._made[what] = yield from make()
        made: R = self._made[what]
        return made

    def features(self, kind: Literal["test", "train", "samples"]) -> Generator[Progress, None, Tensor]:
        """Of test images, of as many training images, or of samples: (N, D)."""
        if kind not in self._features:
            if kind == "samples":
                images = yield from self.samples()
            else:
                images = self.some(kind)
            what = f"Features of {kind}" if kind == "samples" else f"Features of {kind} images"
            self._features[kind] = yield from self.featurise(images, what)
        return self._features[kind]

    def some(self, part: Literal["test", "train"], most: int | None = None) -> Images:
        """The first of the test images, or as many training images from all over the set."""
        num = min(self.images, len(self.data.test), most or self.images)
        if part == "test":
            return Images(self.data.test.images.take(torch.arange(num)))
        num, total = min(num, len(self.data.train)), len(self.data.train)
        return Images(self.data.train.images.take(torch.arange(num) * total // num))

    def feature_unit(self, power: str) -> str:
        return f"{self.featurise.name} features{power}"


class Metric:
    """`needs` are the abilities that a model must have to be asked; `uses` what of the subject changes the answer,
    beside model and data; `costly` ones are asked only by name. `less` and `more` name the values of which less, or
    more, is better."""

    name: ClassVar[str] = ""
    needs: ClassVar[tuple[type, ...]] = ()
    uses: ClassVar[tuple[str, ...]] = ()
    costly: ClassVar[bool] = False
    less: ClassVar[tuple[str, ...]] = ()
    more: ClassVar[tuple[str, ...]] = ()

    def suits(self, model: Model, data: Data) -> bool:
        """Whether this model with these data can be asked, beyond what it `needs`."""
        return True

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        """Values by name, telling how far it is."""
        raise NotImplementedError


METRICS: Registry[Metric] = Registry("metric")
