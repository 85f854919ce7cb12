"""The training doctor: what is wrong with a run, told from what it recorded, and the recipes that would mend it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from genexplorer.core.registry import Registry

from .runs import Run, RunInfo, RunStore

Series = tuple[np.ndarray, np.ndarray]
"""Steps and the numbers that were measured then, each float64 (N,)."""


@dataclass(frozen=True)
class Case:
    """What is known of a run: what was asked for, what was measured, where it broke, and what it kept."""

    info: RunInfo
    rows: Sequence[Mapping[str, float]]
    broken: tuple[int, ...] = ()  # steps at which the loss was no number
    checkpoints: tuple[int, ...] = ()

    def series(self, name: str) -> Series:
        """Of one sign; empty where the run does not have it."""
        found = [(row["step"], row[name]) for row in self.rows if name in row]
        steps, values = zip(*found, strict=True) if found else ((), ())
        return np.array(steps, float), np.array(values, float)

    def lately(self, name: str, least: int = 3) -> np.ndarray:
        """A sign over the last fifth of the steps so far; empty where it was not measured `least` times in it."""
        steps, values = self.series(name)
        late = values[steps > 0.8 * self.step] if len(steps) else values
        return late if len(late) >= least else late[:0]

    @property
    def step(self) -> int:
        """How far it is."""
        return int(self.rows[-1]["step"]) if self.rows else 0


@dataclass(frozen=True)
class Remedy:
    """The same recipes with some fields changed; from fresh weights, or on from a checkpoint of the run."""

    text: str
    info: RunInfo
    start: int | None = None


@dataclass(frozen=True)
class Finding:
    """A fault: what is seen, with its numbers, and what would mend it. `explains` names the rules it makes mute."""

    seen: str
    remedy: Remedy
    explains: tuple[str, ...] = ()


class Rule:
    """One fault. `gravity` orders several: 3 nothing is learnt, 2 what is learnt is of little use, 1 worth knowing."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    gravity: ClassVar[int] = 2
    why: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def look(self, case: Case) -> Finding | None:
        """A pure function of the case; None where all is well, or where too little is known."""
        raise NotImplementedError


RULES: Registry[Rule] = Registry("rule")


@dataclass(frozen=True)
class Diagnosis:
    """A rule that found something; `changes` are what its remedy changes in the recipes: "beta 50 → 1"."""

    rule: type[Rule]
    finding: Finding
    changes: str


def diagnose(case: Case) -> list[Diagnosis]:
    """Every fault that no other one explains, the gravest first. Empty where all is well."""
    found = [(RULES[name], finding) for name in RULES if (finding := RULES[name]().look(case)) is not None]
    mute = {name for _, finding in found for name in finding.explains}
    kept = [
        Diagnosis(rule, finding, ", ".join(differences(case.info, finding.remedy.info)))
        for rule, finding in found
        if rule.name not in mute
    ]
    return sorted(kept, key=lambda each: -each.rule.gravity)


@dataclass(frozen=True)
class Report:
    """What the doctor has to say of a run: its faults, and the signs that were looked at, one sentence each."""

    run: Run = field(compare=False)
    diagnoses: tuple[Diagnosis, ...]
    signs: tuple[str, ...]


def examine(run: Run) -> Report:
    """Read what the run recorded so far; UserError where its recipes cannot be read."""
    case = case_of(run)
    return Report(run, tuple(diagnose(case)), tuple(_signs(case)))


def prescribe(store: RunStore, run: Run, remedy: Remedy) -> Run:
    """A new run by the remedy's recipes. The old one stays as it is."""
    start = None if remedy.start is None else run.checkpoint_path(remedy.start)
    return store.create(remedy.info, start=start if start is not None and start.exists() else None)


def _signs(case: Case) -> Iterator[str]:
    last = {name: value for row in case.rows for name, value in row.items()}
    if "held_out" in last:
        yield f"Loss {last['held_in']:.4g} on training images, {last['held_out']:.4g} on images never seen."
    if "grad_norm" in last:
        cut = f"{last['clipped']:.0%} of the steps were cut to {case.info.train.clip:g}"
        yield f"Gradient {last['grad_norm']:.2g} long; {cut}."
    if "update" in last:
        yield f"A step changes the weights by {last['update']:.1g} of their size."
    if "active" in last:
        yield f"{last['active']:.0f} of {getattr(case.info.model, 'latent_dim', 0)} dimensions are in use."
    if "in_use" in last:
        yield f"{last['in_use']:.0%} of the words are in use in an epoch."
    if "dead" in last:
        yield f"{last['dead']:.0%} of the units of the emptiest layer fire for no image."
    if "copied" in last:
        yield f"{last['copied']:.0%} of the pictures are copies of training images."


def case_of(run: Run) -> Case:
    """Read a run's files."""
    broken = tuple(row["step"] for row in run.log() if row.get("diverged"))
    return Case(run.info(), run.metrics(), broken, tuple(int(path.stem) for path in run.checkpoints()))


def changed(info: RunInfo, **parts: Mapping[str, Any]) -> RunInfo:
    """`changed(info, model={"beta": 1.0}, train={"lr": 1e-3})`; a field that a recipe does not have is left away."""
    made = {}
    for part in ("model", "data", "train"):
        recipe = getattr(info, part)
        new = {name: value for name, value in parts.get(part, {}).items() if name in type(recipe).model_fields}
        made[part] = type(recipe).parse({**recipe.model_dump(), **new})
    return RunInfo(**made)


def has(info: RunInfo, part: str, name: str) -> bool:
    return name in type(getattr(info, part)).model_fields


def convolves(info: RunInfo) -> bool:
    return getattr(info.model, "network", "conv") not in ("mlp", "deep", "recurrent")


def fewer_or_more(info: RunInfo) -> tuple[str, dict[str, dict[str, Any]]]:
    """Against too few images: more of them where the data set can make more, else a smaller network."""
    if has(info, "data", "num"):
        more = {"num": max(8 * info.data.num, 5000)}  # type: ignore[attr-defined]
        return "many more images", {"data": more}
    least = {"latent_dim": 4, **({"width": 8} if convolves(info) else {"hidden": 64})}
    smaller = {
        name: max(getattr(info.model, name) // 2, low) for name, low in least.items() if has(info, "model", name)
    }
    smaller = {name: min(value, getattr(info.model, name)) for name, value in smaller.items()}
    decay = {"weight_decay": max(0.1, info.train.weight_decay)}
    return "a smaller network whose weights decay, as long as there are no more images", {
        "model": smaller,
        "train": decay,
    }


def smooth(values: np.ndarray, rows: int = 5) -> np.ndarray:
    """The median of each value and those before it, (N,)."""
    if not len(values):
        return values
    before = np.concatenate([np.full(rows - 1, values[0]), values])
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(before, rows), axis=1))


def differences(old: RunInfo, new: RunInfo) -> list[str]:
    """Every field that differs: "lr 1 → 0.001"."""
    said = []
    for part in ("model", "data", "train"):
        before, after = getattr(old, part), getattr(new, part)
        for name in type(before).model_fields:
            a, b = getattr(before, name), getattr(after, name)
            if a != b:
                said.append(f"{name} {_text(a)} → {_text(b)}")
    return said


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
