"""How a generator and a discriminator stand to each other: what D says of real images and of samples, over training
too; what its features know; and whether all of the data's kinds are drawn, each in its variety."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.abilities import Discriminates, Samples
from genexplorer.core.data import Data, Images, Label, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.statistics.estimate import Estimate
from genexplorer.statistics.linear_probe import Rows
from genexplorer.statistics.linear_svm import svm_accuracy

from .at_hand import test_images
from .features import feature_net, features_of
from .query import Query
from .runs import Run

_SCORED, _AT_ONCE = 512, 64
_LEARNT, _JUDGED, _DRAWN, _PAIRED = 3000, 1000, 2000, 500
_COVERED = 0.1
"""A kind is drawn where its share of samples is at least so much of its share of the data."""
R = TypeVar("R")


@dataclass(frozen=True)
class ScoreBoth(Query):
    """Both: D's logits of test images and of as many samples."""

    cache: Path

    def answer(self, model: Model) -> Iterator["Both"]:
        shown = test_images(self.checkpoint, self.cache)
        if shown is None or not len(shown):
            raise UserError("No test images lie beside this checkpoint for D to look at; open it within its run.")
        num = min(_SCORED, len(shown))
        real = shown.images.take(torch.linspace(0, len(shown) - 1, num).long())
        fake = torch.cat(list(_samples(model, num)))
        yield Both(logits(model, real), logits(model, fake))


@dataclass(frozen=True, eq=False)
class Both:
    """real (N,) and fake (N,)."""

    real: np.ndarray
    fake: np.ndarray

    @property
    def right(self) -> float:
        """How often D's logit of a real image lies above that of a sample: the area under its ROC curve."""
        order = np.argsort(np.concatenate([self.fake, self.real]), kind="stable")
        ranks = np.empty(len(order))
        ranks[order] = np.arange(1, len(order) + 1)
        n, m = len(self.real), len(self.fake)
        return float((ranks[m:].sum() - n * (n + 1) / 2) / (n * m))


@dataclass(frozen=True)
class ReadGame(Query):
    """Game: what the checkpoint's run has recorded so far."""

    def answer(self, model: Model) -> Iterator["Game"]:
        rows = Run(self.checkpoint.path.parents[1]).metrics()
        names = dict.fromkeys(name for row in rows for name in row if name != "step")
        yield Game(
            {
                name: np.array([(row["step"], row[name]) for row in rows if name in row], np.float64).reshape(-1, 2)
                for name in names
            }
        )


@dataclass(frozen=True, eq=False)
class Game:
    """Numbers by name over steps, each (N, 2): step, value."""

    recorded: dict[str, np.ndarray]

    def curve(self, name: str, spread: str = "", most: int = 240) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Steps, means and standard deviations, at most so many of each: rows are put together where there are more.

        The variance of what was put together is that of the means, and the mean of the variances within each, where
        `spread` names their roots.
        """
        table = self.recorded.get(name, np.zeros((0, 2)))
        within = self.recorded.get(spread, np.zeros((0, 2)))
        inner = within[:, 1] if len(within) == len(table) else np.zeros(len(table))
        chunks = np.array_split(np.arange(len(table)), min(most, len(table))) if len(table) else []
        steps = np.array([table[chunk[-1], 0] for chunk in chunks])
        means = np.array([table[chunk, 1].mean() for chunk in chunks])
        variance = np.array([table[chunk, 1].var() + np.square(inner[chunk]).mean() for chunk in chunks])
        return steps, means, np.sqrt(variance)


@dataclass(frozen=True)
class MeasurePlayers(Query):
    """Progress, then Read, Modes and Spread as they come, and at the end None."""

    cache: Path

    def answer(self, model: Model) -> Iterator["Progress | Read | Modes | Spread | None"]:
        data = yield from self.checkpoint.dataset.load(self.cache)
        if data.spec.shape != self.checkpoint.spec.shape:
            raise UserError(f"The images of {self.checkpoint.dataset.name} have another form than when it was trained.")
        judged = data.test if len(data.test) else data.train
        samples = yield from _told(_samples(model, _DRAWN), "Drawing samples", _DRAWN)
        yield spread_of(samples[:_PAIRED], judged.images.take(_some(len(judged), _PAIRED)))
        column = kind_of(data.spec.labels, data.train.labels)
        if column is not None:
            yield (yield from read_off(model, data, column))
            net = yield from feature_net(self.checkpoint.dataset, data, self.cache)
            yield (yield from modes_of(net, samples, data, column))
        yield None


@dataclass(frozen=True, eq=False)
class Read:
    """The share of test images whose kind a linear SVM tells, from D's `size` features, from pixels, and from as many
    principal components of these."""

    label: Label
    features: Estimate
    pixels: Estimate
    pca: Estimate
    size: int
    images: int


@dataclass(frozen=True, eq=False)
class Modes:
    """Shares of the data's kinds among training images and samples, (K,), told by a judge that is `right` so often."""

    classes: tuple[str, ...]
    data: np.ndarray
    samples: np.ndarray
    right: float

    @property
    def covered(self) -> np.ndarray:
        """Which kinds are drawn, (K,)."""
        return (self.samples >= _COVERED * self.data) & (self.data > 0) & (self.samples > 0)

    @property
    def coverage(self) -> float:
        return float(self.covered[self.data > 0].mean())


@dataclass(frozen=True)
class Spread:
    """Mean distance of two samples, and of two test images: root mean squares over pixels of 0 to 1."""

    samples: float
    real: float


def logits(model: Model, x: Tensor) -> np.ndarray:
    """D's of images uint8 (N, C, H, W), (N,)."""
    if not isinstance(model, Discriminates):
        raise UserError("This model has no discriminator; open a GAN.")
    return torch.cat([model.discriminate(to_float(part)) for part in torch.split(x, _AT_ONCE)]).numpy()


def spread_of(samples: Tensor, real: Tensor) -> Spread:
    """Of images uint8 (N, C, H, W)."""
    return Spread(*(_pairwise(to_float(x).flatten(1) / 2) for x in (samples, real)))


def kind_of(labels: tuple[Label, ...], values: Tensor) -> int | None:
    """The column of labels that says which kind an image is of: the first of classes, else the most even yes or no."""
    for column, label in enumerate(labels):
        if label.kind == "class" and len(label.classes) > 1:
            return column
    even = {
        column: abs(float(values[:, column].mean()) - 0.5)
        for column, label in enumerate(labels)
        if label.kind == "binary"
    }
    return min(even, key=lambda column: even[column]) if even else None


def read_off(model: Model, data: Data, column: int) -> Generator[Progress, None, Read]:
    """D's features of training images to learn from, and of test images to judge by."""
    if not isinstance(model, Discriminates):
        raise UserError("This model has no discriminator; open a GAN.")
    judged = data.test if len(data.test) else data.train
    mine, theirs = _some(len(data.train), _LEARNT), _some(len(judged), _JUDGED)
    taken = [split.images.take(places) for split, places in ((data.train, mine), (judged, theirs))]
    known = []
    for images in taken:
        known.append((yield from features_of(model.features, Images(images), "D's features")).numpy())
    kinds = data.train.labels[mine, column].numpy().astype(np.float64)
    truth = judged.labels[theirs, column].numpy().astype(np.float64)
    own, others = known
    flat, flats = (to_float(images).flatten(1).numpy() for images in taken)
    size = own.shape[1]
    yield Progress("Reading kinds off D's features", 0, 3)
    by_features = svm_accuracy(Rows.of(own, others), kinds, truth)
    yield Progress("Reading kinds off pixels", 1, 3)
    by_pixels = svm_accuracy(Rows.of(flat, flats), kinds, truth)
    yield Progress("Reading kinds off principal components", 2, 3)
    by_pca = svm_accuracy(Rows.of(*_components(flat, flats, size)), kinds, truth)
    return Read(data.spec.labels[column], by_features, by_pixels, by_pca, size, len(truth))


def modes_of(
    net: Callable[[Tensor], Tensor], samples: Tensor, data: Data, column: int
) -> Generator[Progress, None, Modes]:
    """By logistic regression on features that were learnt from the data, apart from any generative model."""
    from sklearn.linear_model import LogisticRegression

    label, judged = data.spec.labels[column], data.test if len(data.test) else data.train
    mine, theirs = _some(len(data.train), _LEARNT), _some(len(judged), _JUDGED)
    own = yield from features_of(net, Images(data.train.images.take(mine)), "Learning to tell kinds apart")
    others = yield from features_of(net, Images(judged.images.take(theirs)), "Judging the judge")
    drawn = yield from features_of(net, Images(samples), "Which kinds are drawn")
    kinds = data.train.labels[mine, column].numpy().astype(int)
    judge = LogisticRegression(max_iter=300, tol=1e-3).fit(own.numpy(), kinds)
    right = float((judge.predict(others.numpy()) == judged.labels[theirs, column].numpy()).mean())
    classes = label.classes if label.kind == "class" else (f"not {label.name}", label.name)
    known, made = (
        np.bincount(each.astype(int), minlength=len(classes)) / len(each)
        for each in (data.train.labels[:, column].numpy(), judge.predict(drawn.numpy()))
    )
    return Modes(classes, known, made, right)


def _components(train: np.ndarray, test: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.decomposition import PCA

    fitted = PCA(min(size, *train.shape), random_state=0).fit(train)
    return fitted.transform(train), fitted.transform(test)


def _pairwise(x: Tensor) -> float:
    """Mean over pairs of √(mean (x − x′)²), of (N, P)."""
    together = torch.pdist(x.double()) / x.shape[1] ** 0.5
    return float(together.mean()) if len(together) else 0.0


def _some(total: int, most: int) -> Tensor:
    """Places all over a set."""
    num = min(total, most)
    return torch.arange(num) * total // num


def _samples(model: Model, num: int) -> Iterator[Tensor]:
    """uint8 (B, C, H, W), `num` in all."""
    assert isinstance(model, Samples)
    rng = torch.Generator().manual_seed(0)
    for start in range(0, num, _AT_ONCE):
        yield to_uint8(model.sample(min(_AT_ONCE, num - start), rng))


def _told(parts: Iterator[Tensor], what: str, total: int) -> Generator[Progress, None, Tensor]:
    found, done = [], 0
    for part in parts:
        found.append(part)
        done += len(part)
        yield Progress(what, done, total)
    return torch.cat(found)
