"""The codebook by brute force, a prior that sees no word before its turn, and samples that look like digits."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.models.vqvae import VQVAE, VQVAERecipe
from genexplorer.networks.causal import CausalTransformer
from genexplorer.networks.codebook import Codebook, perplexity


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=rng(seed))


def small(**settings: Any) -> VQVAE:
    torch.manual_seed(0)
    values = {"width": 16, "codes": 32, "code_dim": 4, "prior_width": 32, "prior_layers": 2}
    return VQVAERecipe.parse(values | settings).build(DataSpec((1, 8, 8)))


def book(num: int = 12, dim: int = 5, **settings: Any) -> Codebook:
    torch.manual_seed(0)
    return Codebook(num, dim, **({"follows": True} | settings))


def test_nearest_by_brute_force() -> None:
    codebook, h = book(), normal(400, 5)
    index = codebook.nearest(h)
    oracle = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(codebook.vectors.detach().numpy())
    assert torch.equal(index, torch.from_numpy(oracle.kneighbors(h.numpy(), return_distance=False)[:, 0]))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(codebook.nearest(h), index)
    assert torch.equal(codebook(codebook.nearest(codebook.vectors)), codebook.vectors)


def follow(codebook: Codebook, h: torch.Tensor, seed: int = 0) -> torch.Tensor:
    batch = Batch(torch.zeros(1, 1, 8, 8), torch.zeros(1, 0), rng(seed), 1)
    return codebook.learn(h[None], codebook.nearest(h)[None], batch)


def test_words_follow_the_mean_of_what_they_stand_for() -> None:
    """Appendix A.1 by a loop: N_i ← γ N_i + (1-γ) n_i, m_i ← γ m_i + (1-γ) Σ h, e_i = m_i / N_i."""
    codebook = book(4, 3, decay=0.9)
    codebook.counts.fill_(5.0)
    codebook.sums.copy_(codebook.vectors * 5)
    counts, sums = [5.0] * 4, (codebook.vectors * 5).tolist()
    for step in range(3):
        h = normal(40, 3, seed=step)
        index = codebook.nearest(h)
        for i in range(4):
            mine = h[index == i]
            counts[i] = 0.9 * counts[i] + 0.1 * len(mine)
            sums[i] = [0.9 * m + 0.1 * s for m, s in zip(sums[i], mine.sum(0).tolist(), strict=True)]
        assert follow(codebook, h).item() == 0
        expected = torch.tensor([[m / counts[i] for m in sums[i]] for i in range(4)])
        assert torch.allclose(codebook.vectors, expected, atol=1e-5)


@pytest.mark.parametrize("follows", [True, False])
def test_words_that_nothing_uses_begin_anew(follows: bool) -> None:
    codebook = book(8, 2, follows=follows)
    h = normal(64, 2) + 10
    with torch.no_grad():
        codebook.vectors[:7] = -50.0
        codebook.vectors[7] = 10.0
    assert follow(codebook, h).item() == 7
    moved = codebook.vectors[:7].detach()
    assert all(any(torch.allclose(vector, row) for row in h) for vector in moved)
    assert len(codebook.nearest(h).unique()) > 4
    assert follow(codebook, h, 1).item() == 0, "they get time to be found"


def test_a_word_is_idle_since_it_was_last_used() -> None:
    codebook = book(3, 2)
    codebook.counts.fill_(50.0)
    for used in ([0, 1], [0], [0, 1]):
        h = codebook.vectors.detach()[used]
        codebook.sums.copy_(codebook.vectors * codebook.counts[:, None])
        follow(codebook, h)
    assert codebook.idle.tolist() == [0, 0, 3]


def test_perplexity_is_that_of_the_entropy() -> None:
    assert perplexity(torch.arange(16).repeat(3), 16).item() == pytest.approx(16, rel=1e-5)
    assert perplexity(torch.zeros(10, dtype=torch.long), 16).item() == pytest.approx(1)
    assert perplexity(torch.tensor([0, 0, 1, 2]), 9).item() == pytest.approx(math.exp(1.5 * math.log(2)), rel=1e-5)


def test_gradients_pass_the_words_as_they_are() -> None:
    """d loss / dh is that of the reconstruction at e, and 2 β (h - e) / numel; words are moved by the loss alone."""
    for codebook in ("ema", "loss"):
        model = small(codebook=codebook, commitment=0.5)
        model.eval()
        x = normal(3, 1, 8, 8).clamp(-1, 1)
        h = model.vectors(x).detach().requires_grad_()
        model.vectors = lambda _, h=h: h  # type: ignore[method-assign, assignment, misc]
        metrics, words = model.words_loss(Batch(x, torch.zeros(3, 0), rng(), 1))
        metrics["loss"].backward()
        e = model.codebook(words).detach().requires_grad_()
        torch.nn.functional.mse_loss(model.paint(e), x).backward()
        assert torch.allclose(h.grad, e.grad + 0.5 * 2 * (h - e).detach() / h.numel(), atol=1e-7)
        assert (model.codebook.vectors.grad is not None) == (codebook == "loss")


def test_the_prior_sees_no_word_before_its_turn() -> None:
    torch.manual_seed(0)
    prior = CausalTransformer(9, 12, 16, 2)
    index = torch.randint(9, (1, 12), generator=rng())
    logits = prior(index)
    for t in range(12):
        other = index.clone()
        other[0, t] = (other[0, t] + 1) % 9
        changed = ((prior(other) - logits).abs().amax(2)[0] > 1e-6).nonzero().flatten().tolist()
        assert changed == list(range(t + 1, 12))


def test_drawing_word_by_word_is_the_same_network() -> None:
    """With a temperature near 0 each word is the likeliest by the whole network, run over what came before."""
    torch.manual_seed(0)
    prior = CausalTransformer(9, 12, 16, 2).eval()
    with torch.no_grad():
        drawn = prior.sample(5, rng(), temperature=1e-4)
        assert torch.equal(prior(drawn).argmax(2), drawn)
        many = prior.sample(20_000, rng())
        first, second = prior(many)[0, 0].softmax(0), prior(many[many[:, 0] == 3])[0, 1].softmax(0)
        assert torch.allclose(torch.bincount(many[:, 0], minlength=9) / 20_000, first, atol=0.015)
        after = many[many[:, 0] == 3][:, 1]
        assert torch.allclose(torch.bincount(after, minlength=9) / len(after), second, atol=0.05)


def test_the_prior_moves_nothing_but_itself() -> None:
    model = small()
    batch = Batch(normal(4, 1, 8, 8), torch.zeros(4, 0), rng(), 1)
    model.prior_loss(model.words_loss(batch)[1]).backward()
    assert {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None} == {"prior"}


def test_codes_are_brought_to_the_nearest_words() -> None:
    model = small().eval()
    x = normal(3, 1, 8, 8).clamp(-1, 1)
    z = model.encode(x)
    assert z.shape == (3, model.latent_dim) and model.latent_dim == model.grid**2 * 4
    gap = torch.pdist(model.codebook.vectors.detach()).min() / 2
    shift = normal(*z.shape)
    near = z + shift / shift.view(3, -1, 4).norm(dim=2).max() * gap * 0.9
    assert torch.equal(model.decode(near), model.decode(z))
    assert torch.equal(model.encode(x).view(3, -1, 4)[1, 2], model.codebook(model.words(model.vectors(x)))[1, 2])


@pytest.mark.parametrize("codebook", ["ema", "loss"])
def test_it_learns_and_its_samples_lie_near_digits(codebook: str) -> None:
    x = torch.from_numpy(load_digits().images.astype(np.float32))[:, None] / 8 - 1
    model = small(codebook=codebook)
    groups = {name: torch.optim.Adam(list(group.parameters), 3e-3) for name, group in model.groups().items()}

    class Plain:
        def step(self, loss: torch.Tensor, group: str = "all") -> None:
            groups[group].zero_grad(set_to_none=True)
            loss.backward()
            groups[group].step()

    told = []
    for step in range(1, 401):
        rows = torch.randint(1500, (64,), generator=rng(step))
        metrics = model.train_step(Batch(x[rows], torch.zeros(64, 0), rng(step), step), Plain())
        told.append({name: value.item() for name, value in metrics.items()})
    assert told[-1]["recon"] < 0.12 and told[-1]["perplexity"] > 10
    assert told[-1]["prior"] < 0.8 * math.log(32)
    model.eval()
    with torch.inference_mode():
        drawn = model.sample(100, rng())
        random = model.paint(model.codebook(torch.randint(32, (100, model.grid**2), generator=rng())))
    away = [torch.cdist(images.flatten(1), x.flatten(1)).amin(1).mean().item() for images in (drawn, random)]
    assert away[0] < 0.75 * away[1], "words that follow each other, not any words"


def test_a_width_that_heads_cannot_share() -> None:
    with pytest.raises(UserError, match="prior_width should be a multiple of 4, got 30"):
        small(prior_width=30)
