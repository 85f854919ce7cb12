"""Named sliders: directions fitted from a data set's labels, each with what it was measured to do."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data, Split, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.core.tensors import read_tensors, write_tensors

from .attributes import Attribute, attributes_of, columns
from .axes import Axes
from .directions import Method, fit, separated, standardised
from .probe import Probe, probe_of
from .query import Query, own_model

_FITTED_ON, _MEASURED_ON, _CHUNK = 10_000, 96, 256
_REACH = 3.0  # standard deviations of an attribute
_PURE, _WHOLE = 3.0, 0.9  # selectivity and effect from which on a slider is simply good; kinds of a class come last
_MOVES = 0.3  # of the standard deviation that one unit is to move it by; less is next to nothing
_SEPARATIONS = 3
_METHODS: tuple[Method, ...] = ("mean difference", "logistic", "svm")


@dataclass(frozen=True, eq=False)
class Named:
    """One axis for each attribute; one unit of it is one standard deviation of the attribute.

    effect (J, J), where it was measured, is the change of attribute k, in its standard deviations as an independent
    probe sees it, for one unit along axis j. `family` (J,) as of Attribute.
    """

    axes: Axes
    family: np.ndarray
    methods: tuple[str, ...]
    effect: np.ndarray | None = None

    @property
    def leaks(self) -> np.ndarray:
        """For each axis the attribute of another family that it changes most, (J,); needs the effect."""
        return np.asarray(self._leakage.argmax(1))

    @property
    def selectivity(self) -> np.ndarray:
        """Effect on its own attribute by the largest on one of another family, (J,); needs the effect."""
        assert self.effect is not None
        return np.asarray(np.abs(np.diag(self.effect)) / np.maximum(self._leakage.max(1), 1e-6))

    @property
    def _leakage(self) -> np.ndarray:
        """Sizes of the effects on other families (J, J); where there is one alone, on its other attributes."""
        assert self.effect is not None
        other = self.family[:, None] != self.family[None]
        return np.where(other if other.any() else ~np.eye(len(other), dtype=bool), np.abs(self.effect), 0.0)


@dataclass(frozen=True)
class NamedSliders(Query):
    """The named sliders that were fitted for exactly these weights; nothing where there are none."""

    def answer(self, model: Model) -> Iterator[Named]:
        if (named := load_named(self.checkpoint)) is not None:
            yield named


def can_be_named(checkpoint: Checkpoint) -> bool:
    return bool(checkpoint.spec.labels) and checkpoint.has(Encodes, Decodes)


def name_directions(checkpoint: Checkpoint, cache: Path) -> Generator[Progress | Named, None, Named]:
    """Fit directions for all attributes, then measure them; yields them first without, at last with their effect.

    Of each attribute the direction is kept, among those of all methods, that changes least else. They are written
    beside the checkpoint.
    """
    if not can_be_named(checkpoint):
        raise UserError("Sliders are named after labels: open a model that encodes, of a data set with labels.")
    data: Data = yield from checkpoint.dataset.load(cache)
    model, attributes = own_model(checkpoint), attributes_of(data.spec.labels)
    z = yield from _codes(model, data.train, _FITTED_ON, "Encoding")
    y = standardised(columns(attributes, data.train.labels[: len(z)].numpy()))
    binary = np.array([not attribute.number for attribute in attributes])
    family = np.array([attribute.family for attribute in attributes])
    directions = fit(z, y, binary, family, "mean difference")
    yield _named(attributes, directions, z, ("mean difference",) * len(attributes))
    guide = yield from probe_of(checkpoint.dataset, data, cache, half=0)
    judge = yield from probe_of(checkpoint.dataset, data, cache, half=1)
    starts = yield from _codes(model, data.test if len(data.test) else data.train, _MEASURED_ON, "Encoding")
    best: Named | None = None
    for method in _METHODS:
        if method != "mean difference":
            directions = fit(z, y, binary, family, method)
        effect = yield from _measured(model, guide, starts, directions, method)
        best = _better(best, _scaled(attributes, directions, effect, z, method))
    assert best is not None
    for _ in range(_SEPARATIONS):  # a decoder is no linear map: each is measured anew
        assert best.effect is not None
        parted = separated(best.axes.vectors, best.effect, family)
        effect = yield from _measured(model, guide, starts, parted, "separated")
        best = _better(best, _scaled(attributes, parted, effect, z, "separated"))
    # The guide chose; what is told to the person is what a judge sees that had no part in it.
    effect = yield from _measured(model, judge, starts, best.axes.vectors, "judged")
    best = _named(attributes, best.axes.vectors, z, best.methods, effect)
    save_named(checkpoint, best)
    yield best
    return best


def measure(model: Model, probe: Probe, starts: np.ndarray, directions: np.ndarray) -> Generator[int, None, np.ndarray]:
    """Effect (J, J): the probe's central difference one unit along each direction, mean over the starting codes."""
    assert isinstance(model, Decodes)
    effect = np.zeros((len(directions), len(directions)), np.float32)
    for j, direction in enumerate(directions):
        with torch.no_grad():
            there, back = (
                probe(model.decode(torch.from_numpy(starts + side * direction))).mean(0).numpy() for side in (1, -1)
            )
        effect[j] = (there - back) / 2
        yield j
    return effect


def _measured(
    model: Model, probe: Probe, starts: np.ndarray, directions: np.ndarray, what: str
) -> Generator[Progress, None, np.ndarray]:
    measuring = measure(model, probe, starts, directions)
    while True:
        try:
            yield Progress(f"Measuring ({what})", next(measuring) + 1, len(directions))
        except StopIteration as end:
            effect: np.ndarray = end.value
            return effect


def _scaled(
    attributes: tuple[Attribute, ...], directions: np.ndarray, effect: np.ndarray, z: np.ndarray, method: str
) -> Named:
    """Of such a length that one unit moves an attribute by one standard deviation, where it moves it at all."""
    length = np.clip(np.diag(effect), 0.2, None)[:, None]
    return _named(attributes, directions / length, z, (method,) * len(attributes), effect / length)


def _better(best: Named | None, other: Named) -> Named:
    """Of each attribute the more selective direction."""
    if best is None:
        return other
    assert best.effect is not None and other.effect is not None
    take = _score(other) > _score(best)
    vectors, duals, effect = (
        np.where(take[:, None], new, old)
        for new, old in (
            (other.axes.vectors, best.axes.vectors),
            (other.axes.duals, best.axes.duals),
            (other.effect, best.effect),
        )
    )
    methods = tuple(new if taken else old for taken, new, old in zip(take, other.methods, best.methods, strict=True))
    return replace(best, axes=replace(best.axes, vectors=vectors, duals=duals), methods=methods, effect=effect)


def _score(named: Named) -> np.ndarray:
    """Selectivity; a direction that does not move its own attribute, or moves it the wrong way, is worth nothing."""
    assert named.effect is not None
    return np.asarray(named.selectivity * (np.diag(named.effect) > 0.5))


def _named(
    attributes: tuple[Attribute, ...],
    directions: np.ndarray,
    z: np.ndarray,
    methods: tuple[str, ...],
    effect: np.ndarray | None = None,
) -> Named:
    # the place along d that explains a code best: generalised least squares under the codes' covariance
    weighted = directions @ np.linalg.inv(np.cov(z.T) + 1e-4 * np.eye(z.shape[1]))
    along = np.einsum("jd,jd->j", weighted, directions)
    live = along > 1e-9
    duals = np.where(live[:, None], weighted / np.where(live, along, 1.0)[:, None], 0.0)
    family = np.array([attribute.family for attribute in attributes])
    names = tuple(attribute.name for attribute in attributes)
    reach = np.full(len(names), _REACH, np.float32)
    axes = Axes(names, _floats(directions), _floats(duals), _floats(z.mean(0)), -reach, reach, ("",) * len(names))
    return _told(Named(axes, family, methods, effect))


def _told(named: Named) -> Named:
    """With what was measured beside each axis, the ones that change their own attribute most purely first."""
    if named.effect is None:
        return named
    names, own = named.axes.names, np.diag(named.effect)
    kinds = np.array([":" in name for name in names])
    leak_sizes = named.effect[np.arange(len(names)), named.leaks]
    axes = replace(
        named.axes,
        details=tuple(f"{ratio:.1f}×" for ratio in named.selectivity),
        hints=tuple(
            f"One unit changes {name} by {effect:+.2f} σ, and {names[leak]} by {size:+.2f} σ: nothing else by more"
            for name, effect, leak, size in zip(names, own, named.leaks, leak_sizes, strict=True)
        ),
        weights=np.minimum(named.selectivity, _PURE) * np.clip(own / _WHOLE, 0, 1) - _PURE * kinds,
        active=own >= _MOVES,
    )
    return replace(named, axes=axes)


def _floats(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, np.float32)


def _codes(model: Model, split: Split, most: int, what: str) -> Generator[Progress, None, np.ndarray]:
    """Codes of the first images, (N, D)."""
    assert isinstance(model, Encodes)
    num, parts = min(most, len(split)), []
    with torch.no_grad():
        for start in range(0, num, _CHUNK):
            indices = torch.arange(start, min(start + _CHUNK, num))
            parts.append(model.encode(to_float(split.images.take(indices))).numpy())
            yield Progress(what, min(start + _CHUNK, num), num)
    return np.concatenate(parts)


def _path(checkpoint: Checkpoint) -> Path:
    return checkpoint.path.with_name(f"named-{checkpoint.path.stem}.safetensors")


def save_named(checkpoint: Checkpoint, named: Named) -> None:
    """Beside the checkpoint; UserError or Failure where that cannot be written."""
    axes = named.axes
    arrays = {"vectors": axes.vectors, "duals": axes.duals, "origin": axes.origin, "low": axes.low, "high": axes.high}
    arrays |= {"family": named.family, **({} if named.effect is None else {"effect": named.effect})}
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
                return _told(Named(axes, a["family"], tuple(header["methods"]), a.get("effect")))
    return None
