"""What sliders go along, against scikit-learn and closed forms."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from genexplorer.core.data import DataSpec, Label
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.axes import Axes, freed, unit_axes
from genexplorer.engine.explore import Dimensions, describe, told_of
from genexplorer.engine.principal import activation_axes, principal_axes

RNG = np.random.default_rng(0)


def skewed(count: int = 3, dim: int = 5) -> Axes:
    """Directions and measures that are neither orthogonal nor of length one."""
    vectors, duals = RNG.normal(size=(2, count, dim))
    duals /= np.einsum("kd,kd->k", vectors, duals)[:, None]
    three = np.full(count, 3.0)
    return Axes(("a", "b", "c")[:count], vectors, duals, RNG.normal(size=dim), -three, three, ("",) * count)


def test_principal_axes_are_those_of_scikit_learn() -> None:
    codes = (RNG.normal(size=(200, 6)) * [3, 2, 1, 0.5, 0.1, 0.01] @ RNG.normal(size=(6, 6)) + 4).astype(np.float32)
    ours, oracle = principal_axes(codes), PCA().fit(codes)
    assert np.allclose(np.abs(ours.vectors / np.linalg.norm(ours.vectors, axis=1)[:, None] @ oracle.components_.T),
                       np.eye(6), atol=1e-2)  # fmt: skip
    assert ours.weights == pytest.approx(oracle.explained_variance_ratio_, abs=1e-5)
    places = np.stack([ours.places(z) for z in codes])
    assert np.allclose(places.mean(0), 0, atol=1e-3) and np.allclose(places.std(0, ddof=1), 1, atol=1e-2)
    assert ours.active is not None and ours.active.sum() < 6


def test_few_codes_have_few_principal_axes() -> None:
    codes = RNG.normal(size=(4, 10)).astype(np.float32)
    assert len(principal_axes(codes)) == 3


class TwoLayers(Model):
    """Draws B (W (z, y)) with z ~ N(0, diag(spread²)) and a yes/no y; W = U diag(s) Vᵀ on z."""

    spread, latent_dim = torch.tensor([1.0, 1, 1, 2, 0.5]), 6
    conditions = (Label("glasses", "binary"),)

    def __init__(self, size: int = 40) -> None:
        super().__init__()
        rng = torch.Generator().manual_seed(1)
        self.v = torch.linalg.qr(torch.randn(5, 5, generator=rng))[0]
        u = torch.linalg.qr(torch.randn(size, 5, generator=rng))[0]
        self.s = torch.tensor([5.0, 4, 2, 1, 0.01])
        self.first, self.second = nn.Linear(6, size, bias=False), nn.Linear(size, 16, bias=False)
        self.first.weight.data[:, :5] = u @ torch.diag(self.s) @ self.v.T @ torch.diag(1 / self.spread)
        self.first.weight.data[:, 5] = 100.0

    def decode(self, z: Tensor) -> Tensor:
        x: Tensor = self.second(self.first(z)).reshape(-1, 1, 4, 4)
        return x

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        y = torch.randint(2, (num, 1), generator=rng) * 2 - 1
        return torch.cat([torch.randn(num, 5, generator=rng) * self.spread, y], 1)

    def given(self, y: Tensor) -> Model:
        known = Model()
        known.latent_dim, known.decode = 5, lambda z: z  # type: ignore[assignment]
        return known


def test_a_generators_principal_axes_are_the_singular_vectors_of_its_first_layer() -> None:
    model = TwoLayers()
    axes = activation_axes(model)
    assert axes.vectors.shape == (5, 6) and not axes.vectors[:, 5].any() and not axes.duals[:, 5].any()
    white = axes.vectors[:, :5] / model.spread.numpy()
    assert np.abs(white @ model.v.numpy()) == pytest.approx(np.eye(5), abs=0.03)
    shares = model.s.square() / model.s.square().sum()
    assert axes.weights == pytest.approx(shares.numpy(), abs=2e-3)
    assert axes.active is not None and axes.active.tolist() == [True, True, True, True, False]
    assert np.einsum("kd,kd->k", axes.duals, axes.vectors) == pytest.approx(np.ones(5), abs=1e-5)
    places = (model.draw(5000, torch.Generator().manual_seed(3)).numpy() - axes.origin) @ axes.duals.T
    assert places.std(0) == pytest.approx(np.ones(5), abs=0.05) and np.abs(places.mean(0)).max() < 0.05
    assert not model.first._forward_pre_hooks  # whoever draws with it meanwhile notices nothing


def test_there_are_no_more_principal_axes_than_free_numbers_and_none_that_the_layer_mixes_up() -> None:
    model = TwoLayers()
    assert len(activation_axes(model)) == 5
    model.first.weight.data[:, :5] = 0  # nothing of z arrives
    model.first.weight.data[:, 0] = 1
    (only,) = activation_axes(model).vectors
    assert np.abs(only) == pytest.approx([1, 0, 0, 0, 0, 0], abs=1e-2)


def test_a_move_arrives_where_it_was_asked_to() -> None:
    axes, z = skewed(), RNG.normal(size=5)
    assert axes.places(axes.moved(z, 1, 2.5))[1] == pytest.approx(2.5, abs=1e-5)


def test_what_is_held_stays_while_another_axis_moves() -> None:
    axes, z = skewed(), RNG.normal(size=5)
    held = axes.duals[:1]
    bent = axes.keeping(held)
    there = bent.moved(z, 1, 2.5)
    assert bent.places(there)[1] == pytest.approx(2.5, abs=1e-4)
    assert held @ there == pytest.approx(held @ z, abs=1e-4)
    assert np.allclose(bent.moved(z, 0, 2.5), z, atol=1e-6)  # a held axis has nowhere to go


def test_dimensions_are_freed_exactly() -> None:
    eye = np.eye(48, dtype=np.float32)
    left = freed(RNG.normal(size=48).astype(np.float32), eye[[3, 40, 3]])
    assert left[3] == 0 and left[40] == 0 and np.count_nonzero(left) == 46
    assert unit_axes(48).keeping(eye[[3]]).vectors[5] == pytest.approx(eye[5])


def test_random_codes_keep_the_mean_and_spread_of_real_ones_and_how_their_dimensions_go_together() -> None:
    rng = np.random.default_rng(0)
    codes = (rng.standard_normal((400, 3)) @ np.array([[1, 0.9, 0], [0, 0.4, 0], [0, 0, 2.0]]) + 1).astype(np.float32)
    known = Dimensions(np.ones(3), codes.mean(0), codes.std(0), codes)
    drawn = np.stack([known.draw(rng) for _ in range(6000)])
    np.testing.assert_allclose(drawn.mean(0), codes.mean(0), atol=0.1)
    np.testing.assert_allclose(drawn.std(0), codes.std(0), rtol=0.06)
    kept = np.corrcoef(drawn.T)[0, 1] / np.corrcoef(codes.T)[0, 1]
    assert kept == pytest.approx(1 - Dimensions.SMOOTHING**2, abs=0.05)


def test_without_a_distribution_dimensions_are_ranked_by_their_share_of_the_variance() -> None:
    model = MODELS["autoencoder"].parse({"network": "deep", "layers": (), "latent_dim": 3}).build(DataSpec((1, 8, 8)))
    with torch.no_grad():
        model.stack.layers[0].weight[2] = 0  # a dimension that never changes
        x = torch.rand(50, 1, 8, 8) * 2 - 1
        known = describe(model, x)
        codes = model.encode(x).numpy()
    assert known.kl is None
    np.testing.assert_allclose(known.std, codes.std(0), atol=1e-6)
    axes = known.axes()
    shares = codes.var(0) / codes.var(0).sum()
    np.testing.assert_allclose(axes.weights, shares, rtol=1e-4, atol=1e-7)
    assert known.active.tolist() == [True, True, False]
    assert axes.details[0] == f"{100 * shares[0]:.1f} %" and axes.details[0] in axes.hints[0]


def test_of_a_model_that_only_draws_nothing_is_told_that_is_not_known() -> None:
    values = {"network": "mlp", "latent_dim": 3, "condition": ("kind", "red_hair")}
    labels = (Label("kind", "class", ("cat", "dog")), Label("red_hair", "binary"))
    model = MODELS["gan"].parse(values).build(DataSpec((1, 8, 8), labels))
    known = describe(model, torch.zeros(20, 1, 8, 8))
    axes = known.axes()
    assert axes.weights is None and not any(axes.details) and not axes.hints and known.active.all()
    assert axes.names == ("z₀", "z₁", "z₂", "kind: cat", "kind: dog", "red hair")
    assert axes.low.tolist() == [-3] * 6 and axes.high.tolist() == [3] * 6


def test_conditions_of_random_codes_are_those_of_a_real_image() -> None:
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((20, 5)).astype(np.float32)
    known = Dimensions(np.ones(5), codes.mean(0), codes.std(0), codes, 2)
    drawn = np.stack([known.draw(rng) for _ in range(200)])
    there = (drawn[:, None, -2:] == codes[None, :, -2:]).all(2)
    assert there.any(1).all() and there.any(0).sum() > 15
    assert not (drawn[:, None, :3] == codes[None, :, :3]).all(2).any()


def test_how_many_numbers_of_a_code_are_conditions() -> None:
    spec = DataSpec((1, 8, 8), (Label("digit", "class", tuple("0123456789")), Label("slant", "number")))
    model = MODELS["vae"].parse({"network": "mlp", "latent_dim": 3, "condition": ("digit", "slant")}).build(spec)
    assert told_of(model) == 11 and model.latent_dim == 14
    assert told_of(MODELS["vae"].parse({"network": "mlp", "latent_dim": 3}).build(spec)) == 0
