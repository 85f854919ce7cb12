"""How good is a run: its checkpoint asked every question that it can answer."""

import dataclasses
import json
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genexplorer import __version__
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data
from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value
from genexplorer.core.tensors import replace_file

from .features import featuriser


@dataclass(frozen=True)
class Asked:
    """How thoroughly: `metrics` by name, or all that cost little; the others as of Subject."""

    metrics: tuple[str, ...] = ()
    seed: int = 0
    images: int = 10_000
    draws: int = 500
    inception: Path | None = None

    def __post_init__(self) -> None:
        for name in self.metrics:
            METRICS[name]
        for name, low in (("images", 8), ("draws", 1)):
            if getattr(self, name) < low:
                raise UserError(f"--{name} should be at least {low}, got {getattr(self, name)}.")

    def of(self, metric: Metric) -> dict[str, Any]:
        """Of all that is asked, what changes this metric's answer."""
        features = f"Inception-v3 of {self.inception.stat().st_size} bytes" if self.inception else "own"
        every = {"seed": self.seed, "images": self.images, "draws": self.draws, "features": features}
        return {"metric": metric.name, "version": __version__, **{name: every[name] for name in metric.uses}}


@dataclass(frozen=True, eq=False)
class Answer:
    """What a metric said: its values, and what they sum up. Empty where it does not suit the model and its data."""

    metric: str
    values: dict[str, Value]
    beneath: dict[str, Any]


Loads = Callable[[], Generator[Progress, None, Data | None]]


def answers(
    checkpoint: Checkpoint, cache: Path, asked: Asked, load: Loads | None = None
) -> Generator[Progress | Answer, None, None]:
    """Of all metrics that fit the model, one after the other. What was answered before for these very weights, asked
    alike, is read from beside them; where `load` gives no data, those that want them are left out."""
    if not checkpoint.spec.is_image:
        raise UserError("What is measured here is of images; of points the Playground tells KL and JS.")
    load = load or (lambda: checkpoint.dataset.load(cache))
    model, kept = checkpoint.model(), _Answers(checkpoint)
    subject: Subject | None = None
    for metric in (METRICS[name]() for name in asked.metrics or METRICS):
        if (metric.costly and not asked.metrics) or not all(isinstance(model, each) for each in metric.needs):
            continue
        found = kept.get(asked.of(metric))
        if found is None:
            if subject is None:
                data = yield from load()
                if data is None:
                    continue
                features = featuriser(checkpoint.dataset, data, cache, asked.inception)
                subject = Subject(model, data, features, asked.seed, asked.images, asked.draws)
            subject.beneath, values = {}, {}
            if metric.suits(model, subject.data):
                with torch.no_grad():
                    values = yield from metric.measure(subject)
            found = Answer(metric.name, values, subject.beneath)
            kept.keep(asked.of(metric), found)
        yield found


def evaluate(
    checkpoint: Checkpoint, cache: Path, asked: Asked | None = None
) -> Generator[Progress, None, dict[str, Value]]:
    """Answers of all metrics that fit the model, on test images: name to value."""
    values: dict[str, Value] = {}
    for event in answers(checkpoint, cache, asked or Asked()):
        if isinstance(event, Answer):
            values |= event.values
        else:
            yield event
    return values


class _Answers:
    """What was measured of a checkpoint, in a JSON file beside it that falls with its weights."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._path = checkpoint.path.with_name(f"evaluation-{checkpoint.path.stem}.json")
        self._digest = checkpoint.digest
        self._known: list[tuple[dict[str, Any], Answer]] = []
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            read = json.loads(self._path.read_text("utf-8"))
            if read["digest"] == self._digest:
                self._known = [(dict(each["asked"]), _read(each)) for each in read["answers"]]

    def get(self, asked: dict[str, Any]) -> Answer | None:
        return next((answer for known, answer in self._known if known == asked), None)

    def keep(self, asked: dict[str, Any], answer: Answer) -> None:
        self._known.append((asked, answer))
        written = [
            {
                "asked": known,
                "values": {name: dataclasses.asdict(value) for name, value in each.values.items()},
                "beneath": each.beneath,
            }
            for known, each in self._known
        ]
        content = json.dumps({"digest": self._digest, "answers": written})
        with suppress(UserError, Failure):  # a model that ships may lie where nothing can be written
            replace_file(self._path, content.encode())


def _read(each: dict[str, Any]) -> Answer:
    values = {str(name): Value(**value) for name, value in each["values"].items()}
    return Answer(str(each["asked"]["metric"]), values, dict(each["beneath"]))
