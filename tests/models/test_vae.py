"""The VAE's formulas against closed forms."""

import math
from typing import Any

import pytest
import torch
from torch.distributions import MultivariateNormal, Normal
from torch.distributions import kl_divergence as torch_kl

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.models.vae import VAE, VAERecipe
from genexplorer.networks.gaussian import kl_divergence, reparameterize

SPEC = DataSpec((1, 8, 8))


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(x: torch.Tensor, step: int = 1, seed: int = 0) -> Batch:
    return Batch(x, torch.zeros(len(x), 0), rng(seed), step)


def small(**settings: Any) -> VAE:
    torch.manual_seed(0)
    values = {"network": "mlp", "hidden": 16, "latent_dim": 4} | settings
    return VAERecipe.parse(values).build(SPEC)


def images(num: int = 16, seed: int = 0) -> torch.Tensor:
    return torch.rand(num, 1, 8, 8, generator=rng(seed)) * 2 - 1


def test_kl_is_torchs() -> None:
    mu, logvar = torch.randn(2, 64, 5, generator=rng()) * 2
    oracle = torch_kl(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0))
    assert torch.allclose(kl_divergence(mu, logvar), oracle, rtol=1e-4, atol=1e-6)
    assert kl_divergence(torch.zeros(1), torch.zeros(1)).item() == 0


def test_reparameterisation_is_torchs_and_passes_gradients() -> None:
    mu, logvar = (t.requires_grad_() for t in torch.randn(2, 3, 5, generator=rng()))
    eps = torch.randn(3, 5, generator=rng(1))
    z = reparameterize(mu, logvar, eps)
    assert torch.allclose(z, Normal(mu, (logvar / 2).exp()).mean + (logvar / 2).exp() * eps)
    # of E[sum z²] = mu² + sigma²: d/dmu = 2 z, d/dlogvar = z · sigma · eps
    z.square().sum().backward()
    assert torch.allclose(mu.grad, 2 * z.detach())
    assert torch.allclose(logvar.grad, (z * (logvar / 2).exp() * eps).detach(), rtol=1e-5)


def test_draws_have_the_posteriors_moments() -> None:
    mu, logvar = torch.tensor([1.5, -2.0]), torch.tensor([0.0, math.log(0.25)])
    z = reparameterize(mu, logvar, torch.randn(100_000, 2, generator=rng()))
    assert torch.allclose(z.mean(0), mu, atol=0.02) and torch.allclose(z.std(0), torch.tensor([1.0, 0.5]), atol=0.01)


class Linear(torch.nn.Module):
    """Encoder of a linear-Gaussian model: an affine mean, a constant variance."""

    def __init__(self, weight: torch.Tensor, logvar: torch.Tensor) -> None:
        super().__init__()
        self.weight, self.logvar = weight, logvar

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mu = x.flatten(1) @ self.weight.T
        return torch.cat([mu, self.logvar.expand_as(mu)], 1)


def linear_vae(sigma: float, worse: float = 0.0) -> tuple[VAE, torch.Tensor]:
    """x = A z + sigma eps with orthogonal columns: the true posterior is diagonal, so q can be exact."""
    vae = small(latent_dim=2, likelihood="gaussian", sigma=sigma)
    basis, _ = torch.linalg.qr(torch.randn(64, 2, generator=rng()))
    a = basis * torch.tensor([1.5, 0.7])  # (64, 2)
    precision = 1 + (a * a).sum(0) / sigma**2
    vae.encoder = Linear((a / sigma**2 / precision).T + worse, -precision.log())
    vae.decoder = torch.nn.Sequential(torch.nn.Linear(2, 64, bias=False), torch.nn.Unflatten(1, (1, 8, 8)))
    vae.decoder[0].weight.data.copy_(a)
    return vae, a


def test_elbo_of_the_true_posterior_is_log_p() -> None:
    """Where q is the posterior, every one-sample estimate is log p(x) itself, here known in closed form."""
    vae, a = linear_vae(0.3)
    p = MultivariateNormal(torch.zeros(64), a @ a.T + 0.09 * torch.eye(64))
    x = torch.randn(256, 2, generator=rng()) @ a.T
    x = x + 0.3 * torch.randn(256, 64, generator=rng(1))
    with torch.no_grad():
        found = [vae.elbo(x.view(-1, 1, 8, 8), rng(seed))["elbo"] for seed in range(200)]
    mean = torch.stack(found).mean(0)
    assert torch.allclose(mean, p.log_prob(x), atol=0.6)
    assert abs((mean - p.log_prob(x)).mean().item()) < 0.02


def test_elbo_of_another_posterior_is_lower() -> None:
    vae, a = linear_vae(0.3, worse=0.1)
    p = MultivariateNormal(torch.zeros(64), a @ a.T + 0.09 * torch.eye(64))
    x = torch.randn(256, 2, generator=rng()) @ a.T + 0.3 * torch.randn(256, 64, generator=rng(1))
    with torch.no_grad():
        parts = [vae.elbo(x.view(-1, 1, 8, 8), rng(seed)) for seed in range(50)]
    gap = p.log_prob(x) - torch.stack([part["elbo"] for part in parts]).mean(0)
    assert gap.mean() > 0.05 and (gap > -1).all()
    # the gap is KL(q ‖ true posterior), closed form again
    mu, logvar = vae.posterior(x.view(-1, 1, 8, 8))
    precision = 1 + (a * a).sum(0) / 0.09
    posterior = Normal(x @ (a / 0.09 / precision), precision.rsqrt())
    exact = torch_kl(Normal(mu, (logvar / 2).exp()), posterior).sum(1)
    assert gap.mean().item() == pytest.approx(exact.mean().item(), rel=0.05)


def test_elbo_is_its_parts_and_fits_the_loss() -> None:
    vae, x = small(), images()
    parts = vae.elbo(x, rng())
    assert torch.allclose(parts["elbo"], -parts["recon"] - parts["kl"])
    loss = vae.loss(batch(x))
    assert loss["loss"].item() == pytest.approx(-parts["elbo"].mean().item() / 64, rel=1e-5)
    assert loss["recon"].item() == pytest.approx(parts["recon"].mean().item(), rel=1e-5)
    assert loss["kl"].item() == pytest.approx(parts["kl"].mean().item(), rel=1e-5)


@pytest.mark.parametrize("beta", [0.0, 0.5, 4.0])
def test_beta_weighs_the_kl(beta: float) -> None:
    metrics = small(beta=beta).loss(batch(images()))
    assert metrics["loss"].item() == pytest.approx(((metrics["recon"] + beta * metrics["kl"]) / 64).item(), rel=1e-5)


@pytest.mark.parametrize(("step", "weight"), [(1, 0.1), (5, 0.5), (10, 1.0), (500, 1.0)])
def test_the_kl_comes_in_over_the_warm_up(step: int, weight: float) -> None:
    metrics = small(beta=2.0, kl_warmup=10).loss(batch(images(), step))
    expected = (metrics["recon"] + 2 * weight * metrics["kl"]) / 64
    assert metrics["loss"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_free_bits_are_free_for_each_dimension() -> None:
    x = images()
    vae = small(free_bits=0.15)
    mu, logvar = vae.posterior(x)
    of_dim = torch_kl(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)).mean(0)
    assert (of_dim < 0.15).any() and (of_dim > 0.15).any(), "the case must have both kinds"
    metrics = vae.loss(batch(x))
    paid = sum(max(0.15, k) for k in of_dim.tolist())
    assert metrics["loss"].item() == pytest.approx((metrics["recon"].item() + paid) / 64, rel=1e-5)
    assert metrics["kl"].item() == pytest.approx(of_dim.sum().item(), rel=1e-4)


def test_all_below_the_free_bits_feel_no_kl() -> None:
    """Then the loss pushes the encoder exactly as reconstruction alone does."""
    grads = []
    for settings in ({"free_bits": 100.0}, {"beta": 0.0}):
        vae = small(**settings)
        vae.loss(batch(images()))["loss"].backward()
        grads.append(torch.cat([p.grad.flatten() for p in vae.parameters() if p.grad is not None]))
    assert torch.allclose(grads[0], grads[1], atol=1e-7) and grads[0].abs().sum() > 0


def test_all_randomness_is_passed() -> None:
    vae, x = small(), images()
    torch.manual_seed(1)
    first = vae.loss(batch(x, seed=3))["loss"]
    torch.manual_seed(2)
    assert torch.equal(vae.loss(batch(x, seed=3))["loss"], first)
    assert not torch.equal(vae.loss(batch(x, seed=4))["loss"], first)
    assert torch.equal(vae.sample(3, rng(5)), vae.sample(3, rng(5)))
    assert not torch.equal(vae.sample(3, rng(5)), vae.sample(3, rng(6)))


@pytest.mark.parametrize("likelihood", ["gaussian", "gaussian_learned", "bernoulli", "binary", "logistic"])
@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_it_learns(likelihood: str, network: str) -> None:
    """Two blobs of a few grey levels: the bound rises far above where it began, with every likelihood."""
    vae = small(likelihood=likelihood, network=network, width=8)
    x = torch.full((32, 1, 8, 8), -1.0)
    x[:16, :, :4], x[16:, :, 4:] = 1.0, 1.0
    optimizer = torch.optim.Adam(vae.parameters(), 3e-3)
    before = vae.elbo(x, rng())["elbo"].mean()
    for step in range(1, 81):
        optimizer.zero_grad()
        vae.loss(batch(x, step, step))["loss"].backward()
        optimizer.step()
    assert vae.elbo(x, rng())["elbo"].mean() > before
    assert (vae.decode(vae.encode(x)) - x).abs().mean() < 0.4


@pytest.mark.parametrize("size", [8, 9, 15, 28, 33, 64, 127, 128])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("likelihood", ["gaussian", "gaussian_learned", "bernoulli", "binary", "logistic"])
def test_every_size_trains_and_decodes(size: int, channels: int, network: str, likelihood: str) -> None:
    recipe = VAERecipe(network=network, likelihood=likelihood, hidden=8, width=4, latent_dim=3)
    vae = recipe.build(DataSpec((channels, size, size)))
    x = torch.rand(2, channels, size, size, generator=rng()) * 2 - 1
    metrics = vae.loss(batch(x))
    metrics["loss"].backward()
    assert all(m.shape == () and m.isfinite() for m in metrics.values())
    assert vae.encode(x).shape == (2, 3)
    drawn = vae.decode(torch.randn(2, 3, generator=rng()))
    assert drawn.shape == x.shape and drawn.abs().max() <= 1
    assert all(p.grad is not None and p.grad.isfinite().all() for p in vae.parameters() if p.requires_grad)


@pytest.mark.parametrize("shape", [(1, 7, 7), (1, 129, 129), (2, 16, 16), (4, 16, 16), (1, 8, 16), (16, 16), (0, 8, 8)])
def test_other_forms_are_refused_in_a_sentence(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"^The model vae wants square images of 8 to 128 px with 1 or 3 channels"):
        VAERecipe().build(DataSpec(shape))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("latent_dim", 0), ("latent_dim", 1025), ("width", 3), ("hidden", 7), ("sigma", 0), ("sigma", 3),
        ("beta", -1), ("beta", math.nan), ("beta", 101), ("kl_warmup", -1), ("free_bits", -0.1),
        ("likelihood", "poisson"), ("network", "unet"), ("latent_dim", "many"), ("latent_dim", 2.5),
    ],
)  # fmt: skip
def test_settings_out_of_range(setting: str, value: Any) -> None:
    with pytest.raises(UserError) as caught:
        VAERecipe.parse({setting: value})
    assert str(caught.value).startswith(f"vae: {setting} should ") and str(caught.value).endswith(f"got {value!r}.")


def test_a_binary_vae_explains_the_image_that_it_saw() -> None:
    """Its bound on a grey image is that of a Bernoulli VAE on the black and white one."""
    spec = DataSpec((1, 8, 8))
    binary = VAE(VAERecipe.parse({"network": "mlp", "depth": 2, "likelihood": "binary"}), spec)
    plain = VAE(VAERecipe.parse({"network": "mlp", "depth": 2, "likelihood": "bernoulli"}), spec)
    plain.load_state_dict(binary.state_dict())
    grey = torch.rand(5, 1, 8, 8, generator=torch.Generator().manual_seed(3)) * 2 - 1
    rng = torch.Generator().manual_seed(0)
    seen = torch.where(torch.rand(grey.shape, generator=rng) < (grey + 1) / 2, 1.0, -1.0)
    expected = plain.elbo(seen, rng)
    found = binary.elbo(grey, torch.Generator().manual_seed(0))
    for name, values in expected.items():
        assert torch.equal(found[name], values)
