"""Principal directions: along which the codes of real images spread most, or what a model draws varies most."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from genexplorer.core.abilities import Decodes, Draws, Encodes
from genexplorer.core.model import Model

from .axes import Axes
from .explore import only_draws, told_of
from .query import Query, examples_of

_DRAWS, _BALANCED, _PART = 2048, 65_536, 256
_LINEAR = 0.5  # a direction of activations that a code says less of is no direction of codes


@dataclass(frozen=True)
class Principal(Query):
    """Principal directions of the codes of the images that travel with the checkpoint; of a model that draws codes but
    finds none, of its first activations. None where there is nothing to measure them on."""

    def answer(self, model: Model) -> Iterator[Axes | None]:
        x = examples_of(self.checkpoint)
        if x is not None and len(x) > 2 and isinstance(model, Encodes):
            codes: Tensor = model.encode(x)
            yield principal_axes(codes.numpy())
        elif only_draws(model):
            yield activation_axes(model)
        else:
            yield None


def principal_axes(codes: np.ndarray) -> Axes:
    """Of codes (N, D): eigenvectors of their covariance by falling variance, in units of standard deviations.

    Pearson 1901, by the singular values of the centred codes. Active are the first ones, that explain 99 % together.
    """
    mean = codes.mean(0)
    _, s, directions = np.linalg.svd(codes - mean, full_matrices=False)
    real = s > 1e-5 * s[0]
    s, directions = s[real], _signed(directions[real])
    std, share = s / np.sqrt(len(codes) - 1), s**2 / (s**2).sum()
    return _axes(directions * std[:, None], directions / std[:, None], mean, share)


def activation_axes(model: Model, draws: int = _DRAWS) -> Axes:
    """Of what the generator's first layer hands on: its principal directions, as changes of the code.

    Härkönen et al. 2020, "GANSpace", §2.2: PCA of activations y_n of codes z_n that are drawn gives coordinates
    x_n = Vᵀ(y_n − μ), and U = argmin Σ ‖U x_n − z_n‖² takes these to the codes. One unit along an axis is one standard
    deviation of the codes. Conditions are those of one draw: they are chosen, not found. Active are the first ones,
    that explain 99 % of what all of these explain.
    """
    assert isinstance(model, Draws) and isinstance(model, Decodes)
    z, spread = _balanced(model, draws)
    own = deepcopy(model)  # hooks must not be met by others who draw with it meanwhile
    y = torch.cat([_first_activations(own, part) for part in torch.split(z, _PART)])
    y -= y.mean(0)
    total, free = float(y.square().sum()), int((spread > 0).sum())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        scores, s, _ = torch.svd_lowrank(y, q=min(len(y), y.shape[1], free), niter=4)
    scores, s = scores[:, s > 1e-4 * s[0]], s[s > 1e-4 * s[0]]
    mean = z.mean(0)
    # x_n of unit variance: the regression of z on it is their correlation, in units of z
    explained = ((z - mean).T @ scores).T.numpy() / np.sqrt(len(z))  # (K, D)
    white = np.divide(explained, spread, out=np.zeros_like(explained), where=spread > 0)
    length = np.linalg.norm(white, axis=1, keepdims=True)
    told = length[:, 0] > _LINEAR
    white, share = _signed(white[told] / length[told]), s.square().numpy()[told] / total
    duals = np.divide(white, spread, out=np.zeros_like(white), where=spread > 0)
    return _axes(white * spread, duals, mean.numpy(), share)


def _balanced(model: Model, draws: int) -> tuple[Tensor, np.ndarray]:
    """Codes (N, D) whose mean and covariance are those of many more, and their spread (D,); of one condition.

    What chance alone gives a few draws would else pass for directions in which they vary.
    """
    assert isinstance(model, Draws) and isinstance(model, Decodes)
    rng = torch.Generator().manual_seed(0)
    many, free = model.draw(_BALANCED, rng).double(), model.latent_dim - told_of(model)
    few, noise = many[:draws].clone(), many[:, :free]
    few[:, free:] = few[:1, free:]
    mine = few[:, :free] - few[:, :free].mean(0)
    own, whole = (torch.linalg.cholesky(torch.cov(each.T).reshape(free, free)) for each in (mine, noise))
    few[:, :free] = noise.mean(0) + torch.linalg.solve_triangular(own, mine.T, upper=False).T @ whole.T
    spread = np.zeros(model.latent_dim)
    spread[:free] = noise.std(0).numpy()
    return few.float(), spread.astype(np.float32)


class _EnoughError(Exception):
    """What follows is not needed."""


@torch.no_grad()
def _first_activations(model: Model, z: Tensor) -> Tensor:
    """What the second layer of weights gets, (B, F); of a decoder with one such layer, what it draws."""
    assert isinstance(model, Decodes)
    seen: list[Tensor] = []
    layers = 0

    def look(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        nonlocal layers
        layers += 1
        if layers == 2:
            seen.append(inputs[0].float().flatten(1).clone())
            raise _EnoughError

    weighted = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    hooks = [each.register_forward_pre_hook(look) for each in model.modules() if isinstance(each, weighted)]
    try:
        return model.decode(z).flatten(1)
    except _EnoughError:
        return seen[0]
    finally:
        for hook in hooks:
            hook.remove()


def _signed(directions: np.ndarray) -> np.ndarray:
    """With the largest part positive, (K, D)."""
    signs = np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(1)])
    return np.asarray(directions * signs[:, None])


def _axes(vectors: np.ndarray, duals: np.ndarray, origin: np.ndarray, share: np.ndarray) -> Axes:
    reach = np.full(len(vectors), 3.0, np.float32)
    return Axes(
        names=tuple(f"PC {k + 1}" for k in range(len(vectors))),
        vectors=np.asarray(vectors, np.float32),
        duals=np.asarray(duals, np.float32),
        origin=np.asarray(origin, np.float32),
        low=-reach,
        high=reach,
        details=tuple(f"{part:.1%}".replace("%", " %") for part in share),
        weights=share,
        active=np.cumsum(share) - share < 0.99 * share.sum(),
    )
