"""What samples are drawn from, on a linear model whose codes are known, held to scikit-learn and to closed forms."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.mixture import GaussianMixture

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec, Images, Label, to_float
from genexplorer.core.events import Progress, drain
from genexplorer.core.model import MODELS, Model
from genexplorer.core.registry import discover
from genexplorer.core.tensors import write_tensors
from genexplorer.engine.code_laws import RealCodes
from genexplorer.engine.nearest import Neighbours
from genexplorer.engine.query import answer
from genexplorer.engine.sampling import Drawn, DrawSamples, FindNearest, MeasureSamples, Side, sources_of
from genexplorer.engine.sheet import Block, SheetRow, draw_sheet, write_figure

discover("genexplorer.metrics")


class Linear(Model):
    """A code is the mean of the image's left and right half, times 10."""

    latent_dim = 2

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return 10 * torch.stack([x[..., :4].mean((1, 2, 3)), x[..., 4:].mean((1, 2, 3))], 1)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return (z / 10).repeat_interleave(4, 1)[:, None, None].expand(-1, 1, 8, 8).clamp(-1, 1)


@pytest.fixture(scope="module")
def images() -> Images:
    """Two clouds: dark left with light right, and the other way round."""
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, 600)
    halves = np.where(side[:, None] == [[0, 1]], 200, 60) + rng.normal(0, 8, (600, 2))
    x = np.repeat(halves, 4, 1)[:, None, None].repeat(8, 2)
    return Images(torch.from_numpy(x.clip(0, 255).astype(np.uint8)))


def learnt(images: Images) -> RealCodes:
    real = RealCodes(Linear(), images)
    drain(real.learn())
    return real


def finished(work: Generator[Any, None, Any]) -> Any:
    with torch.no_grad():
        return drain(work)


def test_the_gaussian_has_the_mean_and_covariance_of_the_codes(images: Images) -> None:
    real = learnt(images)
    codes = Linear().encode(to_float(images.take(torch.arange(600))))
    assert torch.allclose(real.codes, codes)
    z = real.gaussian(40_000, torch.Generator().manual_seed(0))
    assert torch.allclose(z.mean(0), codes.mean(0), atol=0.1)
    assert np.allclose(np.cov(z.T.numpy()), np.cov(codes.T.numpy()), rtol=0.03, atol=0.3)


def test_the_mixture_is_the_one_that_scikit_learn_fits(images: Images) -> None:
    """The two clouds are anticorrelated: one Gaussian puts half its codes between them, the mixture none."""
    real = learnt(images)
    law = finished(real.mixture(2))
    z, rng = law(20_000, torch.Generator().manual_seed(0)).numpy(), torch.Generator().manual_seed(1)
    oracle = GaussianMixture(2, random_state=0).fit(real.codes.numpy())
    assert oracle.score(z) == pytest.approx(oracle.score(real.codes.numpy()), abs=0.05)
    between = np.abs(z[:, 0] - z[:, 1]) < 4
    assert between.mean() < 0.001
    one = real.gaussian(20_000, rng).numpy()
    assert (np.abs(one[:, 0] - one[:, 1]) < 4).mean() > 0.2
    assert finished(real.mixture(2)) is not None and len(real._mixtures) == 1  # fitted once
    with pytest.raises(Exception, match="as many real images"):
        finished(real.mixture(601))


def test_a_mixture_that_is_left_goes_on_where_it_was(images: Images) -> None:
    left, whole = learnt(images), learnt(images)
    work = left.mixture(5)
    next(work)
    work.close()
    laws = finished(left.mixture(5)), finished(whole.mixture(5))
    assert torch.equal(*(law(50, torch.Generator().manual_seed(0)) for law in laws))


def test_one_percent_of_real_codes_lies_outside(images: Images) -> None:
    real = learnt(images)
    assert 0.002 < float(real.outside(real.codes).double().mean()) < 0.03
    assert real.outside(torch.tensor([[30.0, 30.0], [0.0, 0.0]])).tolist() == [True, False]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    """An autoencoder, a VAE and a conditional one, untrained, with examples beside them."""
    folder = tmp_path_factory.mktemp("models")
    data = DATASETS["digits"].parse({})
    spec = DataSpec((1, 8, 8), (Label("digit", "class", tuple("0123456789")),))
    made = {}
    for name, family, more in (
        ("ae", "autoencoder", {}),
        ("vae", "vae", {}),
        ("cvae", "vae", {"condition": ("digit",)}),
    ):
        recipe = MODELS[family].parse({"network": "mlp" if family == "vae" else "conv", "latent_dim": 4, **more})
        path = folder / name / "checkpoints" / "00000001.safetensors"
        path.parent.mkdir(parents=True)
        torch.manual_seed(0)
        made[name] = save_checkpoint(path, recipe.build(spec), recipe, data, spec, 1)
        x = torch.randint(0, 255, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
        write_tensors(folder / name / "examples.safetensors", {"images": x}, {})
    return made


def drawn(sides: tuple[Side, ...], cache: Path, num: int = 4, seed: int = 0) -> dict[int, Drawn]:
    parts = list(answer(DrawSamples(sides[0].checkpoint, cache, sides, num, seed)))
    assert parts[-1] is None
    return {part.place: part for part in parts if isinstance(part, Drawn)}


def test_an_image_depends_on_its_seed_alone(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    vae = checkpoints["vae"]
    sides = tuple(Side(vae, source) for source in sources_of(vae))
    many, later = drawn(sides, tmp_path, 6, 10), drawn(sides, tmp_path, 2, 13)
    assert len(sides) == 5
    for place, side in enumerate(sides):
        x, again = many[place].x, later[place].x
        assert x is not None and again is not None and x.shape == (6, 1, 8, 8), side
        assert np.array_equal(x[3:5], again), side
    model, prior = many[0], many[1]
    assert np.array_equal(model.x, prior.x)  # a VAE's own samples are those of N(0, I)
    assert prior.share is not None and prior.z is not None and model.z is not None and model.z.shape == prior.z.shape


def test_an_autoencoder_says_why_it_has_no_samples(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    ae, vae = checkpoints["ae"], checkpoints["vae"]
    assert sources_of(ae) == ("prior", "gaussian", "mixture", "images")
    found = drawn((Side(ae, "model"), Side(vae, "model"), Side(ae, "mixture", 10_000)), tmp_path)
    assert found[0].x is None and "nothing in its training says where codes lie" in found[0].trouble
    assert found[1].x is not None
    assert found[2].x is None and "10000 clusters need as many" in found[2].trouble


def test_a_condition_is_in_the_last_numbers_of_the_code(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    cvae = checkpoints["cvae"]
    assert [label.name for label in cvae.conditions] == ["digit"]
    sides = tuple(Side(cvae, source, given=(y,)) for source, y in (("prior", 3.0), ("prior", 7.0), ("model", 3.0)))
    found = drawn(sides, tmp_path)
    three, seven = found[0].z, found[1].z
    assert three is not None and seven is not None and three.shape == (4, 14)
    assert np.array_equal(three[:, :4], seven[:, :4])
    assert three[0, 4:].argmax() == 3 and seven[0, 4:].argmax() == 7
    assert np.array_equal(found[2].x, found[0].x)


def test_the_nearest_image_of_a_training_image_is_itself(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    vae = checkpoints["vae"]
    data = drain(vae.dataset.load(tmp_path))
    x = data.train.images.take(torch.tensor([5, 700])).numpy()
    sides = (Side(vae, "prior"), Side(vae, "model"))
    parts = [part for part in answer(FindNearest(vae, tmp_path, sides, (None, x))) if not isinstance(part, Progress)]
    (place, found), end = parts
    assert place == 1 and end is None and isinstance(found, Neighbours)
    assert np.array_equal(found.x, x) and found.distance == pytest.approx([0, 0], abs=1e-6)
    assert found.training and found.compared == 1500 and 0.05 < found.real < 0.3


def test_real_codes_of_a_good_model_are_nearer_than_the_prior(tmp_path: Path) -> None:
    """A linear autoencoder of all 64 pixels redraws exactly: its real codes give what training images would."""
    data = DATASETS["digits"].parse({})
    spec = drain(data.load(tmp_path)).spec
    recipe = MODELS["autoencoder"].parse({"network": "deep", "layers": (), "latent_dim": 64})
    model = recipe.build(spec)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.eye(64) if parameter.shape == (64, 64) else torch.zeros_like(parameter))
    path = tmp_path / "run" / "checkpoints" / "00000001.safetensors"
    path.parent.mkdir(parents=True)
    checkpoint = save_checkpoint(path, model, recipe, data, spec, 1)
    sides = tuple(Side(checkpoint, source) for source in ("images", "mixture", "gaussian", "prior"))
    parts = answer(MeasureSamples(checkpoint, tmp_path, sides, 800))
    found = dict(part for part in parts if isinstance(part, tuple))
    images, mixture, gaussian, prior = (found[side] for side in sides)
    assert images.value < 5 and images.high < gaussian.low and gaussian.high < prior.low
    assert images.value < mixture.value < gaussian.value


def test_a_sheet_has_its_images_whole(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 255, (4, 3, 16, 16), np.uint8)
    rows = [SheetRow("a name that is far too long for any sheet " * 9, (Block("Input", x), Block("None", None, "why")))]
    page = draw_sheet(rows)
    write_figure(tmp_path / "sheet.png", rows)
    with Image.open(tmp_path / "sheet.png") as file:
        assert np.array_equal(np.asarray(file).transpose(2, 0, 1), page)
    enlarged = x[0].repeat(4, 1).repeat(4, 2)
    places = [
        (top, left)
        for top in range(page.shape[1] - 64)
        for left in (24,)
        if np.array_equal(page[:, top : top + 64, left : left + 64], enlarged)
    ]
    assert len(places) == 1
