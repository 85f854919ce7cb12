"""What is asked of a run that is there: list, sample, evaluate, info."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from genexplorer import __version__
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.metric import METRICS
from genexplorer.core.model import MODELS
from genexplorer.engine import probe
from genexplorer.engine.query import examples_of
from genexplorer.engine.runs import Run


def test_lists(call: Callable[..., Any], trained: str) -> None:
    code, out, _ = call("list", "--json", "-")
    row = {"name": "tiny", "model": "vae", "data": "digits", "step": 4, "status": "finished"}
    assert code == 0 and json.loads(out) == [row]
    code, out, _ = call("list", "runs")
    assert code == 0 and "tiny" in out and "finished" in out
    code, out, _ = call("list", "models", "--json", "-")
    assert code == 0 and [row["name"] for row in json.loads(out)] == list(MODELS)
    code, out, _ = call("list", "datasets", "--json", "-")
    assert code == 0 and "digits" in [row["name"] for row in json.loads(out)]


def test_an_empty_home(call: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = call("list")
    assert code == 0 and out.startswith("No runs yet")
    code, out, _ = call("info")
    assert code == 0 and __version__ in out and str(tmp_path) in out and "torch" in out


def test_sample(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    code, out, err = call("sample", trained, "--num", 9, "--out", "grid.png")
    assert code == 0 and out == "" and "9 images in grid.png" in err
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.size == (24, 24) and grid.mode == "L"
    assert call("sample", trained, "--num", 9, "--seed", 0, "--out", "again.png")[0] == 0
    assert call("sample", trained, "--num", 9, "--seed", 1, "--out", "other.png")[0] == 0
    same, again, other = ((tmp_path / f"{name}.png").read_bytes() for name in ("grid", "again", "other"))
    assert same == again != other


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--num", "0"), "--num should be 1 to 65536, got 0."),
        (("--out", "no/such/grid.png"), "There is no folder no/such to write grid.png to; make it first."),
        (("--out", "grid.jpg"), "--out should name a PNG, as grid.png, got grid.jpg."),
        (("--out", "folder.png"), "folder.png is a folder; name a file in it."),
        (("--sampler", "ddim"), "A vae has no sampler"),
        (("--sample-steps", "0"), "--sample-steps should be 1 to 1000, got 0."),
        (("--cfg-scale", "-1"), "--cfg-scale should be 0 to 100, got -1."),
        (("--label", "digit=3"), "not trained on labels"),
    ],
)
def test_sample_mistakes(call: Callable[..., Any], trained: str, arguments: tuple[str, ...], sentence: str) -> None:
    Path("folder.png").mkdir()
    code, _, err = call("sample", trained, *arguments)
    assert code == 2 and sentence in err


def test_a_diffusion_model_is_sampled_as_it_is_asked(call: Callable[..., Any], tmp_path: Path) -> None:
    settings = ("--model.width", 8, "--model.condition", "digit", "--train.steps", 2, "--train.preview-every", 2)
    assert call("train", "ddpm", "digits", *settings, "--run", "tiny-ddpm")[0] == 0
    written = {}
    for name, more in {
        "usual": (),
        "sampler": ("--sampler", "dpmpp", "--sample-steps", 4),
        "three": ("--label", "digit=3"),
        "3": ("--label", "3"),
        "stressed": ("--label", "3", "--cfg-scale", 6),
    }.items():
        code, _, err = call("sample", "tiny-ddpm", "--num", 4, "--out", f"{name}.png", *more)
        assert code == 0, err
        written[name] = (tmp_path / f"{name}.png").read_bytes()
    assert written["three"] == written["3"] and len(set(written.values())) == 4
    code, _, err = call("sample", "tiny-ddpm", "--label", "digit=12")
    assert code == 2 and "digit should be one of" in err


def test_a_pickle_is_refused(call: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(b"anything")
    code, _, err = call("sample", "weights.pt")
    assert code == 2 and "never loaded" in err


@pytest.mark.parametrize("command", ["sample", "evaluate"])
def test_weights_with_a_flipped_bit(call: Callable[..., Any], trained: str, tmp_path: Path, command: str) -> None:
    """Found when they are read; the list, which reads the header alone, shows the run as ever."""
    file = tmp_path / "runs" / trained / "checkpoints" / "00000004.safetensors"
    content = bytearray(file.read_bytes())
    content[-10] ^= 4
    file.write_bytes(content)
    code, out, err = call(command, trained)
    assert (code, out) == (2, "") and err.endswith("does not match its checksum; use an older checkpoint.")
    assert call("list")[0] == 0


def test_evaluate(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    """A run's newest checkpoint, or one named by its file: the same numbers."""
    few = ("--metrics", "elbo", "reconstruction", "frechet", "--images", 200)
    code, out, _ = call("evaluate", trained, *few, "--json", "-")
    values = json.loads(out)["tiny"]
    assert code == 0 and values["elbo"].keys() == {"value", "unit", "error", "low", "high"}
    assert values["mse"]["value"] > 0 and values["frechet"]["low"] < values["frechet"]["value"]
    checkpoint = tmp_path / "runs" / "tiny" / "checkpoints" / "00000004.safetensors"
    kept = checkpoint.with_name("evaluation-00000004.json")
    kept.unlink()
    code, _, _ = call("evaluate", checkpoint, *few, "--json", "numbers.json")
    assert code == 0 and json.loads((tmp_path / "numbers.json").read_text()) == {str(checkpoint): values}
    code, out, _ = call("evaluate", trained, *few)
    rows = {row.split()[0]: row for row in out.splitlines()}
    assert code == 0 and "±" in rows["elbo"] and "nats per image" in rows["elbo"] and "dB" in rows["psnr"]


def test_runs_side_by_side_and_what_is_known_is_not_measured_again(
    call: Callable[..., Any], trained: str, tiny: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("train", "vae", "digits", *tiny, "--train.seed", 1, "--run", "other")[0] == 0
    code, out, _ = call("evaluate", trained, "other", "--metrics", "reconstruction")
    assert code == 0 and out.split()[:4] == ["measure", "tiny", "other", "unit"]
    (row,) = (line.split() for line in out.splitlines() if line.split()[0] == "mse")
    assert row[1] != row[4] and row[2] == "±"
    with monkeypatch.context() as patched:
        patched.setattr(METRICS["reconstruction"], "measure", lambda *_: pytest.fail("measured again"))
        assert call("evaluate", trained, "other", "--metrics", "reconstruction")[1] == out
    assert call("train", "--resume", "other")[0] == 0
    code, _, err = call("evaluate", trained, "--metrics", "reconstruktion")
    assert code == 2 and "did you mean 'reconstruction'" in err
    assert call("evaluate")[0] == 2 and call("evaluate", trained, "--images", 1)[0] == 2


def test_directions_of_digits_draw_their_digit(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each class has a slider, which a probe that never saw the model says to be of that class."""
    monkeypatch.setattr(probe, "_STEPS", 300)
    small = ("--model.network", "mlp", "--model.hidden", 64, "--model.latent-dim", 8, "--model.sigma", 0.3)
    assert call("train", "vae", "digits", *small, "--train.steps", 500, "--run", "d")[0] == 0
    code, out, _ = call("directions", "d", "--json", "-")
    told = json.loads(out)
    assert code == 0 and len(told["attributes"]) == 10
    effect = np.array(told["effect"])
    assert (effect.argmax(1) == np.arange(10)).all()
    assert len(told["kept"]) == 10 and all(0 <= share < 1 for share in told["kept"])
    code, out, _ = call("directions", "d")
    assert code == 0 and told["attributes"][0] in out and "ratio" in out and "identity" in out
    assert call("list")[0] == 0  # what was written beside the checkpoint is not taken for one


def test_directions_need_labels(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for i in range(20):
        Image.new("L", (8, 8), i).save(folder / f"{i}.png")
    small = ("--data.path", folder, "--data.size", 8, "--model.network", "mlp", "--train.steps", 2)
    assert call("train", "vae", "folder", *small, "--run", "plain-run")[0] == 0
    code, _, err = call("directions", "plain-run")
    assert code == 2 and "named after labels" in err


def test_a_small_copy_opens_anywhere_and_draws_the_same(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    code, _, err = call("export", trained, "--out", "small")
    assert code == 0 and "small/model.safetensors" in err
    run = Run(tmp_path / "runs" / trained)
    whole, small = run.checkpoint(), Checkpoint.open(tmp_path / "small" / "model.safetensors")
    assert small.path.stat().st_size < 0.6 * whole.path.stat().st_size
    z = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(small.model().decode(z), whole.model().decode(z), atol=4e-3, rtol=0)  # type: ignore[operator]
    assert examples_of(small) is not None
    moved = tmp_path / "elsewhere"
    (tmp_path / "small").rename(moved)
    assert call("sample", moved / "model.safetensors", "--out", "grid.png")[0] == 0
    code, _, err = call("export", moved / "model.safetensors", "--out", moved)
    assert code == 2 and "choose another folder" in err


def test_a_recipe_file_trains_what_it_says(call: Callable[..., Any], trained: str, tmp_path: Path) -> None:
    recipe = tmp_path / "runs" / trained / "run.json"
    assert call("train", "--recipe", recipe, "--train.seed", 7, "--run", "again")[0] == 0
    first, again = json.loads(recipe.read_text()), json.loads((tmp_path / "runs" / "again" / "run.json").read_text())
    assert again["train"].pop("seed") == 7 and first["train"].pop("seed") == 0
    assert again == first
    code, _, err = call("train", "vae", "fashion", "--recipe", recipe)
    assert code == 2 and "leave MODEL and DATASET away" in err
    code, _, err = call("train", "--recipe", tmp_path / "none.json")
    assert code == 2 and "There is no file" in err
