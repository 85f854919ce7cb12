"""Sheets of samples: which codes they are of, what D says of them, and the weights behind them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Model
from genexplorer.core.tensors import read_tensors
from genexplorer.engine.keepsake import read_state
from genexplorer.engine.query import answer
from genexplorer.engine.raw import raw_model, raw_path
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.seed_files import Picked, write_numbers, write_pictures, write_sheet_of
from genexplorer.engine.seeds import DrawSeeds, Judged, Sheet, Sown, codes, directions, paint, scores
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import train

TINY = {"network": "mlp", "hidden": 16, "depth": 2, "latent_dim": 6}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    store, made = RunStore(tmp_path_factory.mktemp("home")), {}
    for name, extra in (("plain", {}), ("told", {"condition": ("digit",)})):
        settings = TrainRecipe.parse({"steps": 12, "batch_size": 32, "save_every": 6, "log_every": 3, "lr": 1e-2})
        info = RunInfo(MODELS["gan"].parse(TINY | extra), DATASETS["digits"].parse({}), settings)
        made[name] = store.create(info, name)
        list(train(made[name]))
    return made


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def seeded(model: Model, seed: int) -> torch.Tensor:
    return model.draw(1, torch.Generator().manual_seed(seed))


def test_a_cell_is_what_the_model_samples_by_its_seed(runs: dict[str, Run]) -> None:
    model = runs["plain"].checkpoint().model()
    x = paint(model, codes(model, Sheet(first=5, rows=2, columns=3)))
    for n in range(6):
        assert torch.equal(
            torch.from_numpy(x[n : n + 1]), to_uint8(model.sample(1, torch.Generator().manual_seed(5 + n)))
        )


def test_with_psi_0_all_are_one_image_and_conditions_stay(runs: dict[str, Run]) -> None:
    plain, told = (runs[name].checkpoint().model() for name in ("plain", "told"))
    x = paint(plain, codes(plain, Sheet(rows=4, columns=4, psi=0.0)))
    assert (x == x[0]).all()
    full, none = codes(told, Sheet(rows=4, columns=4)), codes(told, Sheet(rows=4, columns=4, psi=0.0))
    assert (none[:, :6] == 0).all() and torch.equal(none[:, 6:], full[:, 6:])
    assert torch.allclose(codes(told, Sheet(psi=0.7))[:, :6], 0.7 * codes(told, Sheet())[:, :6])


def test_between_two_seeds_lies_their_arc(runs: dict[str, Run]) -> None:
    model = runs["plain"].checkpoint().model()
    a, b = seeded(model, 3)[0].double().numpy(), seeded(model, 4)[0].double().numpy()
    found = codes(model, Sheet(first=3.25, rows=1, columns=1))[0].double().numpy()
    angle = np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert found == pytest.approx((np.sin(0.75 * angle) * a + np.sin(0.25 * angle) * b) / np.sin(angle), abs=1e-5)
    assert torch.equal(codes(model, Sheet(first=3, rows=1, columns=1)), seeded(model, 3))


def test_pulling_goes_along_two_orthonormal_directions(runs: dict[str, Run]) -> None:
    model = runs["told"].checkpoint().model()
    u = directions(6, 2)
    assert torch.allclose(u @ u.T, torch.eye(2), atol=1e-6)
    moved = codes(model, Sheet(pull=(1.5, -2.0), directions=2)) - codes(model, Sheet())
    assert torch.allclose(moved[:, :6], (1.5 * u[0] - 2 * u[1]).expand(64, -1), atol=1e-5)
    assert (moved[:, 6:] == 0).all()
    assert (directions(1, 0)[1] == 0).all()


def test_one_column_for_each_class_draws_a_row_of_one_seed(runs: dict[str, Run]) -> None:
    model = runs["told"].checkpoint().model()
    sheet = Sheet(first=2, rows=3, columns=10, given=(0.0,), by=0)
    z = codes(model, sheet).view(3, 10, -1)
    assert (z[:, :, :6] == z[:, :1, :6]).all() and sheet.seeds.tolist() == [2.0] * 10 + [3.0] * 10 + [4.0] * 10
    expected = model.labels.write(torch.arange(10.0)[:, None])
    assert torch.equal(z[0, :, 6:], expected)
    x = paint(model, z.flatten(0, 1))
    found = scores(model, sheet, x).reshape(3, 10)
    for digit in range(10):
        images = to_float(torch.from_numpy(x.reshape(3, 10, 1, 8, 8)[:, digit]))
        assert found[:, digit] == pytest.approx(model.score(images, expected[digit].expand(3, -1)).numpy(), abs=1e-5)


def test_the_scores_are_what_d_says_of_what_is_shown(runs: dict[str, Run]) -> None:
    checkpoint = runs["plain"].checkpoint()
    sown, judged, end = list(answer(DrawSeeds(checkpoint, Sheet(rows=3, columns=3))))
    assert isinstance(sown, Sown) and isinstance(judged, Judged) and end is None
    d = checkpoint.model().discriminate(to_float(torch.from_numpy(sown.x)))
    assert judged.scores == pytest.approx(d.numpy(), abs=1e-5)
    assert len(list(answer(DrawSeeds(checkpoint, Sheet(), judged=False)))) == 1


def test_raw_weights_are_those_that_training_goes_on_with(runs: dict[str, Run]) -> None:
    run = runs["plain"]
    checkpoint = run.checkpoint()
    kept = read_tensors(run.resume_path)[0]
    raw = raw_model(checkpoint)
    for name, weight in raw.state_dict().items():
        assert torch.equal(weight, kept[f"model.{name}"])
    averaged = checkpoint.model().state_dict()
    assert any(not torch.equal(weight, averaged[name]) for name, weight in raw.state_dict().items())
    sown = next(answer(DrawSeeds(checkpoint, Sheet(rows=1, columns=2), raw=True)))
    assert np.array_equal(sown.raw, paint(raw, torch.from_numpy(sown.z))) and not np.array_equal(sown.raw, sown.x)


def test_raw_weights_of_another_step_are_not_offered(runs: dict[str, Run], tmp_path: Path) -> None:
    older = Checkpoint.open(runs["plain"].checkpoints()[0])
    assert raw_path(older) is None and raw_path(runs["plain"].checkpoint()) == runs["plain"].resume_path
    with pytest.raises(UserError, match="of its last save alone"):
        raw_model(older)
    sown = next(answer(DrawSeeds(older, Sheet(rows=1, columns=1), raw=True)))
    assert sown.raw is None and "step 6" in sown.trouble and len(sown.x) == 1


@pytest.mark.parametrize("kind", ["sheet", "pictures", "numbers"])
def test_files_hold_what_was_picked(runs: dict[str, Run], tmp_path: Path, kind: str) -> None:
    checkpoint = runs["plain"].checkpoint()
    sown = next(answer(DrawSeeds(checkpoint, Sheet(first=7, rows=2, columns=2))))
    picked = Picked(sown.sheet.seeds, sown.z, sown.x, np.arange(4.0)).at(np.array([2, 0, 3]))
    if kind == "sheet":
        list(write_sheet_of(tmp_path / "a.png", picked, 2, 3))
        page = np.asarray(Image.open(tmp_path / "a.png"))
        assert page.shape == (2 * 25 - 1, 2 * 25 - 1)
        assert np.array_equal(page[:24:3, 25::3], sown.x[0, 0]) and (page[25:, 25:] == 255).all()
    elif kind == "pictures":
        list(write_pictures(tmp_path, checkpoint, picked))
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "seed-000007.png",
            "seed-000009.png",
            "seed-000010.png",
        ]
        kept = read_state(tmp_path / "seed-000009.png")
        assert kept is not None and kept.seed == 9 and np.array_equal(kept.z, sown.z[2])
    else:
        list(write_numbers(tmp_path / "a.npz", picked))
        with np.load(tmp_path / "a.npz") as file:
            assert file["seeds"].tolist() == [9, 7, 10] and np.array_equal(file["z"], sown.z[[2, 0, 3]])
            assert np.array_equal(file["images"], sown.x[[2, 0, 3]]) and file["scores"].tolist() == [2, 0, 3]
