"""Against scikit-learn's PCA, our own metric, and classes counted by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA as Oracle

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, Data, Images, Label, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress, drain
from genexplorer.core.metric import METRICS, Subject
from genexplorer.engine.query import answer
from genexplorer.engine.reconstruct import ByPCA, Reconstruct, Redrawn, amplified, by_class, psnr
from genexplorer.engine.runs import Run, RunStore
from genexplorer.engine.train import train
from genexplorer.statistics.pca import fit_pca


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    made = new_run(steps=60)
    list(train(made))
    return made


def digits() -> Data:
    return drain(DATASETS["digits"].parse({}).load(Path()))


def parts(checkpoint: Checkpoint, cache: Path, load: bool = False) -> dict[type, list[Any]]:
    found: dict[type, list[Any]] = {Progress: [], Redrawn: [], ByPCA: []}
    for part in answer(Reconstruct(checkpoint, cache, load)):
        found[type(part)].append(part)
    return found


def test_errors_are_those_of_the_metric_and_images_are_the_test_set(run: Run, store: RunStore) -> None:
    checkpoint, data = run.checkpoint(), digits()
    redrawn = parts(checkpoint, store.cache)[Redrawn]
    mse = np.concatenate([part.mse for part in redrawn])
    assert np.array_equal(
        np.concatenate([part.x for part in redrawn]), data.test.images.take(torch.arange(297)).numpy()
    )
    assert np.array_equal(np.concatenate([part.labels for part in redrawn]), data.test.labels.numpy())
    assert [part.start for part in redrawn] == [0, 256] and all(part.total == 297 and part.whole for part in redrawn)
    model = checkpoint.model()
    metric = drain(METRICS["reconstruction"]().measure(Subject(model, data, None)))  # type: ignore[arg-type]
    assert mse.mean() == pytest.approx(metric["mse"].value, rel=1e-6)
    assert psnr(float(mse.mean())) == pytest.approx(metric["psnr"].value, rel=1e-6)
    for part in redrawn:
        assert np.abs(part.y / 255.0 - part.x / 255.0).__pow__(2).mean((1, 2, 3)) == pytest.approx(part.mse, abs=2e-3)
        assert torch.equal(model.encode(to_float(torch.from_numpy(part.x))), torch.from_numpy(part.z))


def test_pca_is_scikit_learns(run: Run, store: RunStore) -> None:
    linear = parts(run.checkpoint(), store.cache)[ByPCA]
    data = digits()
    fitted, judged = (
        split.images.take(torch.arange(len(split))).flatten(1).numpy() / 255.0 for split in (data.train, data.test)
    )
    oracle = Oracle(4, svd_solver="full").fit(fitted)
    expected = oracle.inverse_transform(oracle.transform(judged)).clip(0, 1)
    assert linear[0].components == 4 and linear[0].fitted == 1500
    mse = np.concatenate([part.mse for part in linear])
    assert mse == pytest.approx(np.square(expected - judged).mean(1), rel=1e-3)
    drawn = np.concatenate([part.y for part in linear]).reshape(297, -1)
    assert np.abs(drawn / 255.0 - expected).max() < 0.004


@pytest.mark.parametrize(("count", "k"), [(40, 64), (9, 20), (700, 16), (2, 5)])
def test_pca_of_odd_sizes(count: int, k: int) -> None:
    """More components than images or pixels, and more images than one chunk, with a spectrum that falls slowly."""
    x = torch.randint(0, 256, (count, 1, 4, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    found = drain(fit_pca(Images(x), k))
    flat = to_float(x).flatten(1).numpy()
    oracle = Oracle(min(k, count, 32), svd_solver="full").fit(flat)
    captured = np.square((flat - flat.mean(0)) @ found.components.numpy().T).sum()
    best = oracle.explained_variance_.sum() * (count - 1)
    assert captured == pytest.approx(best, rel=0.01)
    identity = found.components @ found.components.T
    assert torch.allclose(identity, torch.eye(len(identity)), atol=1e-4)


def test_classes_are_counted_and_the_worst_stands_first() -> None:
    label = Label("digit", "class", ("zero", "one", "two"))
    column, mse = np.array([0, 2, 2, 0, 2], np.float32), np.array([0.1, 0.5, 0.3, 0.3, 0.4], np.float32)
    worst, best = by_class(label, column, mse, mse / 2)
    assert (worst.name, worst.count, best.name, best.count) == ("two", 3, "zero", 2)
    assert (worst.mse, best.mse, worst.pca) == pytest.approx((0.4, 0.2, 0.2))
    assert worst.error == pytest.approx(0.1 / np.sqrt(3), rel=1e-5)
    yes, no = by_class(Label("smile", "binary"), np.array([1.0, 0.0]), np.array([0.2, 0.1]), None)
    assert (yes.name, no.name, no.pca, no.error) == ("smile", "not smile", None, 0.0)


def test_differences_lie_around_grey() -> None:
    x, y = np.array([0, 100, 255, 10], np.uint8), np.array([255, 100, 0, 14], np.uint8)
    assert amplified(x, y, 1).tolist() == [255, 128, 0, 130]
    assert amplified(x, y, 8).tolist() == [255, 128, 0, 144]


def test_examples_suffice_and_the_data_is_loaded_when_asked(run: Run, store: RunStore, tmp_path: Path) -> None:
    """Trained on pictures that are not at hand here: the examples are shown, with their labels, and no PCA."""
    trained = run.checkpoint()
    away = Checkpoint(trained.path, trained.recipe, DATASETS["folder"].parse({"path": tmp_path / "x"}), trained.spec, 1)
    found = parts(away, store.cache)
    assert sum(len(part.x) for part in found[Redrawn]) == 256 and not found[ByPCA] and not found[Redrawn][0].whole
    assert np.array_equal(found[Redrawn][0].labels, digits().test.labels[:256].numpy())
    with pytest.raises(UserError, match="does not exist"):
        parts(away, store.cache, load=True)
    run.examples_path.unlink()
    with pytest.raises(UserError, match="press “Load the data”"):
        parts(away, store.cache)
    assert parts(trained, store.cache, load=True)[ByPCA]
