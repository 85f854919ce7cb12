"""Files that were cut, flipped or forged end in a UserError or change nothing; never in anything else."""

import json
import pickle
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, DataSpec, Label
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS
from genexplorer.core.tensors import read_tensors, replace_file, write_tensors
from genexplorer.engine.runs import Run
from genexplorer.engine.train import train

SPEC = DataSpec((1, 8, 8), (Label("digit", "class", tuple("0123456789")),))
quick = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def sentence(text: str) -> bool:
    return text.rstrip().endswith(".") and "\n" not in text and len(text) < 600


def made(path: Path) -> tuple[bytes, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    recipe = MODELS["vae"].parse({"network": "mlp", "hidden": 8, "latent_dim": 2})
    model = recipe.build(SPEC)
    save_checkpoint(path, model, recipe, DATASETS["digits"].parse({}), SPEC, 7)
    return path.read_bytes(), model.state_dict()


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    _, weights = made(path)
    checkpoint = Checkpoint.open(path)
    assert (checkpoint.step, checkpoint.spec, checkpoint.recipe.name, checkpoint.dataset.name) == (
        7, SPEC, "vae", "digits",
    )  # fmt: skip
    model = checkpoint.model()
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    assert model is not checkpoint.model()
    assert not list(tmp_path.glob(".*"))


def outcome(path: Path, content: bytes, weights: dict[str, torch.Tensor]) -> str:
    """What opening gives; fails on another exception, on another model, and where the file was touched."""
    try:
        model = Checkpoint.open(path).model()
        read_tensors(path)
    except UserError as error:
        told = "told" if sentence(str(error)) else f"not a sentence: {error}"
    else:
        same = all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
        told = "equal" if same else "another model"
    assert path.read_bytes() == content, "the file was written to"
    return told


@quick
@given(data=st.data())
def test_cut_short(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.safetensors"
    whole, weights = made(path)
    content = whole[: data.draw(st.integers(0, len(whole) - 1))]
    path.write_bytes(content)
    assert outcome(path, content, weights) == "told"


@quick
@given(data=st.data())
def test_flipped_bits(tmp_path: Path, data: st.DataObject) -> None:
    """In the header as in the weights: each is found out, for the checksum covers both."""
    path = tmp_path / "a.safetensors"
    whole, weights = made(path)
    content = bytearray(whole)
    header = 8 + int.from_bytes(whole[:8], "little")
    where = data.draw(st.integers(0, header - 1) | st.integers(header, len(whole) - 1))
    content[where] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    told = outcome(path, bytes(content), weights)
    assert told == "told" or (told == "equal" and where < header)


@quick
@given(junk=st.binary(max_size=300))
def test_junk(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(junk)
    assert outcome(path, junk, {}) == "told"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(string.printable, max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=6), inner),
    max_leaves=6,
)


@settings(quick, max_examples=200)
@given(data=st.data())
def test_forged_headers(tmp_path: Path, data: st.DataObject) -> None:
    """The checksum is right, the header is not: any value at any place."""
    path = tmp_path / "a.safetensors"
    made(path)
    tensors, header = read_tensors(path)
    place: Any = header
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = data.draw(json_values)
    else:
        del place[key]
    write_tensors(path, tensors, header)
    content = path.read_bytes()
    # a default stands in for a missing setting, another beta fits the same weights: what counts is that they do fit
    assert outcome(path, content, tensors) in ("told", "equal")


def test_a_newer_format_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    made(path)
    tensors, header = read_tensors(path)
    write_tensors(path, tensors, header | {"format": 2})
    with pytest.raises(UserError, match="newer genexplorer; update"):
        Checkpoint.open(path)


@pytest.mark.parametrize("change", ["missing", "extra", "shape"])
def test_weights_that_do_not_fit(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.safetensors"
    made(path)
    tensors, header = read_tensors(path)
    name = next(iter(tensors))
    if change == "missing":
        del tensors[name]
    elif change == "extra":
        tensors["other"] = torch.zeros(2)
    else:
        tensors[name] = torch.zeros(3, 3)
    write_tensors(path, tensors, header)
    with pytest.raises(UserError, match="does not fit the vae"):
        Checkpoint.open(path).model()


class Trap:
    """Unpickled, it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("name", ["weights.pt", "weights.ckpt", "weights.safetensors"])
def test_a_pickle_is_never_run(tmp_path: Path, name: str) -> None:
    trap = tmp_path / "run"
    (tmp_path / name).write_bytes(pickle.dumps(Trap(trap)))
    with pytest.raises(UserError):
        Checkpoint.open(tmp_path / name)
    assert not trap.exists()
    pickle.loads((tmp_path / name).read_bytes())
    assert trap.exists(), "the trap itself must work"


def test_foreign_and_missing_files(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    for name, said in [
        ("foreign", "was not written by genexplorer"),
        ("gone", "There is no file"),
        ("folder", "is damaged"),
    ]:
        with pytest.raises(UserError, match=said):
            Checkpoint.open(tmp_path / f"{name}.safetensors")


def test_replacing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    replace_file(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"


@settings(quick, max_examples=200)
@given(data=st.data())
def test_forged_run_json(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    values: Any = {
        "format": 1, "version": "0.1.0", "model": {"name": "vae", "latent_dim": 4}, "data": {"name": "digits"},
        "train": {"name": "train", "steps": 3, "lr": 0.1},
    }  # fmt: skip
    place = values
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = data.draw(json_values)
    else:
        del place[key]
    run = Run(tmp_path_factory.mktemp("run"))
    text = json.dumps(values)
    (run.path / "run.json").write_text(text)
    try:
        info = run.info()
    except UserError as error:
        assert "\n" not in str(error)
        assert run.status() == "broken"
    else:
        assert info.model.name == "vae" and info.data.name == "digits" and info.train.steps >= 1
        assert run.status() == "stopped"
    assert (run.path / "run.json").read_text() == text and len(list(run.path.iterdir())) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"x"', "[" * 100_000, "\0", '{"format": 1}', "\ud800"])
def test_run_json_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UserError):
        Run(tmp_path).info()
    assert Run(tmp_path).status() == "broken"


@pytest.mark.parametrize("part", ["model", "data", "train"])
@pytest.mark.parametrize("value", [[[None, None]], [], "name", 3, None])
def test_recipes_that_are_none(part: str, value: object, new_run: Callable[..., Run]) -> None:
    run = new_run()
    values = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(values | {part: value}))
    with pytest.raises(UserError, match="is damaged"):
        run.info()


def test_names_are_names_not_paths(tmp_path: Path, new_run: Callable[..., Run]) -> None:
    run = new_run()
    values = json.loads((run.path / "run.json").read_text())
    for name in ("../x", "os", "__class__", "", "vae.VAE"):
        (run.path / "run.json").write_text(json.dumps(values | {"model": {"name": name}}))
        with pytest.raises(UserError, match="no model called"):
            run.info()


def test_a_newer_run_is_told_and_left_alone(new_run: Callable[..., Run]) -> None:
    run = new_run()
    path = run.path / "run.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    content = path.read_bytes()
    with pytest.raises(UserError, match="newer genexplorer; update"):
        list(train(Run(run.path)))
    assert path.read_bytes() == content and not run.resume_path.exists()


@settings(quick, max_examples=40)
@given(tail=st.binary(max_size=60))
def test_metrics_with_a_torn_tail(tmp_path: Path, tail: bytes) -> None:
    run = Run(tmp_path)
    rows = [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25}]
    run.metrics_path.write_bytes("".join(json.dumps(row) + "\n" for row in rows).encode() + tail)
    read = run.metrics()
    assert read[:2] == rows and all(isinstance(row["step"], int) for row in read)


@settings(quick, max_examples=25)
@given(cut=st.booleans(), place=st.integers(0, 10**9))
def test_a_damaged_resume_file_is_told_and_kept(new_run: Callable[..., Run], cut: bool, place: int) -> None:
    """Resuming from it neither trains on rubbish nor begins anew over the run."""
    run = new_run(model={"hidden": 8, "latent_dim": 2}, steps=1, batch_size=4)
    list(train(run))
    whole = run.resume_path.read_bytes()
    content = bytearray(whole)
    if cut:
        del content[place % len(whole) :]
    else:
        tensors = 8 + int.from_bytes(whole[:8], "little")
        content[tensors + place % (len(whole) - tensors)] ^= 255
    run.resume_path.write_bytes(content)
    metrics = run.metrics_path.read_bytes()
    with pytest.raises(UserError) as caught:
        list(train(run))
    assert sentence(str(caught.value))
    assert run.resume_path.read_bytes() == bytes(content) and run.metrics_path.read_bytes() == metrics


def test_a_damaged_newest_checkpoint_is_passed_over(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=10)
    list(train(run))
    newest = run.checkpoints()[-1]
    newest.write_bytes(newest.read_bytes()[:-10])
    assert run.checkpoint().step == 5
