"""Measures of images, densities and codes, beside the libraries and loops that people would use else."""

import importlib
import math
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from genexplorer.core.data import DataSpec
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.statistics.disentangled import Factors, dci, mig, mutual_information
from genexplorer.statistics.frechet import frechet_distance
from genexplorer.statistics.importance import Explains, log_density
from genexplorer.statistics.kernel import kernel_distance

from .rows import Missing, benchmark
from .workload import workplace

_IMAGES, _DIM = 10_000, 64
_DRAWS, _JUDGED, _LOOPED = 5000, 4, 200
_POINTS, _TREES, _GROWN = 10_000, 100, 2


@benchmark(
    "distances", bound="≥ 1", what="time of torchmetrics for Fréchet and kernel distance, to ours with intervals"
)
def distances() -> tuple[float, str]:
    """10,000 and 10,000 given features of 64 numbers; torchmetrics with its defaults, 100 subsets of 1,000."""
    try:
        frechet = importlib.import_module("torchmetrics.image.fid").FrechetInceptionDistance
        kernel = importlib.import_module("torchmetrics.image.kid").KernelInceptionDistance
    except ImportError as error:
        raise Missing("peer not installed: pip install torchmetrics") from error
    rng = torch.Generator().manual_seed(0)
    a, b = (torch.randn(_IMAGES, _DIM, generator=rng) + shift for shift in (0.0, 0.1))

    def peer() -> list[float]:
        found = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for metric in (frechet(_AsGiven(), normalize=True), kernel(_AsGiven(), normalize=True)):
                metric.update(a, real=True)
                metric.update(b, real=False)
                value = metric.compute()
                found.append(float(value[0] if isinstance(value, tuple) else value))
        return found

    def ours() -> list[float]:
        return [frechet_distance(a, b).value, kernel_distance(a, b).value]

    with workplace():
        theirs, mine = _seconds(peer), _seconds(ours)
        apart = [abs(x - y) for x, y in zip(peer(), ours(), strict=True)]
    told = f"{mine:.2f} s to {theirs:.2f} s; apart by {apart[0]:.0e}, and {apart[1]:.0e} for its random subsets"
    return theirs / mine, told


@benchmark("iwae", bound="≥ 10", what="draws/s of log p(x) with K = 5,000, to a loop over images and draws")
def iwae() -> tuple[float, str]:
    """784-200-50, Bernoulli. A loop that draws all K of an image at once is told too."""
    knobs = {"network": "mlp", "hidden": 200, "latent_dim": 50, "likelihood": "bernoulli"}
    model = MODELS["vae"].parse(knobs).build(DataSpec((1, 28, 28))).eval().requires_grad_(False)
    assert isinstance(model, Explains)
    explains: Explains = model
    rng = torch.Generator().manual_seed(0)
    x = (torch.rand(_JUDGED, 1, 28, 28, generator=rng) > 0.8).float() * 2 - 1

    def loop(draws: int, at_once: int) -> Callable[[], float]:
        def work() -> float:
            parts = [_weights(explains, x[:1].expand(at_once, -1, -1, -1), rng) for _ in range(draws // at_once)]
            return float(torch.logsumexp(torch.cat(parts), 0)) - math.log(draws)

        return work

    with workplace(), torch.no_grad():
        mine = _JUDGED * _DRAWS / _seconds(lambda: drain(log_density(explains, x, _DRAWS, rng)))
        one, whole = _LOOPED / _seconds(loop(_LOOPED, 1)), _DRAWS / _seconds(loop(_DRAWS, _DRAWS))
    return (
        mine / one,
        f"{mine:.0f} to {one:.0f} draws/s; {mine / whole:.1f} times a loop with all draws of an image at once",
    )


@benchmark(
    "disentangled", bound="≥ 5", what="time of MIG and DCI by scikit-learn as disentanglement_lib has it, to ours"
)
def disentangled() -> tuple[float, str]:
    """10,000 points, 10 dimensions, 5 factors of 20 values. Boosting grows 2 of its 100 trees; their time is scaled."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 20, (_POINTS + 1000, 5)).astype(float)
    codes = np.concatenate([values, rng.normal(size=values.shape)], 1) + 0.5 * rng.normal(size=(len(values), 10))
    known, held = (
        Factors(tuple("abcde"), part, (False,) * 5, (0.0,) * 5) for part in (values[:_POINTS], values[_POINTS:])
    )

    def ours() -> None:
        information, entropy = mutual_information(codes[:_POINTS], known)
        mig(information, entropy)
        drain(dci(codes[:_POINTS], known, codes[_POINTS:], held, 0))

    def informed() -> None:
        from sklearn.metrics import mutual_info_score

        for code in codes[:_POINTS].T:
            bins = np.digitize(code, np.histogram(code, 20)[1][:-1])
            for value in known.columns.T:
                mutual_info_score(value, bins)

    def boosted() -> None:
        from sklearn.ensemble import GradientBoostingClassifier

        GradientBoostingClassifier(n_estimators=_GROWN).fit(codes[:_POINTS], known.columns[:, 0])

    with workplace():
        mine, theirs = _seconds(ours), _seconds(informed) + _seconds(boosted, 1) * 5 * _TREES / _GROWN
    return theirs / mine, f"{mine:.1f} s to {theirs:.0f} s"


class _AsGiven(torch.nn.Module):
    """Lets torchmetrics take features for images."""

    num_features = _DIM

    def forward(self, x: Tensor) -> Tensor:
        return x


def _weights(model: Explains, x: Tensor, rng: torch.Generator) -> Tensor:
    """log p(x, z) / q(z | x) of one draw for each row, (B,), as the paper has it."""
    mu, logvar = model.posterior(x)
    eps = torch.randn(mu.shape, generator=rng)
    z = mu + torch.exp(0.5 * logvar) * eps
    log_px = model.likelihood.log_prob(x, model.decoder(z))
    return log_px - 0.5 * z.square().sum(1) + 0.5 * (eps.square() + logvar).sum(1)


def _seconds(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of so many."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)
