"""What directions change in the pictures: as a judge of attributes sees it, pixel by pixel, and in who it is."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import numpy as np
import torch

from genexplorer.core.abilities import Decodes
from genexplorer.core.model import Model
from genexplorer.statistics.identity import identity_kept

from .probe import Probe

SEEN = 0.2  # share of an attribute's variance; of what a judge sees less of it can say nothing


@dataclass(frozen=True, eq=False)
class Measured:
    """Effects of J directions on J attributes, in the attributes' standard deviations for one unit along each.

    effect (J, J) is the mean change over the starting codes; size (J, J) how large it is: its absolute value, and of
    an attribute on a circle the mean length of the change of its cosine and sine, for turning a hue moves the mean of
    neither. pixels (J,) is the root mean square change of the pixels, in their standard deviation over the starts.
    """

    effect: np.ndarray
    size: np.ndarray
    pixels: np.ndarray

    def scaled(self, by: np.ndarray) -> "Measured":
        """For units that are `by` (J,) times as long."""
        return Measured(self.effect * by[:, None], self.size * by[:, None], self.pixels * by)

    def where(self, taken: np.ndarray, other: "Measured") -> "Measured":
        """Of the directions `taken` (J,) the other's numbers."""
        rows = taken[:, None]
        return replace(
            self,
            effect=np.where(rows, other.effect, self.effect),
            size=np.where(rows, other.size, self.size),
            pixels=np.where(taken, other.pixels, self.pixels),
        )


def measure(
    model: Model, probe: Probe, starts: np.ndarray, directions: np.ndarray, circles: np.ndarray, quick: bool = False
) -> Generator[int, None, Measured]:
    """Central differences one unit along each direction from the starting codes (S, D). `circles` as of attributes.

    A judge that explains the share R² of an attribute answers, as any regression does, R² times the true change: what
    it says is divided by that; below SEEN, where it answers with whatever goes along in the data, by less again.
    `quick`: in 16 bits, exact to some thousandths of a standard deviation.
    """
    num = len(directions)
    effect, size, pixels = np.zeros((num, len(circles))), np.zeros((num, len(circles))), np.zeros(num)
    gain = _gain(probe)
    spread = float(_decode(model, starts).std(0).square().mean().sqrt())
    for j, direction in enumerate(directions):
        seen, drawn = _difference(model, probe, starts, direction, quick)
        change = seen.numpy() * gain
        effect[j], size[j] = change.mean(0), sizes(change, circles)
        pixels[j] = float(drawn.square().mean().sqrt()) / max(spread, 1e-6)
        yield j
    return Measured(*(np.asarray(array, np.float32) for array in (effect, size, pixels)))


@torch.no_grad()
def kept(
    model: Model, features: Callable[[torch.Tensor], torch.Tensor], starts: np.ndarray, directions: np.ndarray
) -> Generator[int, None, np.ndarray]:
    """The share of identity, 0 to 1, that one unit along each direction keeps, on the mean over both ways and all
    starting codes (S, D): (J,). What is drawn at the other starts is what "somebody else" means.
    """
    before = features(_decode(model, starts))
    found = np.zeros(len(directions), np.float32)
    for j, step in enumerate(directions):
        both = [identity_kept(before, features(_decode(model, starts + way)), before) for way in (step, -step)]
        found[j] = torch.cat(both).mean()
        yield j
    return found


def leakage(measured: Measured, family: np.ndarray) -> np.ndarray:
    """Sizes of the effects on attributes of other families, (J, J); 0 within a family."""
    return np.asarray(np.where(family[:, None] != family[None], measured.size, 0.0))


def sizes(change: np.ndarray, circles: np.ndarray) -> np.ndarray:
    """How large changes (S, J) of J attributes are over S starts, (J,)."""
    found = np.abs(change.mean(0))
    for first in np.unique(circles[circles >= 0]):
        mine = circles == first
        found[mine] = np.linalg.norm(change[:, mine], axis=1).mean()
    return np.asarray(found)


@dataclass(frozen=True, eq=False)
class Response:
    """How pictures answer to each of the D dimensions of a code, per standard deviation of it, over many codes.

    mean (D, J) is the mean change of the attributes; turns (K, D, D) with `turning` (K,) is, for each attribute on a
    circle, E[a aᵀ] of its change a (D,); pixels (D, D) is E[Jᵀ J] / var(x), the pull-back metric of the decoder
    (Arvanitidis et al. 2018, "Latent Space Oddity") relative to the variance of a pixel; scale (D,) what was stepped.
    """

    mean: np.ndarray
    turning: np.ndarray
    turns: np.ndarray
    pixels: np.ndarray
    scale: np.ndarray


def response(
    model: Model, probe: Probe, starts: np.ndarray, scale: np.ndarray, circles: np.ndarray, quick: bool = False
) -> Generator[int, None, Response]:
    """Central differences of one `scale` (D,) along each dimension."""
    gain, dim = _gain(probe), len(scale)
    seen_parts, drawn_parts = [], []
    for d, step in enumerate(scale):
        seen, drawn = _difference(model, probe, starts, step * np.eye(dim, dtype=np.float32)[d], quick)
        seen_parts.append(seen.numpy() * gain)
        drawn_parts.append(torch.nn.functional.avg_pool2d(drawn, 2).flatten(1) if drawn.ndim == 4 else drawn)
        yield d
    changes, images = np.stack(seen_parts), torch.stack(drawn_parts)  # (D, S, J), (D, S, X)
    turning = np.flatnonzero(circles >= 0)
    turns = np.stack([changes[:, :, k] @ changes[:, :, k].T / len(starts) for k in turning]) if len(turning) else None
    flat = images.flatten(1)
    variance = float(_decode(model, starts).std(0).square().mean())
    pixels = (flat @ flat.T).numpy() / flat.shape[1] / max(variance, 1e-9)
    return Response(
        changes.mean(1), turning, np.zeros((0, dim, dim)) if turns is None else turns, pixels, np.asarray(scale)
    )


def skill_of(probe: Probe) -> np.ndarray:
    """The share of each attribute's variance that it explains, (J,)."""
    skill: torch.Tensor = probe.skill  # type: ignore[assignment]
    return np.asarray(skill.numpy())


def _gain(probe: Probe) -> np.ndarray:
    skill = np.clip(skill_of(probe), 0.0, 1.0)
    return np.asarray(np.where(skill >= SEEN, 1 / np.maximum(skill, SEEN), 1 + (1 / SEEN - 1) * skill / SEEN))


@torch.no_grad()
def _decode(model: Model, z: np.ndarray) -> torch.Tensor:
    assert isinstance(model, Decodes)
    x: torch.Tensor = model.decode(torch.from_numpy(np.asarray(z, np.float32)))
    return x


@torch.no_grad()
def _difference(
    model: Model, probe: Probe, starts: np.ndarray, step: np.ndarray, quick: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of what is seen (S, J) and drawn (S, C, H, W), each halved."""
    with torch.autocast("cpu", torch.bfloat16, enabled=quick):
        there, back = _decode(model, starts + step), _decode(model, starts - step)
        seen = probe(there).float() - probe(back).float()
    return seen / 2, (there - back).float() / 2
