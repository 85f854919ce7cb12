"""How good is a run: its checkpoint asked every question that it can answer."""

import dataclasses
import json
from collections.abc import Generator
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


def evaluate(
    checkpoint: Checkpoint, cache: Path, asked: Asked | None = None
) -> Generator[Progress, None, dict[str, Value]]:
    """Answers of all metrics that fit the model, on test images: name to value. What was answered before for these very
    weights, asked alike, is read from beside them."""
    asked = asked or Asked()
    model, answers = checkpoint.model(), _Answers(checkpoint)
    values: dict[str, Value] = {}
    subject: Subject | None = None
    for metric in (METRICS[name]() for name in asked.metrics or METRICS):
        if (metric.costly and not asked.metrics) or not all(isinstance(model, each) for each in metric.needs):
            continue
        found = answers.get(asked.of(metric))
        if found is None:
            if subject is None:
                data: Data = yield from checkpoint.dataset.load(cache)
                features = featuriser(checkpoint.dataset, data, cache, asked.inception)
                subject = Subject(model, data, features, asked.seed, asked.images, asked.draws)
            found = {}
            if metric.suits(model, subject.data):
                with torch.no_grad():
                    found = yield from metric.measure(subject)
            answers.keep(asked.of(metric), found)
        values |= found
    return values


class _Answers:
    """What was measured of a checkpoint, in a JSON file beside it that falls with its weights."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._path = checkpoint.path.with_name(f"evaluation-{checkpoint.path.stem}.json")
        self._digest, self._known = checkpoint.digest, []
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            read = json.loads(self._path.read_text("utf-8"))
            if read["digest"] == self._digest:
                self._known = [(dict(each["asked"]), _values(each["values"])) for each in read["answers"]]

    def get(self, asked: dict[str, Any]) -> dict[str, Value] | None:
        return next((values for known, values in self._known if known == asked), None)

    def keep(self, asked: dict[str, Any], values: dict[str, Value]) -> None:
        self._known.append((asked, values))
        answers = [
            {"asked": known, "values": {name: dataclasses.asdict(value) for name, value in found.items()}}
            for known, found in self._known
        ]
        content = json.dumps({"digest": self._digest, "answers": answers}, indent=1)
        with suppress(UserError, Failure):  # a model that ships may lie where nothing can be written
            replace_file(self._path, content.encode())


def _values(read: dict[str, Any]) -> dict[str, Value]:
    return {str(name): Value(**value) for name, value in read.items()}
