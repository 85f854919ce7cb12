"""Recipes trained alike and measured side by side, and features learnt for a data set."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genexplorer.cli.commands.compare import _files
from genexplorer.engine import features
from genexplorer.engine.runs import Run, RunInfo


def recipe(path: Path, **model: object) -> Path:
    small = {"name": "vae", "network": "mlp", "hidden": 16, "latent_dim": 4, **model}
    train = {"name": "train", "steps": 4, "batch_size": 16}
    path.write_text(json.dumps({"format": 1, "model": small, "data": {"name": "digits"}, "train": train}))
    return path


def test_recipes_over_seeds(call: Callable[..., Any], tmp_path: Path) -> None:
    files = recipe(tmp_path / "narrow.json"), recipe(tmp_path / "wide.json", latent_dim=8)
    few = ("--seeds", 2, "--steps", 3, "--metrics", "reconstruction", "--accelerator", "cpu")
    code, out, err = call("compare", *files, *few)
    assert code == 0 and out.split()[:4] == ["measure", "narrow", "wide", "unit"] and "over 2 seeds" in err
    runs = {run.name: Run(run).info() for run in (tmp_path / "runs").iterdir()}
    assert sorted(runs) == ["narrow-seed0", "narrow-seed1", "wide-seed0", "wide-seed1"]
    assert [runs[f"wide-seed{i}"].train.seed for i in (0, 1)] == [0, 1] and runs["wide-seed0"].train.steps == 3
    code, out, _ = call("compare", *files, *few, "--json", "-")  # nothing is trained again
    told = json.loads(out)
    assert code == 0 and [len(seeds) for seeds in told.values()] == [2, 2]
    assert told["narrow"][0]["mse"] != told["narrow"][1]["mse"]
    code, _, err = call("compare", *files, *few, "--steps", 5)
    assert code == 2 and "with other settings" in err
    assert call("compare")[0] == 2 and call("compare", tmp_path / "none.json")[0] == 2


def test_the_comparison_that_ships_is_of_one_network_and_budget() -> None:
    infos = {path.stem: RunInfo.read(path) for path in _files(("wae",))}
    assert sorted(infos) == ["vae", "wae-gan", "wae-mmd"]
    network = [{key: getattr(info.model, key) for key in ("network", "width", "latent_dim")} for info in infos.values()]
    assert network[0] == network[1] == network[2]
    assert len({info.train.model_dump_json() for info in infos.values()}) == 1


def test_features_of_a_data_set(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(features, "_STEPS", 3)
    code, _, err = call("features", "digits", "--out", "net.safetensors")
    assert code == 0 and "Features of digits in net.safetensors" in err
    net = features.read_net(tmp_path / "net.safetensors")
    assert net.std.min() > 0
    assert call("features", "digits", "--out", "net.pt")[0] == 2 and call("features")[0] == 2
