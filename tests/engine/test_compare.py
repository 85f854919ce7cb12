"""Runs side by side: what stands on the sheet, which value is the best, and what is kept is not measured again."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.checkpoint import save_checkpoint
from genexplorer.core.data import DATASETS, to_float, to_uint8
from genexplorer.core.events import drain
from genexplorer.core.metric import METRICS, Value
from genexplorer.core.model import MODELS
from genexplorer.core.registry import discover
from genexplorer.engine.alike import Choice, alike, name_of
from genexplorer.engine.compare import (
    Line,
    Told,
    draw_comparison,
    interval,
    measure_runs,
    recall,
    sheet_rows,
    table,
    told_of,
    write_table,
)

discover("genexplorer.metrics")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Choice]:
    def run(name: str, family: str = "vae", data: str = "digits", **settings: object) -> Choice:
        dataset = DATASETS[data].parse({})
        recipe = MODELS[family].parse({"latent_dim": 4, "width": 8, **settings})
        spec = drain(DATASETS["digits"].parse({}).load(tmp_path)).spec
        path = tmp_path / "runs" / name / "checkpoints" / "00000001.safetensors"
        path.parent.mkdir(parents=True)
        torch.manual_seed(len(name))
        return Choice(name, save_checkpoint(path, recipe.build(spec), recipe, dataset, spec, 1))

    return run


def test_all_runs_see_the_same_inputs(make: Callable[..., Choice], tmp_path: Path) -> None:
    runs = (make("a"), make("bb"), make("plain", "autoencoder"))
    rows = drain(draw_comparison(runs, tmp_path, 5, 3))
    inputs = [row.x for row in rows]
    assert all(x is not None and np.array_equal(x, inputs[0]) for x in inputs)
    for run, row in zip(runs, rows, strict=True):
        model = run.checkpoint.model()
        with torch.no_grad():
            y = to_uint8(model.decode(model.encode(to_float(torch.from_numpy(row.x)))))  # type: ignore[operator]
        assert np.array_equal(row.y, y.numpy())
    samples = rows[0].samples
    assert samples is not None and samples.shape == (5, 1, 8, 8) and rows[0].near is not None
    assert rows[2].samples is None and rows[2].blocks()[2].note == "draws none itself"
    train = drain(runs[0].checkpoint.dataset.load(tmp_path)).train.images
    every = train.take(torch.arange(len(train))).numpy().astype(float)
    apart = np.sqrt(np.square((every[None] - samples[:, None]) / 255).mean((2, 3, 4)))
    assert np.allclose(rows[0].near.distance, apart.min(1), atol=1e-5)
    sheet = sheet_rows(runs, rows)
    assert [row.name.split(":")[0] for row in sheet] == ["a", "bb", "plain"] and len(sheet[0].blocks) == 4


@pytest.mark.parametrize(
    ("metric", "measure", "values", "best"),
    [
        ("frechet", "frechet", [(3, 2, 4), (6, 5, 7), (9, 8, 10)], 0),  # less is better
        ("frechet", "frechet", [(3, 2, 5.1), (6, 5, 7), (9, 8, 10)], None),  # intervals overlap
        ("frechet", "frechet", [(3, 2, 4), (3.5, 0, 7), (9, 8, 10)], None),
        ("frechet", "frechet_of_training", [(3, 2, 4), (6, 5, 7), (9, 8, 10)], None),  # not the model's
        ("neighbours", "recall", [(0.3, 0.2, 0.4), (0.6, 0.5, 0.7), (0.1, 0, 0.2)], 1),  # more is better
        ("neighbours", "recall", [(0.3, 0.2, 0.4), None, None], None),  # of one there is no best
        ("reconstruction", "psnr", [(20, None, None), (30, None, None), None], None),  # no interval, no certainty
    ],
)
def test_the_best_is_marked_where_it_is_certain(
    make: Callable[..., Choice],
    metric: str,
    measure: str,
    values: list[tuple[float, float | None, float | None] | None],
    best: int | None,
) -> None:
    runs = [make("a"), make("bb"), make("ccc")]
    told = [
        Told(place, metric, {measure: Value(each[0], "unit", None, each[1], each[2])})
        for place, each in enumerate(values)
        if each is not None
    ]
    (row,) = table(runs, told)
    assert row.best == best and [value is None for value in row.values] == [each is None for each in values]
    others = [*runs[:2], make("other", data="shapes")]  # other test images: nothing to compare
    assert table(others, told)[0].best is None


def test_every_measure_that_has_a_better_end_is_one_that_its_metric_gives() -> None:
    for name in METRICS:
        assert not set(METRICS[name].less) & set(METRICS[name].more)
    assert METRICS["elbo"].more == ("elbo",) and METRICS["probe"].more[2] == "probe_10_labels"


def test_numbers_for_a_person() -> None:
    assert told_of(Value(23.2951, "", None, 21.5804, 25.0098)) == "23.3 ± 1.7"
    assert told_of(Value(0.195, "", None, 0.154, 0.244)) == "0.195 (0.154 to 0.244)"
    assert told_of(Value(0.02039, "", 0.000443)) == "0.02039 ± 0.00087"
    assert told_of(Value(23.8911, "dB")) == "23.89" and told_of(None) == "–"
    assert interval(Value(1, "", 0.5)) == pytest.approx((0.02, 1.98), abs=1e-3)


def test_what_is_known_is_told_without_measuring(
    make: Callable[..., Choice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make("a")
    assert list(recall(run, 0, tmp_path, 200)) == []
    told = [each for each in measure_runs([run], tmp_path, ("reconstruction", "elbo"), 200) if isinstance(each, Told)]
    monkeypatch.setattr(METRICS["reconstruction"], "measure", lambda *_: pytest.fail("measured again"))
    known = list(recall(run, 0, tmp_path, 200))
    assert sorted(each.metric for each in known) == ["elbo", "reconstruction"] == sorted(each.metric for each in told)
    assert {each.metric: each.values for each in known} == {each.metric: each.values for each in told}
    assert list(recall(run, 0, tmp_path, 100)) == []  # by other images, other numbers


def test_a_table_as_csv(tmp_path: Path) -> None:
    lines = [
        Line("frechet", "frechet", "own features²", (Value(3, "", None, 2, 4), Value(6, "", None, 5, 7)), 0),
        Line("psnr", "reconstruction", "dB", (Value(20, ""), None), None),
    ]
    write_table(tmp_path / "t.csv", ["one", "the, other"], lines)
    rows = list(csv.reader((tmp_path / "t.csv").open(encoding="utf-8")))
    assert rows[0] == [
        *("measure", "unit", "one", "one low", "one high"),
        *("the, other", "the, other low", "the, other high", "best"),
    ]
    assert rows[1] == ["frechet", "own features²", "3", "2", "4", "6", "5", "7", "one"]
    assert rows[2] == ["psnr", "dB", "20", "", "", "", "", "", ""]


def test_runs_alike_have_images_of_one_shape(tmp_path: Path) -> None:
    found = alike(tmp_path, (1, 8, 8))
    assert [choice.name for choice in found] == ["digits"] and name_of(found[0].checkpoint) == "digits"
    assert "step" in found[0].about and "digits" not in [choice.name for choice in alike(tmp_path, (3, 64, 64))]
