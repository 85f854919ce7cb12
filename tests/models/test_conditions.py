"""Conditions as a part of the code, the KL in parts, and a VAE that obeys the class that it is told."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch.distributions import Bernoulli, Categorical, Normal
from torch.distributions import kl_divergence as torch_kl

from genexplorer.core.abilities import Conditional, abilities
from genexplorer.core.data import Batch, DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.models.vae import ConditionalVAE, VAERecipe
from genexplorer.networks.conditions import Conditions
from genexplorer.networks.gaussian import decompose_kl, kl_divergence, reparameterize

LABELS = (Label("shape", "class", ("a", "b", "c")), Label("thick", "binary"), Label("slant", "number", low=-2, high=4))
SPEC = DataSpec((1, 8, 8), LABELS)
DIGITS = DataSpec((1, 8, 8), (Label("digit", "class", tuple("0123456789")),))


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def conditional(spec: DataSpec = SPEC, **settings: Any) -> ConditionalVAE:
    torch.manual_seed(0)
    names = tuple(label.name for label in spec.labels)
    values = {"network": "mlp", "hidden": 128, "latent_dim": 4, "condition": names}
    model = VAERecipe.parse(values | settings).build(spec)
    assert isinstance(model, ConditionalVAE)
    return model


def test_three_parts_make_the_kl() -> None:
    """Exactly of each draw, so that their mean is the closed form; whatever the size of the data."""
    mu, logvar = torch.randn(2, 64, 3, generator=rng())
    z = reparameterize(mu, logvar, torch.randn(64, 3, generator=rng(1)))
    q, p = Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)
    draw = (q.log_prob(z) - p.log_prob(z)).sum(1)
    for total in (64, 60_000):
        assert torch.allclose(sum(decompose_kl(z, mu, logvar, total)), draw, rtol=1e-4, atol=1e-4)
    noise = torch.randn(2000, 64, 3, generator=rng(2))
    many = [sum(decompose_kl(reparameterize(mu, logvar, eps), mu, logvar, 64)).mean() for eps in noise]
    assert torch.stack(many).mean().item() == pytest.approx(kl_divergence(mu, logvar).sum(1).mean().item(), rel=0.02)


def test_parts_are_the_brute_force_mixture() -> None:
    """Loops over the batch as minibatch-weighted sampling is written (Chen et al. 2018, eq. 3)."""
    mu, logvar = torch.randn(2, 7, 3, generator=rng(2)).double()
    z = reparameterize(mu, logvar, torch.randn(7, 3, generator=rng(3)).double())
    n, m = 1000, 7

    def density(i: int, j: int, d: int) -> float:
        s = math.exp(logvar[j, d] / 2)
        return math.exp(-0.5 * ((z[i, d] - mu[j, d]).item() / s) ** 2) / s / math.sqrt(2 * math.pi)

    for i, found in enumerate(zip(*decompose_kl(z, mu, logvar, n), strict=True)):
        joint = sum(math.prod(density(i, j, d) for d in range(3)) for j in range(m)) / (n * m)
        marginals = math.prod(sum(density(i, j, d) for j in range(m)) / (n * m) for d in range(3))
        own = math.prod(density(i, i, d) for d in range(3))
        prior = math.prod(math.exp(-0.5 * z[i, d].item() ** 2) / math.sqrt(2 * math.pi) for d in range(3))
        by_hand = [math.log(own / joint), math.log(joint / marginals), math.log(marginals / prior)]
        assert [part.item() for part in found] == pytest.approx(by_hand, rel=1e-6)


def test_dimensions_that_go_together_have_total_correlation() -> None:
    line = torch.randn(512, 1, generator=rng())
    apart = torch.randn(512, 2, generator=rng(1))
    small = torch.full((512, 2), -4.0)
    together, free = (decompose_kl(mu, mu, small, 512)[1].mean() for mu in (line.expand(-1, 2), apart))
    assert together > free + 0.5


def test_beta_weighs_total_correlation_alone() -> None:
    x = torch.rand(16, 1, 8, 8, generator=rng()) * 2 - 1
    values = {"network": "mlp", "hidden": 16, "latent_dim": 4, "objective": "tc"}
    losses = []
    for settings in ({"beta": 1.0}, {"beta": 5.0}, {"alpha": 3.0, "beta": 1.0, "gamma": 0.5}):
        torch.manual_seed(0)
        model = VAERecipe.parse(values | settings).build(SPEC)
        losses.append(model.loss(Batch(x, torch.zeros(16, 3), rng(), 1, total=500)))
    plain, heavy, mixed = (metrics["loss"].item() * 64 for metrics in losses)
    parts = {name: losses[0][name].item() for name in ("recon", "mi", "tc", "dwkl")}
    assert plain == pytest.approx(sum(parts.values()), rel=1e-4)
    assert heavy - plain == pytest.approx(4 * parts["tc"], rel=1e-3)
    assert mixed - plain == pytest.approx(2 * parts["mi"] - 0.5 * parts["dwkl"], rel=1e-3)


def test_labels_are_written_with_mean_0_and_variance_1() -> None:
    known = Conditions(SPEC, ("slant", "shape", "thick"))
    slants, shapes, thick = torch.linspace(-2, 4, 600), torch.arange(600) % 3, torch.arange(600) % 2
    y = known.write(torch.stack([slants, shapes, thick], 1).float())
    assert y.shape == (600, 5) and known.columns == [2, 0, 1]
    assert torch.allclose(y.mean(0), torch.zeros(5), atol=1e-5)
    assert torch.allclose(y.std(0), torch.ones(5), atol=0.01)


def test_what_is_said_of_labels_is_torchs() -> None:
    known = Conditions(SPEC, ("shape", "thick", "slant"))
    raw = torch.randn(9, known.outputs, generator=rng())
    values = torch.stack([torch.arange(9) % 3, torch.arange(9) % 2, torch.linspace(-2, 4, 9)], 1).float()
    shape, thick = Categorical(logits=raw[:, :3]), Bernoulli(logits=raw[:, 3])
    slant = Normal(raw[:, 4], (raw[:, 5] / 2).exp())
    y = known.write(values)
    oracle = shape.log_prob(values[:, 0]) + thick.log_prob(values[:, 1]) + slant.log_prob(y[:, 4])
    assert torch.allclose(known.log_prob(raw, values), oracle, rtol=1e-4)
    flat = torch_kl(shape, Categorical(torch.ones(9, 3))) + torch_kl(thick, Bernoulli(torch.full((9,), 0.5)))
    assert torch.allclose(known.kl(raw), flat + torch_kl(slant, Normal(0.0, 1.0)), rtol=1e-4)
    draws = torch.stack([known.draw(raw, rng(seed)) for seed in range(4000)])
    mean, logvar = known.moments(raw)
    assert torch.allclose(draws.mean(0), mean, atol=0.12)
    assert torch.allclose(draws.var(0), logvar.exp(), rtol=0.12, atol=0.05)


def test_a_label_that_is_not_there() -> None:
    with pytest.raises(UserError, match="no label called 'smile' to condition on; there are: shape, thick, slant"):
        conditional(condition=("smile",))
    with pytest.raises(UserError, match="it has none"):
        conditional(DataSpec((1, 8, 8)), condition=("smile",))


def test_given_is_the_same_model_with_a_smaller_code() -> None:
    model, y = conditional().eval(), torch.tensor([2.0, 1.0, -1.0])
    assert isinstance(model, Conditional) and model.conditions == LABELS
    view = model.given(y)
    assert abilities(view) == abilities(model) - {"Conditional"}
    assert not isinstance(VAERecipe().build(SPEC), Conditional)
    x = torch.rand(3, 1, 8, 8, generator=rng()) * 2 - 1
    assert view.latent_dim == 4 and model.latent_dim == 9
    written = torch.cat([view.encode(x), model.labels.write(y[None]).expand(3, -1)], 1)
    assert torch.equal(view.decode(view.encode(x)), model.decode(written))
    assert torch.equal(view.encode(x), model.encode(x)[:, :4])
    assert view.posterior(x)[1].shape == (3, 4) and view.sample(5, rng()).shape == (5, 1, 8, 8)
    told = view.elbo(x, rng())
    assert torch.allclose(told["elbo"], -told["recon"] - told["kl"])


def test_the_bound_over_labels_is_the_mean_over_them() -> None:
    """Many draws of elbo(x) are E_q(y|x)[bound given y] - KL(q(y | x) ‖ p(y)), summed by hand over all classes."""
    model = conditional(DIGITS)
    x = torch.rand(2, 1, 8, 8, generator=rng()) * 2 - 1
    with torch.no_grad():
        raw = model.infer(x)[2]
        drawn = torch.stack([model.elbo(x, rng(s))["elbo"] for s in range(1500)]).mean(0)
        by_class = []
        for digit in range(10):
            view = model.given(torch.tensor([float(digit)]))
            by_class.append(torch.stack([view.elbo(x, rng(s))["elbo"] for s in range(300)]).mean(0))
        q = raw.softmax(1)
        exact = (q * torch.stack(by_class, 1)).sum(1) - (q * (q * 10).log()).sum(1)
    assert torch.allclose(drawn, exact, rtol=0.01)


def test_it_draws_the_class_that_it_is_told() -> None:
    """A classifier that never saw a drawn image reads back what was asked for; and it tells classes itself."""
    images, digits = load_digits(return_X_y=True)
    x = torch.from_numpy(images.astype(np.float32)).reshape(-1, 1, 8, 8) / 8 - 1
    labels = torch.from_numpy(digits.astype(np.float32))[:, None]
    model = conditional(DIGITS, sigma=0.3, latent_dim=8)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(1, 801):
        rows = torch.randint(1500, (64,), generator=rng(step))
        optimizer.zero_grad()
        model.loss(Batch(x[rows], labels[rows], rng(step), step))["loss"].backward()
        optimizer.step()
    model.eval()
    judge = LogisticRegression(max_iter=500).fit(x.flatten(1), digits)
    with torch.inference_mode():
        right = [
            (judge.predict(model.given(torch.tensor([float(d)])).sample(50, rng(d)).flatten(1)) == d).mean()
            for d in range(10)
        ]
        assert np.mean(right) > 0.9 and min(right) > 0.6, right
        told = model.encode(x[1500:])[:, 8:].argmax(1)
        assert (told.numpy() == digits[1500:]).mean() > 0.85
        counts = np.bincount(judge.predict(model.sample(300, rng()).flatten(1)), minlength=10)
    assert counts.min() > 8, "where nothing is given, labels are as in training"


def test_what_was_seen_last_is_kept() -> None:
    model = conditional(DIGITS)
    for step in itertools.count(1):
        labels = torch.full((100, 1), float(step % 10))
        model.loss(Batch(torch.zeros(100, 1, 8, 8), labels, rng(), step))
        if step == 7:
            break
    assert set(model.seen.flatten().tolist()) == {5.0, 6.0, 7.0}
    before = model.seen.clone()
    model.eval().loss(Batch(torch.zeros(100, 1, 8, 8), labels, rng(), 8))
    assert torch.equal(model.seen, before)
