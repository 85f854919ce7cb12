"""Is what the labels say in the codes, where a linear rule finds it."""

from collections.abc import Generator

import numpy as np
import torch
from numpy.typing import NDArray

from genexplorer.core.abilities import Encodes
from genexplorer.core.data import Data, Images, to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value
from genexplorer.core.model import Model
from genexplorer.statistics.codes import encode_all
from genexplorer.statistics.linear_probe import Rows, accuracy, explained
from genexplorer.statistics.pca import fit_pca

_TRAIN, _TEST = 3000, 2000
_FEW, _TIMES = (10, 100, 1000), 5


@METRICS.register("probe")
class Probe(Metric):
    """Logistic regression of kinds and ridge regression of numbers, learnt on 3,000 training images: from z, from as
    many principal components, and from pixels. With 10, 100 and 1,000 labels: the mean over five draws of them."""

    needs = (Encodes,)
    uses = ("seed",)

    def suits(self, model: Model, data: Data) -> bool:
        return bool(data.spec.labels) and len(data.test) >= 20

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        model, data = subject.model, subject.data
        assert isinstance(model, Encodes)
        rows, truth = _spread(len(data.train), _TRAIN), _spread(len(data.test), _TEST)
        images = Images(data.train.images.take(rows)), Images(data.test.images.take(truth))
        codes = []
        for part in images:
            codes.append((yield from encode_all(model, part)).numpy())
        pixels = [to_float(part.take(torch.arange(len(part)))).flatten(1).numpy() for part in images]
        pca = yield from fit_pca(data.train.images, model.latent_dim)
        components = [(x - pca.mean.numpy()) @ pca.components.numpy().T for x in pixels]
        sources = {"": Rows.of(*codes), "_pca": Rows.of(*components), "_pixels": Rows.of(*pixels)}
        labels = data.train.labels[rows].double().numpy(), data.test.labels[truth].double().numpy()
        kinds = [j for j, label in enumerate(data.spec.labels) if label.kind != "number"]
        numbers = [j for j, label in enumerate(data.spec.labels) if label.kind == "number"]
        values: dict[str, Value] = {}
        done, total = 0, len(sources) * (len(kinds) + bool(numbers)) + len(_FEW)
        for name, source in sources.items():
            if kinds:
                found = []
                for j in kinds:
                    found.append(accuracy(source, labels[0][:, j], labels[1][:, j]).value)
                    yield Progress("Probing", done := done + 1, total)
                values[f"probe_accuracy{name}"] = _mean(found, "share right", len(truth))
            if numbers:
                found = explained(source, labels[0][:, numbers], labels[1][:, numbers]).tolist()
                yield Progress("Probing", done := done + 1, total)
                values[f"probe_r2{name}"] = Value(float(np.mean(found)), "R², mean over numbers")
        for num in (num for num in _FEW if num < len(rows) and kinds):
            for name in ("", "_pixels"):
                draws = [_few(sources[name], labels, kinds, num, subject.seed + i) for i in range(_TIMES)]
                spread = float(np.std(draws, ddof=1)) / _TIMES**0.5
                values[f"probe_{num}_labels{name}"] = Value(float(np.mean(draws)), "share right", spread)
            yield Progress("Probing", done := done + 1, total)
        return values


def _few(
    source: Rows, labels: tuple[NDArray[np.float64], NDArray[np.float64]], kinds: list[int], num: int, seed: int
) -> float:
    chosen = np.random.default_rng(seed).permutation(len(source.train))[:num]
    few = source.few(chosen)
    return float(np.mean([accuracy(few, labels[0][chosen, j], labels[1][:, j]).value for j in kinds]))


def _mean(shares: list[float], unit: str, num: int) -> Value:
    """Of shares of the same test images; the error is that of one with their mean, for they go together."""
    mean = float(np.mean(shares))
    return Value(
        mean, unit if len(shares) == 1 else f"{unit}, mean over {len(shares)}", (mean * (1 - mean) / num) ** 0.5
    )


def _spread(total: int, most: int) -> torch.Tensor:
    num = min(total, most)
    return torch.arange(num) * total // num
