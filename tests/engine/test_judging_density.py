"""How probable images are: beside the metric, a closed form, and the definitions."""

import math
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, Data, DataSpec, Images, Split, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.core.metric import METRICS, Subject
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.density import Drawn, Judge, Judged, Numbered, Opened, bits_per_dim
from genexplorer.engine.others import LookForOthers, Other, adapted, fitted, take
from genexplorer.engine.query import answer
from genexplorer.engine.runs import RunStore
from genexplorer.engine.survey import Apart, Scored, Survey
from genexplorer.networks.likelihoods import Gaussian

SPEC = DataSpec((1, 8, 8))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    torch.manual_seed(0)
    recipe, dataset = MODELS["vae"].parse({"latent_dim": 4, "width": 8}), DATASETS["digits"].parse({})
    (tmp_path / "run").mkdir()
    return save_checkpoint(tmp_path / "run" / "x.safetensors", recipe.build(SPEC), recipe, dataset, SPEC, 1)


def judged(checkpoint: Checkpoint, *sources: object, draws: int = 200, seed: int = 0) -> list[Judged]:
    return list(answer(Judge(checkpoint, checkpoint.path.parent, sources, draws, seed)))


@pytest.mark.filterwarnings("ignore:std")  # of one image there is no spread
def test_the_metric_says_the_same_of_the_same_image(checkpoint: Checkpoint) -> None:
    *_, last = judged(checkpoint, Numbered(5), draws=300, seed=7)
    x = torch.from_numpy(last.images[0])[None]
    split = Split(Images(x), torch.zeros(1, 0))
    subject = Subject(checkpoint.model(), Data(SPEC, split, split), None, seed=7, draws=300)  # type: ignore[arg-type]
    with torch.no_grad():
        told = drain(METRICS["likelihood"]().measure(subject))
    density = last.densities[0]
    assert density.best.draws == 300
    assert density.best.value == pytest.approx(told["log_px"].value, abs=1e-9)
    assert density.best.error == pytest.approx(told["log_px_sampling"].value, rel=1e-6)
    assert density.effective == pytest.approx(told["log_px_effective_draws"].value, rel=1e-6)
    assert density.bits(density.best.value) == pytest.approx(told["log_px_bits_per_dim"].value)
    assert bits_per_dim(-64 * math.log(2), 64) == pytest.approx(1)


class Linear(Model):
    """x = W z + b + sigma eps of (1, 4, 4): log p(x) = log N(x; b, W Wᵀ + sigma² I); q is 1.3 times too wide."""

    latent_dim, sigma = 3, 0.3

    def __init__(self) -> None:
        super().__init__()
        rng = torch.Generator().manual_seed(0)
        self.w = torch.linalg.qr(torch.randn(16, 3, generator=rng)).Q * torch.tensor([1.0, 0.6, 0.3])
        self.b, self.likelihood = torch.randn(16, generator=rng) * 0.1, Gaussian(self.sigma, learned=False)
        self.decoder = nn.Sequential(nn.Linear(3, 16), nn.Unflatten(1, (1, 4, 4)))
        self.decoder[0].weight.data, self.decoder[0].bias.data = self.w, self.b

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        precision = 1 + self.w.square().sum(0) / self.sigma**2
        mu = (x.flatten(1) - self.b) @ self.w / self.sigma**2 / precision
        return mu, (1.3**2 / precision).log().expand_as(mu)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        raise AssertionError("draws are weighed, the model's own bound is not asked for")

    def exact(self, x: np.ndarray) -> float:
        law = torch.distributions.MultivariateNormal(self.b, self.w @ self.w.T + self.sigma**2 * torch.eye(16))
        return float(law.log_prob(to_float(torch.from_numpy(x)).flatten()))


def linear(*sources: object, draws: int = 5000, seed: int = 0) -> list[Judged]:
    spec = DataSpec((1, 4, 4))
    at = Checkpoint(Path("none/x"), MODELS["vae"].parse({}), DATASETS["digits"].parse({}), spec, 0)
    with torch.no_grad():
        return list(Judge(at, Path("none"), sources, draws, seed).answer(Linear()))


def test_log_p_of_a_linear_vae_is_the_closed_form_within_its_told_error() -> None:
    rng = np.random.default_rng(0)
    off = []
    for n in range(30):
        *_, last = linear(*(Drawn(rng.standard_normal(3).astype(np.float32)) for _ in "12"), draws=1000, seed=n)
        exact = [Linear().exact(image) for image in last.images]
        off += [(d.best.value - e) / d.best.error for d, e in zip(last.densities, exact, strict=True)]
        assert last.gap.value == pytest.approx(exact[0] - exact[1], abs=1e-3)  # here the draws' noise is all shared
        assert abs(last.densities[0].best.value - exact[0]) < 5 * last.densities[0].best.error < 0.25
    assert abs(np.mean(off)) < 0.5 and 0.7 < np.std(off) < 1.4
    *_, fine = linear(Drawn(np.zeros(3, np.float32)))
    assert fine.densities[0].best.value == pytest.approx(Linear().exact(fine.images[0]), abs=0.03)


def test_it_sharpens_as_draws_come_in_and_its_parts_add_up() -> None:
    first, *parts = linear(Drawn(np.ones(3, np.float32)))
    assert first.densities == () and first.images[0].shape == (1, 4, 4)
    draws = [each.densities[0].draws for each in parts]
    assert draws == sorted(draws) and len(draws) > 10 and draws[-1] == 5000
    errors = [each.densities[0].best.error for each in parts]
    assert errors[-1] < 0.3 * errors[0]
    last = parts[-1].densities[0]
    assert last.elbo.value == pytest.approx(last.explained.value - last.kl.value)
    assert last.elbo.value == pytest.approx(last.bounds[0].value) and last.at(1) == last.elbo
    assert last.elbo.value < last.at(16).value < last.best.value and last.at(16).draws == 16


def test_an_image_is_as_likely_as_itself(checkpoint: Checkpoint) -> None:
    *_, last = judged(checkpoint, Numbered(0), Numbered(297))
    assert last.places == (0, 0) and last.count == 297
    assert last.gap.value == pytest.approx(0, abs=1e-9) and last.gap.error == pytest.approx(0, abs=1e-9)


def test_where_labels_are_part_of_the_code_the_elbo_is_all_that_is_told(tmp_path: Path) -> None:
    spec = drain(DATASETS["digits"].parse({}).load(tmp_path)).spec
    recipe = MODELS["vae"].parse({"latent_dim": 4, "width": 8, "condition": ("digit",)})
    at = save_checkpoint(tmp_path / "y.safetensors", recipe.build(spec), recipe, DATASETS["digits"].parse({}), spec, 1)
    *_, last = judged(at, Numbered(0), Numbered(1), draws=100)
    density = last.densities[0]
    assert density.bounds == () and density.best == density.elbo and density.draws == 100
    assert last.gap.value == pytest.approx(density.elbo.value - last.densities[1].elbo.value)


def test_what_cannot_be_judged_says_so(checkpoint: Checkpoint, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(UserError, match="cannot be read"):
        judged(checkpoint, Opened(broken))
    with pytest.raises(UserError, match="no density"):
        next(Judge(checkpoint, tmp_path, (Numbered(0),), 1, 0).answer(Model()))
    Image.new("RGB", (20, 30), "red").save(own := tmp_path / "own.png")
    assert judged(checkpoint, Opened(own), draws=1)[-1].images[0].shape == (1, 8, 8)


class Counted(Model):
    """The darker an image, the likelier."""

    asked: ClassVar[int] = 0

    def elbo(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        Counted.asked += len(x)
        return {"elbo": -x.flatten(1).mean(1)}


def test_scores_are_kept_and_the_others_told_apart(checkpoint: Checkpoint, tmp_path: Path) -> None:
    noise = Other("Noise", "noise")
    Counted.asked = 0
    parts = list(Survey(checkpoint, tmp_path, 1, noise).answer(Counted()))
    assert Counted.asked == 297 + 500
    scored = [part for part in parts if isinstance(part, Scored)]
    own, other = (next(each for each in scored if each.complete and each.other is which) for which in (False, True))
    assert np.allclose(own.nats, -(own.images.reshape(297, -1) / 127.5 - 1).mean(1), atol=1e-5)
    assert not scored[0].complete and len(scored) > 10
    *_, apart = parts
    assert isinstance(apart, Apart)
    truth = np.repeat([1, 0], [297, 500])
    assert apart.auroc.value == pytest.approx(roc_auc_score(truth, np.concatenate([own.nats, other.nats])))
    assert apart.auroc.low <= apart.auroc.value <= apart.auroc.high
    assert apart.higher == pytest.approx(other.nats.mean() - own.nats.mean(), abs=1e-5)
    again = list(Survey(checkpoint, tmp_path, 1, noise).answer(Counted()))
    assert Counted.asked == 297 + 500 and again[-1] == apart
    list(Survey(checkpoint, tmp_path, 16).answer(Counted()))
    assert Counted.asked == 2 * 297 + 500
    for file in (tmp_path / "density").iterdir():
        file.write_bytes(b"torn")
    assert len(list(Survey(checkpoint, tmp_path).answer(Counted()))) > 2


def test_others_are_those_that_are_at_hand(checkpoint: Checkpoint, tmp_path: Path) -> None:
    found = next(answer(LookForOthers(checkpoint, RunStore(tmp_path))))
    titles = [other.title for other in found]
    assert titles[:3] == ["Uniform noise", "Flat colours", "Its training images"]
    assert "Shapes" in titles and "Handwritten digits" not in titles
    for other in found:
        images = take(other, checkpoint, tmp_path)
        assert images.dtype == torch.uint8 and images.shape[1:] == SPEC.shape and 50 <= len(images) <= 500, other.title
    flat = take(found[1], checkpoint, tmp_path)
    assert (flat == flat[:, :, :1, :1]).all() and len(flat.unique()) > 100


def test_other_sets_come_as_their_settings_allow_and_the_rest_is_scaled() -> None:
    shapes = adapted(DATASETS["shapes"].parse({}), (3, 64, 64))
    assert shapes.size == 64 and shapes.colour
    assert adapted(DATASETS["faces"].parse({}), (1, 8, 8)).size == 16
    assert adapted(DATASETS["digits"].parse({}), (3, 64, 64)) == DATASETS["digits"].parse({})
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (2, 3, 6, 6), dtype=np.uint8)
    grey = np.stack([np.asarray(Image.fromarray(each.transpose(1, 2, 0)).convert("L")) for each in colour])
    assert np.abs(fitted(torch.from_numpy(colour), (1, 6, 6))[:, 0].numpy().astype(int) - grey).max() <= 1
    assert fitted(torch.from_numpy(grey[:, None]), (3, 12, 12)).shape == (2, 3, 12, 12)
    flat = torch.full((1, 1, 28, 28), 77, dtype=torch.uint8)
    assert (fitted(flat, (3, 8, 8)) == 77).all()
