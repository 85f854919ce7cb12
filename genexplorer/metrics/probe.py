"""Is what the labels say in the codes, where a linear rule finds it."""

from collections.abc import Generator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from genexplorer.core.abilities import Encodes
from genexplorer.core.data import Data, Images, to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value
from genexplorer.core.model import Model
from genexplorer.statistics.codes import encode_all
from genexplorer.statistics.estimate import Estimate
from genexplorer.statistics.linear_probe import Rows, accuracy, alone, chance, explained
from genexplorer.statistics.pca import fit_beyond

_TRAIN, _TEST = 3000, 2000
_FEW, _TIMES = (10, 100, 1000), 5

Labels = tuple[NDArray[np.float64], NDArray[np.float64]]  # to learn from and to judge by, (N, L) each


@METRICS.register("probe")
class Probe(Metric):
    """Logistic regression of kinds and ridge regression of numbers, learnt on 3,000 training images: from z, from as
    many principal components, and from pixels. With 10, 100 and 1,000 labels: the mean over five draws of them. A hue
    or another number on a circle is told as its cosine and sine."""

    needs = (Encodes,)
    uses = ("seed",)
    more = ("probe_accuracy", "probe_r2", *(f"probe_{num}_labels" for num in _FEW))

    def suits(self, model: Model, data: Data) -> bool:
        return bool(data.spec.labels) and len(data.test) >= 20

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        data = subject.data
        rows, truth = _spread(len(data.train), _TRAIN), _spread(len(data.test), _TEST)
        codes, sources = yield from _sources(subject, rows, truth)
        labels = data.train.labels[rows].double().numpy(), data.test.labels[truth].double().numpy()
        number = [label.kind == "number" for label in data.spec.labels]
        periods = [label.period for label in data.spec.labels]
        kinds, numbers = ([j for j, each in enumerate(number) if each is wanted] for wanted in (False, True))
        judged = kinds or numbers  # what few labels are tried on
        counts = [num for num in _FEW if num < len(rows)]
        values: dict[str, Value] = {}
        told: list[list[Estimate]] = []
        done = 0
        total = len(sources) * (len(number) + len(counts) * _TIMES * len(judged))
        for name, source in sources.items():
            told.append([])
            for estimate in _all(source, labels, number, periods, range(len(number))):
                told[-1].append(estimate)
                yield Progress("Probing", done := done + 1, total)
            if kinds:
                values[f"probe_accuracy{name}"] = _mean([told[-1][j].value for j in kinds], "share right", len(truth))
            if numbers:
                values[f"probe_r2{name}"] = Value(
                    float(np.mean([told[-1][j].value for j in numbers])), "R², mean over numbers"
                )
        draws = np.zeros((len(sources), len(counts), _TIMES))
        for c, num in enumerate(counts):
            for s, (name, source) in enumerate(sources.items()):
                for i in range(_TIMES):
                    chosen = np.random.default_rng(subject.seed + i).permutation(len(rows))[:num]
                    found = []
                    learnt = labels[0][chosen], labels[1]
                    for estimate in _all(source.few(chosen), learnt, number, periods, judged):
                        found.append(estimate.value)
                        yield Progress("Learning from few labels", done := done + 1, total)
                    draws[s, c, i] = np.mean(found)
                spread = float(np.std(draws[s, c], ddof=1)) / _TIMES**0.5
                unit = "share right" if kinds else "R²"
                values[f"probe_{num}_labels{name}"] = Value(float(np.mean(draws[s, c])), unit, spread)
        guessed = [0.0 if each else chance(labels[0][:, j], labels[1][:, j]) for j, each in enumerate(number)]
        subject.beneath |= {
            "labels": [label.name for label in data.spec.labels],
            "number": number,
            "chance": guessed,
            "told": [[[each.value, each.low, each.high] for each in source] for source in told],
            "alone": [
                alone(*codes, labels[0][:, j], labels[1][:, j], each, period).round(5).tolist()
                for j, (each, period) in enumerate(zip(number, periods, strict=True))
            ],
            "counts": counts,
            "draws": draws.tolist(),
            "few_chance": float(np.mean([guessed[j] for j in judged])),
            "few_of_kinds": bool(kinds),
        }
        return values


def _sources(
    subject: Subject, rows: torch.Tensor, truth: torch.Tensor
) -> Generator[Progress, None, tuple[tuple[NDArray[np.float64], NDArray[np.float64]], dict[str, Rows]]]:
    """Codes to learn from and to judge by, and what is probed, by the end of its values' names."""
    model, data = subject.model, subject.data
    assert isinstance(model, Encodes)
    dim = model.latent_dim
    images = Images(data.train.images.take(rows)), Images(data.test.images.take(truth))
    codes = []
    for part in images:
        codes.append((yield from encode_all(model, part)).double().numpy())
    pixels = [to_float(part.take(torch.arange(len(part)))).flatten(1).numpy() for part in images]
    pca = yield from subject.once("pca", lambda: fit_beyond(data.train.images, dim))
    components = [(x - pca.mean.numpy()) @ pca.components[:dim].numpy().T for x in pixels]
    return (codes[0], codes[1]), {"": Rows.of(*codes), "_pca": Rows.of(*components), "_pixels": Rows.of(*pixels)}


def _all(
    source: Rows, labels: Labels, number: Sequence[bool], periods: Sequence[float], judged: Sequence[int]
) -> Generator[Estimate, None, None]:
    """Of each label; numbers are told at once, for they share what takes the time."""
    numbers = [j for j in judged if number[j]]
    around = [periods[j] for j in numbers]
    found = explained(source, labels[0][:, numbers], labels[1][:, numbers], around) if numbers else []
    for j in judged:
        yield found[numbers.index(j)] if number[j] else accuracy(source, labels[0][:, j], labels[1][:, j])


def _mean(shares: list[float], unit: str, num: int) -> Value:
    """Of shares of the same test images; the error is that of one with their mean, for they go together."""
    mean = float(np.mean(shares))
    return Value(
        mean, unit if len(shares) == 1 else f"{unit}, mean over {len(shares)}", (mean * (1 - mean) / num) ** 0.5
    )


def _spread(total: int, most: int) -> torch.Tensor:
    num = min(total, most)
    return torch.arange(num) * total // num
