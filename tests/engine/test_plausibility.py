"""A linear model whose answers are known: decode(z) = z / 4 as pixels, encode the way back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.covariance import LedoitWolf

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DataSpec, Images, to_float
from genexplorer.core.model import MODELS, Model
from genexplorer.core.tensors import write_tensors
from genexplorer.engine.at_hand import at_hand, fetch, test_images
from genexplorer.engine.plausibility import Plausibility, Plausible, closest
from genexplorer.engine.runs import RunStore
from genexplorer.engine.train import train

SPEC = DataSpec((1, 8, 8))


class Linear(Model):
    latent_dim = 64

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return (z / 4).clamp(-1, 1).reshape(-1, 1, 8, 8)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return 4 * x.flatten(1)


def told(checkpoint: Checkpoint, z: np.ndarray, cache: Path, model: Model) -> list[Plausible]:
    with torch.no_grad():
        return [part for part in Plausibility(checkpoint, z, cache).answer(model) if part is not None]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Iterator[Checkpoint]:
    """Beside it 400 examples; its data set is not at hand."""
    path = tmp_path / "run" / "checkpoints" / "00000001.safetensors"
    path.parent.mkdir(parents=True)
    path.touch()
    images = torch.randint(64, 192, (400, 1, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    write_tensors(path.parents[1] / "examples.safetensors", {"images": images}, {})
    data = DATASETS["folder"].parse({"path": tmp_path / "nowhere"})
    yield Checkpoint(path, MODELS["vae"].parse({"latent_dim": 64}), data, SPEC, 1)


def examples(checkpoint: Checkpoint, cache: Path) -> torch.Tensor:
    shown = test_images(checkpoint, cache)
    assert shown is not None and shown.train is None
    return to_float(shown.images.take(torch.arange(len(shown))))


def test_ranks_are_those_of_the_real_codes(checkpoint: Checkpoint, tmp_path: Path) -> None:
    x = examples(checkpoint, tmp_path)
    codes = 4 * x.flatten(1).double().numpy()
    norms = np.linalg.norm(codes, axis=1)
    for i, scale in ((0, 1.0), (7, 1.1), (9, 3.0)):
        z = (codes[i] * scale).astype(np.float32)
        parts = told(checkpoint, z, tmp_path, Linear())
        last = parts[-1]
        assert last["norm"].value == pytest.approx(np.linalg.norm(z), rel=1e-5)
        assert last["norm"].rank == pytest.approx(100 * np.mean(norms <= np.linalg.norm(z.astype(np.float64)) + 1e-9))
        assert last.reals == 400 and last.compared == 0 and len(parts) == 3 and "code" not in parts[0]
    assert last.verdict == "Implausible"


def test_what_cannot_be_drawn_is_what_encoding_again_changes(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Linear clips at ±1, which is ±4 in the code: what lies beyond is lost, and exactly that is measured."""
    z = np.zeros(64, np.float32)
    z[:3] = 1, 5, -7
    last = told(checkpoint, z, tmp_path, Linear())[-1]
    assert last["code"].value == pytest.approx(np.hypot(1, 3), rel=1e-5) and last["code"].rank == 100
    assert last["image"].value == pytest.approx(0, abs=1e-6)


def test_the_nearest_image_is_the_one_that_scipy_finds(checkpoint: Checkpoint, tmp_path: Path) -> None:
    x = examples(checkpoint, tmp_path)
    z = (4 * x[123].flatten() + 0.02).numpy()
    last = told(checkpoint, z, tmp_path, Linear())[-1]
    assert last.nearest is not None and last.nearest.index == 123
    assert last.nearest.distance == pytest.approx(0.02 / 4 / 2, rel=1e-3)
    assert last["nearest"].rank == 0, "real images are further from each other: their own selves do not count"
    flat = x.flatten(1).numpy()
    query = torch.rand(5, 1, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1
    images = Images(x.add(1).mul(127.5).round().to(torch.uint8))
    work = closest(images, query)
    while True:
        try:
            next(work)
        except StopIteration as end:
            index, distance = end.value
            break
    expected = cdist(query.flatten(1).numpy(), flat)
    assert index.tolist() == expected.argmin(1).tolist()
    assert distance.numpy() == pytest.approx(expected.min(1) / 2 / 8, rel=1e-5)


def test_mahalanobis_knows_directions_in_which_nothing_varies(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Of two codes of equal length, the one along a direction that no real image takes is further."""

    class Flat(Linear):
        def encode(self, x: torch.Tensor) -> torch.Tensor:
            z = 4 * x.flatten(1)
            z[:, 32:] = 0
            return z

    along, across = np.zeros(64, np.float32), np.zeros(64, np.float32)
    along[0] = across[40] = 2
    seen, unseen = (told(checkpoint, z, tmp_path, Flat())[-1]["mahalanobis"] for z in (along, across))
    assert unseen.value > 2 * seen.value
    half = Flat().encode(examples(checkpoint, tmp_path))[:200].double().numpy()
    oracle = LedoitWolf().fit(half).mahalanobis(np.stack([along, across]))
    assert [seen.value**2, unseen.value**2] == pytest.approx(oracle.tolist(), rel=1e-4)


def test_without_examples_the_prior_stands_in(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (checkpoint.path.parents[1] / "examples.safetensors").unlink()
    last = told(checkpoint, np.full(64, 1.0, np.float32), tmp_path, Linear())[-1]
    assert last.reals == 0 and last.nearest is None and "nearest" not in last
    assert 30 < last["norm"].rank < 75  # the median of chi with 64 degrees of freedom is 7.96, this one's length is 8


def test_a_newer_question_may_interrupt_and_nothing_is_done_twice(checkpoint: Checkpoint, tmp_path: Path) -> None:
    asked = []

    class Counting(Linear):
        def encode(self, x: torch.Tensor) -> torch.Tensor:
            asked.append(len(x))
            return super().encode(x)

    model, query = Counting(), Plausibility(checkpoint, np.zeros(64, np.float32), tmp_path)
    work = query.answer(model)
    for _ in range(9):
        next(work)
    work.close()
    done = sum(asked)
    asked.clear()
    told(checkpoint, query.z, tmp_path, model)
    assert done >= 400 and sum(asked) < 140


def test_data_at_hand_is_used_and_other_data_is_fetched_only_when_asked(new_run, store: RunStore) -> None:
    run = new_run(steps=2)
    list(train(run))
    checkpoint = run.checkpoint()
    data = at_hand(checkpoint, store.cache)
    assert data is not None and len(data.train) == 1500
    drawn = Checkpoint(
        checkpoint.path, checkpoint.recipe, DATASETS["shapes"].parse({"size": 16, "num": 16}), DataSpec((1, 16, 16)), 2
    )
    assert at_hand(drawn, store.cache) is None
    list(fetch(drawn, store.cache))
    found = at_hand(drawn, store.cache)
    assert found is not None and len(found.train) == 16
