"""Laws that codes are drawn from: those of real images, and densities that are fitted to them."""

import math
import warnings
from collections.abc import Callable, Generator

import torch
from torch import Tensor

from genexplorer.core.abilities import Encodes
from genexplorer.core.data import Images, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress

from .plausibility import draw_codes, shrunk_covariance

Law = Callable[[int, torch.Generator], Tensor]
"""So many codes, (N, D)."""

_FITTED_ON = 4096
_CHUNK = 128
_ROUNDS = 100  # of expectation maximisation, at most
_WIDEST = 512  # numbers of a code that a mixture is fitted to: each of its covariances has that many squared
_SHELL = 0.99


class RealCodes:
    """Codes of up to 4,096 real images, and what is fitted to them. All is made once, and what was begun goes on."""

    def __init__(self, model: Encodes, images: Images) -> None:
        self._model = model
        num = min(len(images), _FITTED_ON)
        self._images, self._rows = images, torch.arange(num) * len(images) // max(num, 1)
        self._rng = torch.Generator().manual_seed(0)
        self._parts: list[Tensor] = []
        self._mixtures: dict[int, _Mixture] = {}
        self._shell: _Shell | None = None
        self.codes = torch.zeros(0, model.latent_dim)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def known(self) -> bool:
        return len(self.codes) == len(self)

    def learn(self) -> Generator[Progress, None, None]:
        """Find the codes; draws from q(z | x) where the model has one, for its decoder learns from these."""
        if len(self) < 2:
            raise UserError("No real images lie beside this checkpoint whose codes a density could be fitted to.")
        while not self.known:
            start = sum(map(len, self._parts))
            if start == len(self):
                self.codes = torch.cat(self._parts)
                break
            x = to_float(self._images.take(self._rows[start : start + _CHUNK]))
            self._parts.append(draw_codes(self._model, x, self._rng).float())
            yield Progress("Finding codes of real images", min(start + _CHUNK, len(self)), len(self))

    def again(self, num: int, rng: torch.Generator) -> Tensor:
        """The codes of real images themselves, drawn with replacement."""
        return self.codes[torch.randint(len(self.codes), (num,), generator=rng)]

    def gaussian(self, num: int, rng: torch.Generator) -> Tensor:
        """N(m, S) with their mean and full covariance: m + (Z − m)ᵀ ε / √(n − 1), ε ~ N(0, I_n), has just that S."""
        mean = self.codes.mean(0)
        eps = torch.randn(num, len(self.codes), generator=rng)
        return mean + eps @ (self.codes - mean) / math.sqrt(len(self.codes) - 1)

    def mixture(self, clusters: int) -> Generator[Progress, None, Law]:
        """Of so many Gaussians with full covariances."""
        if clusters not in self._mixtures:
            self._mixtures[clusters] = _Mixture(self.codes, clusters)
        return (yield from self._mixtures[clusters].fit())

    def outside(self, z: Tensor) -> Tensor:
        """Which of z (B, D) lie further out than 99 % of the codes of real images do, bool (B,)."""
        self._shell = self._shell or _Shell(self.codes)
        return self._shell.distance(z) > self._shell.edge


class _Mixture:
    """Expectation maximisation, a round at a time (Dempster, Laird & Rubin 1977), by scikit-learn."""

    def __init__(self, codes: Tensor, clusters: int) -> None:
        from sklearn.mixture import GaussianMixture

        if codes.shape[1] > _WIDEST:
            raise UserError(f"Codes of {codes.shape[1]:,} numbers are too wide for a mixture; at most {_WIDEST} fit.")
        if len(codes) < clusters:
            raise UserError(f"{clusters} clusters need as many real images at least; there are {len(codes):,}.")
        self._codes = codes.double().numpy()
        floor = 1e-4 * float(codes.var(0).mean()) + 1e-12  # so that no cluster becomes a point
        self._found = GaussianMixture(clusters, max_iter=1, warm_start=True, random_state=0, reg_covar=floor)
        self._rounds = 0

    def fit(self) -> Generator[Progress, None, Law]:
        from threadpoolctl import threadpool_limits

        while self._rounds < _ROUNDS and not (self._rounds and self._found.converged_):
            # one thread: threads of several programs wait for each other's cores, and the window wants one
            with warnings.catch_warnings(), threadpool_limits(1):
                warnings.simplefilter("ignore")  # that one round is too few
                self._found.fit(self._codes)
            self._rounds += 1
            yield Progress("Fitting the mixture", self._rounds, _ROUNDS)
        weights, means = torch.from_numpy(self._found.weights_), torch.from_numpy(self._found.means_)
        factors = torch.linalg.cholesky(torch.from_numpy(self._found.covariances_))

        def law(num: int, rng: torch.Generator) -> Tensor:
            which = torch.multinomial(weights, num, replacement=True, generator=rng)
            eps = torch.randn(num, means.shape[1], 1, generator=rng, dtype=torch.double)
            z: Tensor = means[which] + (factors[which] @ eps)[..., 0]
            return z.float()

        return law


class _Shell:
    """Mahalanobis distance √((z − m)ᵀ C⁻¹ (z − m)) by one half of real codes; the other says how far 99 % reach."""

    def __init__(self, codes: Tensor) -> None:
        fitted, held_out = codes[::2].double(), codes[1::2]
        self._mean = fitted.mean(0)
        self._factor = torch.linalg.cholesky(shrunk_covariance(fitted))
        self.edge = float(self.distance(held_out).quantile(_SHELL))

    def distance(self, z: Tensor) -> Tensor:
        white: Tensor = torch.linalg.solve_triangular(self._factor, (z.double() - self._mean).T, upper=False)
        distance: Tensor = white.norm(dim=0)
        return distance
