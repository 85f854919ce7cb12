"""log p(x) beside its closed form, and the ranks that are told of it."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KernelDensity
from torch import Tensor, nn

from genexplorer.core.data import Images, to_float
from genexplorer.core.events import Progress, drain
from genexplorer.networks.likelihoods import Gaussian
from genexplorer.statistics import importance
from genexplorer.statistics.importance import Explains, log_density
from genexplorer.statistics.parzen import parzen
from genexplorer.statistics.rank import auroc, percentile


class LinearVAE(nn.Module):
    """x = W z + b + sigma eps, (1, 4, 4): log p(x) = log N(x; b, W Wᵀ + sigma² I); q is the exact posterior's diagonal,
    which W with orthogonal columns makes whole, its spread times `wider`."""

    def __init__(self, wider: float = 1.0, sigma: float = 0.3) -> None:
        super().__init__()
        rng = torch.Generator().manual_seed(0)
        columns = torch.linalg.qr(torch.randn(16, 3, generator=rng)).Q
        self.weights, self.bias = columns * torch.tensor([1.0, 0.6, 0.3]), torch.randn(16, generator=rng) * 0.1
        self.likelihood, self.sigma, self.wider = Gaussian(sigma, learned=False), sigma, wider
        self.decoder = _Decode(self.weights, self.bias)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        precision = 1 + self.weights.square().sum(0) / self.sigma**2
        mu = (x.flatten(1) - self.bias) @ self.weights / self.sigma**2 / precision
        return mu, (self.wider**2 / precision).log().expand_as(mu)

    def exact(self, x: Tensor) -> Tensor:
        covariance = self.weights @ self.weights.T + self.sigma**2 * torch.eye(16)
        return torch.distributions.MultivariateNormal(self.bias, covariance).log_prob(x.flatten(1))


class _Decode(nn.Module):
    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weights, self.bias = weights, bias

    def forward(self, z: Tensor) -> Tensor:
        return (z @ self.weights.T + self.bias).view(-1, 1, 4, 4)


def images(num: int, seed: int = 1) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    model = LinearVAE()
    z, eps = torch.randn(num, 3, generator=rng), torch.randn(num, 1, 4, 4, generator=rng)
    return model.decoder(z) + model.sigma * eps


def test_exact_where_the_posterior_is() -> None:
    model, x = LinearVAE(), images(50)
    assert isinstance(model, Explains)
    found = drain(log_density(model, x, 3, torch.Generator().manual_seed(0)))
    torch.testing.assert_close(found.value.float(), model.exact(x), atol=1e-3, rtol=0)
    assert found.error.max() < 1e-3 and found.effective.min() > 2.99


def test_near_log_p_and_honest_of_its_error_where_the_posterior_is_rough() -> None:
    model, x = LinearVAE(wider=1.4), images(200)
    found = drain(log_density(model, x, 20_000, torch.Generator().manual_seed(0)))
    off = (found.value - model.exact(x)).double()
    assert abs(off.mean()) < 1e-3
    assert float(off.std() / found.error.mean()) == pytest.approx(1, abs=0.25)
    assert (found.effective < 20_000).all()


def test_rises_with_the_draws_from_the_elbo() -> None:
    """One draw is the ELBO in expectation; more draws come closer from below (Burda et al. 2016, theorem 1)."""
    model, x = LinearVAE(wider=2.0), images(400)
    bounds = [drain(log_density(model, x, k, torch.Generator().manual_seed(0))).value.mean() for k in (1, 5, 50, 500)]
    assert bounds == sorted(bounds) and bounds[-1] < model.exact(x).mean() + 0.02
    mu, logvar = model.posterior(x)
    kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1)
    spread = (logvar.exp() * model.weights.square().sum(0)).sum(1)
    at_mu = model.likelihood.log_prob(x, model.decoder(mu))
    elbo = at_mu - 0.5 * spread / model.sigma**2 - kl  # E_q of the squared error is that of mu and the spread
    assert float(bounds[0]) == pytest.approx(float(elbo.mean()), abs=0.2)


def test_chunks_change_nothing_but_the_noise_and_bound_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "_NUMBERS", 16 * 40)
    seen: list[int] = []
    model, x = LinearVAE(wider=1.2), images(7)
    model.decoder.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))
    work, told = log_density(model, x, 10_001, torch.Generator().manual_seed(0)), []
    found = drain(_listening(work, told.append))
    assert max(seen) <= 40 and sum(seen) == 7 * 10_001
    assert told[-1].done == told[-1].total == 7 * 10_001
    torch.testing.assert_close(found.value.float(), model.exact(x), atol=0.03, rtol=0)


def _listening(work, hear: Callable[[Progress], None]):  # type: ignore[no-untyped-def]
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            return end.value
        hear(event)
        yield event


def test_no_weight_overflows() -> None:
    found = drain(log_density(LinearVAE(sigma=0.02), 100 * images(5), 10, torch.Generator().manual_seed(0)))
    assert found.value.isfinite().all() and (found.value < -1e6).all()


def test_parzen_is_scikit_learns_density_and_finds_sigma() -> None:
    rng = torch.Generator().manual_seed(0)
    samples, valid, judged = (
        Images((128 + 25 * torch.randn(num, 1, 2, 2, generator=rng)).clamp(0, 255).byte()) for num in (2000, 300, 200)
    )
    values, sigma = drain(parzen(samples, valid, judged))
    flat = [to_float(part.take(torch.arange(len(part)))).flatten(1).numpy() for part in (samples, judged)]
    peer = KernelDensity(bandwidth=sigma).fit(flat[0]).score_samples(flat[1])
    np.testing.assert_allclose(values.numpy(), peer, atol=1e-3)
    truth = -2 * math.log(2 * math.pi * math.e) - 4 * math.log(25 / 127.5)  # minus the entropy of the Gaussian
    assert float(values.mean()) == pytest.approx(truth, abs=0.3)
    assert sigma < 25 / 127.5


def test_percentile_counts_ties_half() -> None:
    among = torch.tensor([1.0, 2.0, 2.0, 3.0])
    assert [percentile(v, among) for v in (0, 1, 2, 2.5, 9)] == [0, 12.5, 50, 75, 100]


def test_auroc_is_scikit_learns_and_its_interval_that_of_repeated_sampling() -> None:
    def draw(seed: int) -> tuple[Tensor, Tensor]:
        rng = torch.Generator().manual_seed(seed)
        return (torch.randn(150, generator=rng) + 0.8).round(decimals=1), torch.randn(100, generator=rng).round(
            decimals=1
        )

    found, (inside, outside) = auroc(*draw(0)), draw(0)
    peer = roc_auc_score([1] * 150 + [0] * 100, torch.cat([inside, outside]))
    assert found.value == pytest.approx(peer, abs=1e-9)
    values = torch.tensor([auroc(*draw(seed)).value for seed in range(1, 301)])
    assert found.high - found.low == pytest.approx(3.92 * float(values.std()), rel=0.3)
