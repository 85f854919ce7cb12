"""What is told of a code that is the factors themselves, and that the panel's numbers are `evaluate`'s."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import planted
import pytest

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.events import Progress, drain
from genexplorer.core.metric import METRICS
from genexplorer.engine.evaluate import Asked, evaluate
from genexplorer.engine.query import answer
from genexplorer.engine.representation import AgainstPCA, Disentangled, Knowledge, Missing, Represent
from genexplorer.engine.runs import Run
from genexplorer.engine.train import train


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    with planted.registered():
        yield


def ask(checkpoint: Checkpoint, cache: Path, load: bool = False) -> dict[type, Any]:
    return {type(each): each for each in answer(Represent(checkpoint, cache, load))}


def test_codes_that_are_the_factors_know_them_each_in_one_number(tmp_path: Path) -> None:
    found = ask(planted.planted_run(tmp_path).checkpoint(), tmp_path)
    knowledge, apart, pca = found[Knowledge], found[Disentangled], found[AgainstPCA]
    assert apart.values["mig"].value == pytest.approx(1, abs=1e-9)
    assert apart.information.argmax(1).tolist() == apart.importance.argmax(1).tolist() == list(planted.AT)
    assert all(
        apart.values[f"dci_{name}"].value > 0.98 for name in ("disentanglement", "completeness", "informativeness")
    )
    assert apart.sap[2:] == pytest.approx(1, abs=0.01) and apart.sap[1] == pytest.approx(0.5, abs=0.05)  # chance is ½
    assert knowledge.labels == tuple(label.name for label in planted.LABELS)
    assert knowledge.number.tolist() == [False, False, True, True]
    assert knowledge.chance == pytest.approx([0.25, 0.5, 0, 0])
    assert knowledge.told[0, 1:, 0] == pytest.approx(1, abs=0.01) and knowledge.told[0, 0, 0] > 0.95
    assert (np.diff(knowledge.told[..., [1, 0, 2]]) >= 0).all()  # the interval lies around
    assert knowledge.alone.argmax(1).tolist() == list(planted.AT)
    others = np.delete(knowledge.alone[2], planted.AT[2])
    assert knowledge.alone[2, planted.AT[2]] == pytest.approx(1, abs=0.01) and (others < 0.05).all()
    assert knowledge.counts.tolist() == [10, 100, 1000] and knowledge.draws.shape == (3, 3, 5)
    assert 0.5 < knowledge.draws[0, 0].mean() < 0.9 and knowledge.draws[0, 1:].mean() == pytest.approx(1)
    # four columns vary, and three components lack one of them
    assert pca.dim == 5 and pca.components.tolist()[-1] >= 5 and (np.diff(pca.error) <= 1e-9).all()
    assert pca.own < 1e-4 and pca.error[list(pca.components).index(3)] > 10 * pca.own


def test_the_numbers_are_those_that_evaluate_says(new_run: Callable[..., Run], tmp_path: Path) -> None:
    """Whoever asks first; and asked again nothing is measured anew."""
    names = ("probe", "disentanglement", "reconstruction_pca")
    first, second = (planted.planted_run(tmp_path, name).checkpoint() for name in ("one", "two"))
    said = drain(evaluate(first, tmp_path, Asked(names)))
    panel, other = ask(first, tmp_path), ask(second, tmp_path)
    assert Progress not in panel and Progress in other
    for found in (panel, other):
        assert found[Knowledge].values | found[Disentangled].values | found[AgainstPCA].values == said
    assert drain(evaluate(second, tmp_path, Asked(names))) == said
    knowledge = panel[Knowledge]
    assert np.mean(knowledge.told[0, :2, 0]) == pytest.approx(said["probe_accuracy"].value, abs=1e-12)
    assert knowledge.draws[1, 0].mean() == pytest.approx(said["probe_10_labels_pca"].value, abs=1e-12)
    assert knowledge.mean(2)[1] == ("R²", said["probe_r2_pixels"])
    assert panel[Disentangled].mig.mean() == pytest.approx(said["mig"].value, abs=1e-12)
    pca = panel[AgainstPCA]
    assert pca.error[list(pca.components).index(5)] == pytest.approx(said["mse_of_pca"].value, rel=1e-6)
    assert pca.own / said["mse_of_pca"].value == pytest.approx(said["mse_to_pca"].value, rel=1e-4)


def test_without_labels_only_redrawing_is_told(tmp_path: Path) -> None:
    found = ask(planted.planted_run(tmp_path, labelled=False).checkpoint(), tmp_path)
    assert AgainstPCA in found and Knowledge not in found and Disentangled not in found


def test_one_label_is_probed_and_not_disentangled(new_run: Callable[..., Run], tmp_path: Path) -> None:
    run = new_run(steps=5)
    list(train(run))
    found = ask(run.checkpoint(), tmp_path)
    assert found[Knowledge].labels == ("digit",) and Disentangled not in found
    assert found[Knowledge].told[2, 0, 0] > 0.85  # pixels tell digits apart


def test_images_that_are_not_at_hand_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = planted.planted_run(tmp_path).checkpoint()
    monkeypatch.setattr("genexplorer.engine.representation.at_hand", lambda *_: None)
    assert set(ask(checkpoint, tmp_path)) == {Progress, Missing}
    monkeypatch.undo()
    assert Missing not in ask(checkpoint, tmp_path, load=True)
    monkeypatch.setattr("genexplorer.engine.representation.at_hand", lambda *_: None)
    assert set(ask(checkpoint, tmp_path)) == {Knowledge, Disentangled, AgainstPCA}  # no image is wanted any more


def test_cancelled_midway_keeps_what_was_said(tmp_path: Path) -> None:
    checkpoint = planted.planted_run(tmp_path).checkpoint()
    work = answer(Represent(checkpoint, tmp_path))
    assert any(isinstance(each, Knowledge) for each in work)  # stops there
    work.close()
    kept = json.loads(checkpoint.path.with_name(f"evaluation-{checkpoint.path.stem}.json").read_text())
    assert [each["asked"]["metric"] for each in kept["answers"]] == ["probe"]
    assert all(METRICS[name] for name in ("disentanglement", "reconstruction_pca"))


def test_how_many_components_stand_in_for_a_code() -> None:
    counts, error = np.array([1.0, 10, 100]), np.array([0.1, 0.01, 0.001])
    found = AgainstPCA(counts, error, 0 * error, 4, 0.001 * 10**0.5, 0.0, {})
    assert found.equal == pytest.approx(10**1.5)
    assert AgainstPCA(counts, error, 0 * error, 4, 0.0005, 0.0, {}).equal is None
