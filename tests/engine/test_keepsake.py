"""A saved picture gives back its code bit by bit; a forged, cut or flipped one is told in a sentence or ignored."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from PIL import Image, PngImagePlugin

from genexplorer.core.errors import UserError
from genexplorer.engine.explore import decode
from genexplorer.engine.keepsake import KEY, Keepsake, keepsake, read_state, write_picture
from genexplorer.engine.runs import Run
from genexplorer.engine.train import train

DIGEST = "0123456789abcdef" * 4
quick = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def pixels(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (channels, 9, 7), np.uint8)


def kept(**values: Any) -> Keepsake:
    return Keepsake(**({"z": np.array([0.1, -2.5], np.float32), "digest": DIGEST} | values))


@quick
@given(
    z=nps.arrays(np.float32, st.integers(1, 300), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)),
    seed=st.none() | st.integers(0, 2**63),
    channels=st.sampled_from([1, 3]),
)
def test_round_trip_is_exact(tmp_path: Path, z: np.ndarray, seed: int | None, channels: int) -> None:
    path = tmp_path / "a.png"
    write_picture(path, pixels(channels), kept(z=z, seed=seed, run="vae-digits-1", step=7, model="vae", data="digits"))
    found = read_state(path)
    assert found is not None and found.z.tobytes() == z.tobytes() and found.z.dtype == np.float32
    assert (found.seed, found.digest, found.run, found.step) == (seed, DIGEST, "vae-digits-1", 7)
    with Image.open(path) as file:
        read = np.asarray(file)
    assert np.array_equal(read if channels == 1 else read.transpose(2, 0, 1), pixels(channels).squeeze())


def test_what_is_restored_draws_the_same_picture(tmp_path: Path, new_run: Callable[..., Run]) -> None:
    run = new_run(steps=5)
    list(train(run))
    checkpoint = run.checkpoint()
    z = np.random.default_rng(3).standard_normal(4).astype(np.float32)
    drawn = decode(checkpoint.model(), z[None])[0]
    write_picture(tmp_path / "a.png", drawn, keepsake(checkpoint, z, seed=3))
    found = read_state(tmp_path / "a.png")
    assert found is not None and found.digest == checkpoint.digest
    assert found.whose == f"{run.name} at step 5" and (found.model, found.data) == ("vae", "digits")
    assert np.array_equal(decode(checkpoint.model(), found.z[None])[0], drawn)


def test_ordinary_pictures_carry_nothing(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", pixels(), None)
    Image.fromarray(pixels()[0]).save(tmp_path / "a.jpg")
    (tmp_path / "b.png").write_bytes(b"not a picture")
    for name in ("a.png", "a.jpg", "b.png", "gone.png"):
        assert read_state(tmp_path / name) is None


def told(path: Path) -> str:
    """What reading gives: "none", "read", or "told" in one sentence; anything else is an error."""
    try:
        found = read_state(path)
    except UserError as error:
        text = str(error)
        assert text.endswith(".") and "\n" not in text and len(text) < 300
        return "told"
    if found is None:
        return "none"
    assert found.z.ndim == 1 and found.z.dtype == np.float32 and np.isfinite(found.z).all() and len(found.digest) == 64
    return "read"


@quick
@given(data=st.data())
def test_cut_and_flipped_files(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.png"
    write_picture(path, pixels(), kept())
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    if told(path) == "read":
        found = read_state(path)
        assert found is not None and found.z.tolist() == kept().z.tolist(), "the chunk's checksum lets nothing through"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(quick, max_examples=300)
@given(data=st.data())
def test_forged_chunks(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.png"
    write_picture(path, pixels(), kept())
    with Image.open(path) as file:
        values = json.loads(file.text[KEY])  # type: ignore[attr-defined]
    key = data.draw(st.sampled_from(sorted(values)))
    if data.draw(st.booleans()):
        values[key] = data.draw(json_values)
    else:
        del values[key]
    carrying(path, json.dumps(values))
    assert told(path) in ("told", "read")


def carrying(path: Path, text: str, zipped: bool = False) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt(KEY, text, zip=zipped)
    Image.fromarray(pixels()[0]).save(path, pnginfo=notes)


@settings(quick, max_examples=100)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_any_text_at_all(tmp_path: Path, text: str) -> None:
    carrying(tmp_path / "a.png", text)
    assert told(tmp_path / "a.png") == "told"


@pytest.mark.parametrize(
    "z",
    [
        base64.b64encode(np.array([np.nan], np.float32)).decode(),
        base64.b64encode(np.array([np.inf], np.float32)).decode(),
        base64.b64encode(b"abc").decode(),
        base64.b64encode(bytes(4 * 65_537)).decode(),
        "",
        "é",
        "AAAAAA",
    ],
)
def test_codes_that_are_none(tmp_path: Path, z: str) -> None:
    values = {"format": 1, "z": z, "digest": DIGEST, "model": "", "data": "", "run": "", "step": 0, "seed": None}
    carrying(tmp_path / "a.png", json.dumps(values | {"version": "1"}))
    assert told(tmp_path / "a.png") == "told"


def test_hostile_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    carrying(path, "[" * 200_000)
    assert told(path) == "told"
    carrying(path, " " * (100 << 20), zipped=True)  # a bomb: 100 MB out of 100 kB
    assert told(path) in ("none", "told") and path.stat().st_size < 1 << 20
    carrying(path, "x" * (3 << 20))
    assert told(path) in ("none", "told")
    values = {"format": 2, "z": "AAAAAA==", "digest": DIGEST}
    carrying(path, json.dumps(values))
    assert told(path) == "told"
    bad = b"genexplorer\0\1\0\0\0" + zlib.compress(b"x")[:-3]
    whole = path.read_bytes()
    chunk = len(bad).to_bytes(4, "big") + b"iTXt" + bad + zlib.crc32(b"iTXt" + bad).to_bytes(4, "big")
    path.write_bytes(whole[:33] + chunk + whole[33:])
    assert told(path) in ("none", "told")
