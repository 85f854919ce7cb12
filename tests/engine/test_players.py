"""What D says, what it knows, and what G leaves out, each against what is known beforehand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from sklearn.svm import LinearSVC
from torch import Tensor

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, Data, to_float, to_uint8
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS, Model
from genexplorer.engine.players import (
    Both,
    Game,
    MeasurePlayers,
    Modes,
    Read,
    ReadGame,
    ScoreBoth,
    Spread,
    kind_of,
    logits,
    modes_of,
    read_off,
    spread_of,
)
from genexplorer.engine.query import answer
from genexplorer.engine.runs import Run
from genexplorer.statistics.linear_probe import Rows
from genexplorer.statistics.linear_svm import svm_accuracy


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return drain(DATASETS["digits"].parse({}).load(tmp_path_factory.mktemp("cache")))


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture
def checkpoint(tmp_path: Path, data: Data) -> Checkpoint:
    recipe = MODELS["gan"].parse({"hidden": 16, "depth": 2, "latent_dim": 6})
    folder = tmp_path / "run" / "checkpoints"
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    model = recipe.build(data.spec)
    return save_checkpoint(folder / "00000009.safetensors", model, recipe, DATASETS["digits"].parse({}), data.spec, 9)


class Lights(Model):
    """D's features are the pixels of the upper half."""

    def discriminate(self, x: Tensor) -> Tensor:
        return x.mean((1, 2, 3))

    def features(self, x: Tensor) -> Tensor:
        return x[:, :, :4].flatten(1)


def test_the_svm_is_scikit_learns_on_the_same_features(data: Data) -> None:
    found = drain(read_off(Lights(), data, 0))
    assert isinstance(found, Read) and found.size == 32 and found.images == 297
    x, y = (
        to_float(split.images.take(torch.arange(len(split))))[:, :, :4].flatten(1).numpy()
        for split in (data.train, data.test)
    )
    kinds, truth = (split.labels[:, 0].numpy() for split in (data.train, data.test))
    mean, scale = x.mean(0), np.sqrt(np.square(x - x.mean(0)).mean())
    ours = [
        LinearSVC(C=c, max_iter=5000, random_state=0).fit((x - mean) / scale, kinds).score((y - mean) / scale, truth)
        for c in (0.01, 0.1, 1.0)
    ]
    assert min(abs(found.features.value - each) for each in ours) < 0.004, "one image of 297"
    assert found.features.value < found.pixels.value > 0.85, "half of a digit says less than the whole"
    assert found.pca.low < found.pixels.value


def test_the_svm_tells_what_is_apart_and_nothing_of_noise() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 3, 400).astype(float)
    far = np.eye(3)[kinds.astype(int)] * 9 + rng.normal(size=(400, 3))
    assert svm_accuracy(Rows.of(far[:300], far[300:]), kinds[:300], kinds[300:]).value > 0.97
    noise = rng.normal(size=(400, 3))
    assert svm_accuracy(Rows.of(noise[:300], noise[300:]), kinds[:300], kinds[300:]).high < 0.55


def test_samples_that_are_one_image_have_no_spread(data: Data) -> None:
    real = data.test.images.take(torch.arange(50))
    found = spread_of(real[:1].expand(50, -1, -1, -1), real)
    assert found.samples == 0
    x = real.double().flatten(1) / 255
    pairs = [float((a - b).square().mean().sqrt()) for n, a in enumerate(x) for b in x[:n]]
    assert found.real == pytest.approx(np.mean(pairs), rel=1e-5)


def test_a_planted_collapse_shows_in_the_modes(data: Data) -> None:
    def net(x: Tensor) -> Tensor:
        return x.flatten(1)

    kinds = data.train.labels[:, 0]
    few = data.train.images.take(torch.nonzero((kinds == 3) | (kinds == 7))[:200, 0])
    found = drain(modes_of(net, few, data, 0))
    assert isinstance(found, Modes) and found.right > 0.9
    assert [found.classes[k] for k in np.flatnonzero(found.covered)] == ["3", "7"] and found.coverage == 0.2
    whole = drain(modes_of(net, data.test.images.take(torch.arange(len(data.test))), data, 0))
    assert whole.coverage == 1 and whole.samples == pytest.approx(whole.data, abs=0.06)


def test_the_right_answers_are_the_area_under_the_roc_curve() -> None:
    rng = np.random.default_rng(1)
    real, fake = rng.normal(1, 1, 200), rng.normal(0, 2, 150)
    expected = roc_auc_score(np.r_[np.ones(200), np.zeros(150)], np.r_[real, fake])
    assert Both(real, fake).right == pytest.approx(expected)


def test_both_are_d_of_test_images_and_of_samples(checkpoint: Checkpoint, tmp_path: Path, data: Data) -> None:
    (found,) = answer(ScoreBoth(checkpoint, tmp_path))
    model = checkpoint.model()
    assert found.real == pytest.approx(logits(model, data.test.images.take(torch.arange(297))), abs=1e-5)
    rng = torch.Generator().manual_seed(0)
    fake = torch.cat([to_uint8(model.sample(n, rng)) for n in (64, 64, 64, 64, 41)])
    assert found.fake == pytest.approx(model.discriminate(to_float(fake)).numpy(), abs=1e-5)


def test_a_game_is_put_together_with_its_spread(checkpoint: Checkpoint) -> None:
    run = Run(checkpoint.path.parents[1])
    for step in range(1, 1001):
        run.append(run.metrics_path, {"step": step, "real": step % 2, "real_std": 2.0, "accuracy": 0.5})
    (game,) = answer(ReadGame(checkpoint))
    assert isinstance(game, Game)
    steps, means, spread = game.curve("real", "real_std", 100)
    assert len(steps) == 100 and steps[-1] == 1000
    assert means == pytest.approx(np.full(100, 0.5)) and spread == pytest.approx(np.full(100, 4.25**0.5))
    assert len(game.curve("accuracy")[0]) == 240 and len(game.curve("unheard of")[0]) == 0


def test_all_of_it_is_measured_of_a_model(checkpoint: Checkpoint, tmp_path: Path) -> None:
    found = [type(part) for part in answer(MeasurePlayers(checkpoint, tmp_path))]
    assert [kind for kind in found if kind in (Spread, Read, Modes)] == [Spread, Read, Modes] and found[-1] is type(
        None
    )


def test_which_label_says_the_kind(data: Data) -> None:
    assert kind_of(data.spec.labels, data.train.labels) == 0
    assert kind_of((), torch.zeros(3, 0)) is None
