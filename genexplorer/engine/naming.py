"""Named sliders: directions fitted from a data set's labels, each with what it was measured to do."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from genexplorer.core.abilities import Decodes, Draws, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.core.precision import has_fast_bf16
from genexplorer.core.tensors import read_tensors, write_tensors

from .attributes import Attribute, attributes_of, circles, columns, standardised
from .axes import Axes
from .choosing import Best
from .directions import Method, fit, steered
from .features import feature_net
from .labelled import Labelled, attributes_to_name, drawn, encoded
from .measuring import SEEN, Measured, kept, leakage, measure, response, skill_of
from .probe import Probe, probe_of
from .query import Query, own_model

_GUIDED_ON = 48
_REACH, _BEYOND = 3.0, 1.0  # standard deviations of an attribute: a slider's most, and beyond what the data have
_PURE, _WHOLE = 3.0, 0.9  # selectivity and effect from which on a slider is simply good; kinds of a class come last
_MOVES = 0.3  # of the standard deviation that one unit is to move it by; less is next to nothing
_METHODS: tuple[Method, ...] = ("mean difference", "logistic", "svm")
_STEERS = ((10.0, 0.02), (10.0, 0.1), (3.0, 0.3), (0.5, 0.3))  # price of leakage, and of going far


T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Named:
    """One axis for each attribute; one unit of it is one standard deviation of the attribute.

    `measured` is what an independent judge sees of it, where it was measured, and `skill` (J,) the share of each
    attribute's variance that this judge explains. `kept` (J,) is the share of identity that one unit keeps, by the
    features that tell the data set's images from each other. `family` (J,) as of Attribute.
    """

    axes: Axes
    family: np.ndarray
    methods: tuple[str, ...]
    measured: Measured | None = None
    skill: np.ndarray | None = None
    kept: np.ndarray | None = None

    @property
    def effect(self) -> np.ndarray | None:
        """Change of attribute k for one unit along axis j, (J, J)."""
        return None if self.measured is None else self.measured.effect

    @property
    def seen(self) -> np.ndarray:
        """Attributes of which the judge sees enough to be believed, (J,)."""
        return np.ones(len(self.family), bool) if self.skill is None else self.skill >= SEEN

    @property
    def sure(self) -> np.ndarray:
        """Axes of which it sees enough to tell how pure they are, (J,): their own attribute, and any to leak into."""
        other = self._parted[:, None] != self._parted[None]
        return np.asarray(self.seen & ((other & self.seen).any(1) | ~other.any(1)))

    @property
    def leaks(self) -> np.ndarray:
        """For each axis the attribute of another family that it changes most, (J,); needs to be measured."""
        return np.asarray(self._leakage.argmax(1))

    @property
    def changes(self) -> np.ndarray:
        """What each axis does to each attribute, (J, J): with a sign, but on another's circle, where there is none."""
        assert self.measured is not None
        effect, size = self.measured.effect, self.measured.size
        line = np.isclose(size, np.abs(effect)) | (self.family[:, None] == self.family[None])
        return np.where(line, effect, size)

    @property
    def leak_sizes(self) -> np.ndarray:
        """What each axis does to the attribute that it changes most of another family, (J,)."""
        return np.asarray(self.changes[np.arange(len(self.family)), self.leaks])

    @property
    def selectivity(self) -> np.ndarray:
        """Effect on its own attribute by the largest on one of another family, (J,); needs to be measured.

        0 where the judge sees too little to tell.
        """
        assert self.measured is not None
        own = np.abs(np.diag(self.measured.effect))
        return np.asarray(self.sure * own / np.maximum(self._leakage.max(1), 1e-6))

    @property
    def _parted(self) -> np.ndarray:
        """Family, (J,); where all are of one, as the digits of one label, each is its own."""
        return self.family if len(np.unique(self.family)) > 1 else np.arange(len(self.family))

    @property
    def _leakage(self) -> np.ndarray:
        assert self.measured is not None
        return leakage(self.measured, self._parted)


@dataclass(frozen=True)
class NamedSliders(Query):
    """The named sliders that were fitted for exactly these weights; nothing where there are none."""

    def answer(self, model: Model) -> Iterator[Named]:
        if (named := load_named(self.checkpoint)) is not None:
            yield named


def can_be_named(checkpoint: Checkpoint) -> bool:
    finds = checkpoint.has(Encodes) or checkpoint.has(Draws)
    return finds and checkpoint.has(Decodes) and bool(attributes_to_name(checkpoint))


def name_directions(
    checkpoint: Checkpoint, cache: Path, method: Method | None = None, hold_fixed: bool = True
) -> Generator[Progress | Named, None, Named]:
    """Fit directions for all attributes, then measure them; yields them first without, at last with their effect.

    Of each attribute the direction is kept, among those of all methods, or of `method` alone, that changes least
    else. With `hold_fixed` what else differs between images is taken out. They are written beside the checkpoint.
    """
    if not can_be_named(checkpoint):
        raise UserError(
            "Sliders are named after labels: open a model that encodes, or draws codes, of a data set with labels that "
            "are not its conditions."
        )
    data: Data = yield from checkpoint.dataset.load(cache)
    named_ones, model = attributes_to_name(checkpoint), own_model(checkpoint)
    attributes = tuple(attributes_of(data.spec.labels)[k] for k in named_ones)

    def trained(half: int) -> Generator[Progress, None, Probe]:
        return (yield from probe_of(checkpoint.dataset, data, cache, half)).only(named_ones)

    if isinstance(model, Encodes):
        known = yield from encoded(model, data, attributes)
    else:
        known = yield from drawn(model, (yield from trained(0)), data, attributes)
    z, y, starts = known.z, known.y, known.starts
    binary = np.array([not attribute.number for attribute in attributes])
    family = np.array([attribute.family for attribute in attributes])
    around = circles(attributes)
    reach = reach_of(standardised(columns(attributes, data.train.labels[: len(z)].numpy())))
    first, *others = _METHODS if method is None else (method,)
    directions = fit(z, y, binary, family, first, hold_fixed)
    yield _named(attributes, directions, known, reach, (first,) * len(attributes))
    guide = yield from trained(0)
    judge = yield from trained(1)

    seen = skill_of(guide) >= SEEN
    few, quick = starts[:_GUIDED_ON], has_fast_bf16("cpu")

    def measured(probe: Probe, vectors: np.ndarray, what: str) -> Generator[Progress, None, Measured]:
        work = measure(known.model, probe, starts if probe is judge else few, vectors, around, quick)
        return (yield from _told_of(work, f"Measuring ({what})", len(vectors)))

    best = Best(family, np.cov(z.T))
    best.offer(directions, (yield from measured(guide, directions, first)), first)
    for other in others:
        directions = fit(z, y, binary, family, other, hold_fixed)
        best.offer(directions, (yield from measured(guide, directions, other)), other)
    if method is None and hold_fixed:  # steering parts attributes by what it is
        answers = response(known.model, guide, few, z.std(0), around, quick)
        answer = yield from _told_of(answers, "Measuring (each dimension)", z.shape[1])
        for strictness, near in _STEERS:  # a decoder is no linear map: each is measured anew
            directions = steered(answer, np.cov(z.T), family, seen, strictness, near)
            best.offer(directions, (yield from measured(guide, directions, "steered")), "steered")
    # The guide chose; what is told to the person is what a judge sees that had no part in it.
    judged = yield from measured(judge, best.vectors, "judged")
    features = yield from feature_net(checkpoint.dataset, data, cache)
    keeps = yield from _told_of(
        kept(known.model, features, starts, best.vectors), "Measuring (identity)", len(best.vectors)
    )
    named = _named(attributes, best.vectors, known, reach, best.methods, judged, skill_of(judge), keeps)
    save_named(checkpoint, named)
    yield named
    return named


def _told_of(work: Generator[int, None, T], what: str, total: int) -> Generator[Progress, None, T]:
    while True:
        try:
            yield Progress(what, next(work) + 1, total)
        except StopIteration as end:
            found: T = end.value
            return found


def _named(
    attributes: tuple[Attribute, ...],
    directions: np.ndarray,
    known: Labelled,
    reach: tuple[np.ndarray, np.ndarray],
    methods: tuple[str, ...],
    measured: Measured | None = None,
    skill: np.ndarray | None = None,
    keeps: np.ndarray | None = None,
) -> Named:
    # the place along d that explains a code best: generalised least squares under the codes' covariance
    z = known.z
    weighted = directions @ np.linalg.inv(np.cov(z.T) + 1e-4 * np.eye(z.shape[1]))
    along = np.einsum("jd,jd->j", weighted, directions)
    live = along > 1e-9
    duals = np.where(live[:, None], weighted / np.where(live, along, 1.0)[:, None], 0.0)
    family = np.array([attribute.family for attribute in attributes])
    names = tuple(attribute.name for attribute in attributes)
    vectors, duals, origin = (_widened(each, known.told) for each in (directions, duals, z.mean(0)))
    axes = Axes(names, vectors, duals, origin, *reach, ("",) * len(names))
    return told(Named(axes, family, methods, measured, skill, keeps))


def reach_of(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where to where sliders go, (J,) each: a little beyond what nearly all images have of attributes (N, J)."""
    low, high = np.quantile(y, (0.005, 0.995), axis=0)
    return _floats(np.maximum(low - _BEYOND, -_REACH)), _floats(np.minimum(high + _BEYOND, _REACH))


def told(named: Named) -> Named:
    """With what was measured beside each axis, the ones that change their own attribute most purely first."""
    if named.measured is None:
        return named
    names, own = named.axes.names, np.diag(named.measured.effect)
    kinds, sure, pure = np.array([":" in name for name in names]), named.sure, named.selectivity
    axes = replace(
        named.axes,
        details=tuple(f"{ratio:.1f}×" if known else "unsure" for ratio, known in zip(pure, sure, strict=True)),
        hints=tuple(_hint(named, j) for j in range(len(names))),
        weights=np.minimum(pure, _PURE) * np.clip(own / _WHOLE, 0, 1) - _PURE * (kinds.astype(int) + ~sure),
        active=own >= _MOVES,
    )
    return replace(named, axes=axes)


def _hint(named: Named, axis: int) -> str:
    assert named.measured is not None
    names, leak = named.axes.names, named.leaks[axis]
    own, size, pixels = named.measured.effect[axis, axis], named.leak_sizes[axis], named.measured.pixels[axis]
    told = f"One unit changes {names[axis]} by {own:+.2f} σ, and {names[leak]} by {size:+.2f} σ: nothing else by more"
    if pixels > 0:
        told += f". It changes the pixels by {pixels:.2f} of their spread"
    if named.kept is not None:
        told += f". It keeps {named.kept[axis]:.0%} of identity"
    if named.skill is not None and not named.seen[axis]:
        told += f". The judge sees only {max(0, named.skill[axis]):.0%} of {names[axis]}, so this says little"
    told += f". Found by: {named.methods[axis]}"
    unseen = [names[k] for k in np.flatnonzero(~named.seen) if k != axis]
    return told + (f". Whether it changes {_listed(unseen)}, no one can tell" if unseen else "")


def _listed(names: list[str]) -> str:
    few = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return few[0] if len(few) == 1 else f"{', '.join(few[:-1])} or {few[-1]}"


def _widened(array: np.ndarray, told: int) -> np.ndarray:
    """With zeros for the conditions, which no direction changes."""
    return _floats(np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, told)]))


def _floats(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, np.float32)


def _path(checkpoint: Checkpoint) -> Path:
    return checkpoint.path.with_name(f"named-{checkpoint.path.stem}.safetensors")


def save_named(checkpoint: Checkpoint, named: Named) -> None:
    """Beside the checkpoint; UserError or Failure where that cannot be written."""
    axes = named.axes
    arrays = {"vectors": axes.vectors, "duals": axes.duals, "origin": axes.origin, "low": axes.low, "high": axes.high}
    arrays["family"] = named.family
    if (measured := named.measured) is not None:
        arrays |= {"effect": measured.effect, "size": measured.size, "pixels": measured.pixels}
    if named.skill is not None:
        arrays["skill"] = named.skill
    if named.kept is not None:
        arrays["kept"] = named.kept
    header = {
        "of": checkpoint.digest,
        "names": list(axes.names),
        "methods": list(named.methods),
    }
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    write_tensors(_path(checkpoint), tensors, header)
    for old in checkpoint.path.parent.glob("named-*.safetensors"):
        if not old.with_name(old.name.removeprefix("named-")).exists():  # of a checkpoint that was not kept
            old.unlink(missing_ok=True)


def load_named(checkpoint: Checkpoint) -> Named | None:
    """What was saved for exactly these weights; None where there is nothing that can be used."""
    path = _path(checkpoint)
    with suppress(UserError, KeyError, TypeError, ValueError):
        if path.exists():
            tensors, header = read_tensors(path)
            if header["of"] == checkpoint.digest:
                a = {name: tensor.numpy() for name, tensor in tensors.items()}
                names = tuple(header["names"])
                axes = Axes(names, a["vectors"], a["duals"], a["origin"], a["low"], a["high"], ("",) * len(names))
                measured = None
                if (effect := a.get("effect")) is not None:  # the first ones knew of no circles and no pixels
                    measured = Measured(effect, a.get("size", np.abs(effect)), a.get("pixels", np.zeros(len(names))))
                methods = tuple(header["methods"])
                return told(Named(axes, a["family"], methods, measured, a.get("skill"), a.get("kept")))
    return None
