"""Principal components of images, for what a linear code of the same size can redraw."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genexplorer.core.data import Images, to_float
from genexplorer.core.events import Progress

_MOST = 20_000  # images that are fitted to; more change no digit that is shown
_OVER = 10  # directions more than asked for, and passes over the images: Halko et al. 2011, section 4.5
_PASSES = 6
_BEYOND = 128
_CHUNK = 512


@dataclass(frozen=True, eq=False)
class PCA:
    """x ≈ mean + z components, z = (x − mean) componentsᵀ: mean is (P,), components (K, P) with orthonormal rows."""

    mean: Tensor
    components: Tensor
    fitted: int

    def redraw(self, x: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1], through K numbers each and back."""
        centred = x.flatten(1) - self.mean
        return (self.mean + centred @ self.components.T @ self.components).clamp(-1, 1).reshape(x.shape)

    def redraws(self, x: Tensor, counts: Sequence[int]) -> Iterator[Tensor]:
        """The same through the first so many components, for each of rising counts."""
        z, drawn, done = (x.flatten(1) - self.mean) @ self.components.T, self.mean.expand(len(x), -1), 0
        for count in counts:
            drawn = drawn + z[:, done:count] @ self.components[done:count]
            done = count
            yield drawn.clamp(-1, 1).reshape(x.shape)


def fit_beyond(images: Images, dim: int) -> Generator[Progress, None, PCA]:
    """More components than a code of `dim` numbers has, to see how many stand in for it; `dim` where those are many."""
    return (yield from fit_pca(images, max(dim, min(2 * dim + 14, _BEYOND))))


def fit_pca(images: Images, k: int) -> Generator[Progress, None, PCA]:
    """The k leading components by randomised subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4).

    The images are read in chunks, pass by pass: memory is needed for k + 10 directions, not for the images.
    """
    num = min(len(images), _MOST)
    places = torch.arange(num) * len(images) // num
    chunks = torch.split(places, _CHUNK)
    pixels = images.take(places[:1]).numel()
    k = min(k, pixels, num)
    rng = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(pixels, min(k + _OVER, pixels), generator=rng)).Q
    total, done = len(chunks) * (_PASSES + 2), 0
    mean = torch.zeros(pixels, dtype=torch.float64)
    for chunk in chunks:
        mean += to_float(images.take(chunk)).flatten(1).sum(0, dtype=torch.float64) / num
        done += 1
        yield Progress("Fitting PCA", done, total)
    middle = mean.float()
    for last in (*[False] * _PASSES, True):
        product = torch.zeros(basis.shape[1] if last else pixels, basis.shape[1], dtype=torch.float64)
        for chunk in chunks:
            x = to_float(images.take(chunk)).flatten(1) - middle
            z = x @ basis
            product += (z.T @ z) if last else (x.T @ z)
            done += 1
            yield Progress("Fitting PCA", done, total)
        if not last:
            basis = torch.linalg.qr(product.float()).Q
    rotation = torch.linalg.eigh(product).eigenvectors.flip(1)[:, :k].float()
    return PCA(middle, (basis @ rotation).T.contiguous(), num)
