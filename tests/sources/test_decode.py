"""Decoding against Pillow and known colours; each kind of broken or odd file is made here."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from genexplorer.sources.decode import Unreadable, decode, decode_all

RNG = np.random.default_rng(0)


def picture(width: int = 60, height: int = 40) -> Image.Image:
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([x * 255 / width, y * 255 / height, (x + y) % 64 * 4], -1)
    return Image.fromarray(pixels.astype(np.uint8))


def save(path: Path, im: Image.Image, **how: object) -> Path:
    im.save(path, **how)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp", "gif", "jpg", "ppm"])
def test_every_kind_as_pillow_reads_it(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a.{suffix}", picture(32, 32), **({"lossless": True} if suffix == "webp" else {}))
    with Image.open(path) as im:
        oracle = np.asarray(im.convert("RGB")).transpose(2, 0, 1)
    got = decode(path, 32, "crop", "rgb")
    assert got.dtype == np.uint8 and np.array_equal(got, oracle)
    assert np.array_equal(decode(path.read_bytes(), 32, "crop", "rgb"), oracle)


def test_the_three_fits_and_gray(tmp_path: Path) -> None:
    im = picture()
    path = save(tmp_path / "a.png", im)
    lanczos = Image.Resampling.LANCZOS
    oracles = {
        "crop": ImageOps.fit(im, (16, 16), lanczos),
        "resize": im.resize((16, 16), lanczos),
        "pad": ImageOps.pad(im, (16, 16), lanczos, color="white"),
    }
    for fit, oracle in oracles.items():
        diff = np.abs(decode(path, 16, fit, "rgb").astype(int) - np.asarray(oracle).transpose(2, 0, 1))  # type: ignore[arg-type]
        assert diff.max() <= 1, fit
    assert np.array_equal(decode(path, 40, "crop", "gray")[0], np.asarray(im.convert("L").crop((10, 0, 50, 40))))
    strip = save(tmp_path / "strip.png", picture(3000, 2))
    assert all(decode(strip, 16, fit, "rgb").shape == (3, 16, 16) for fit in oracles)  # type: ignore[arg-type]


def test_a_big_jpeg_is_close_to_the_slow_way(tmp_path: Path) -> None:
    path = save(tmp_path / "big.jpg", picture(1600, 1200), quality=95)
    with Image.open(path) as im:
        oracle = np.asarray(ImageOps.fit(im, (32, 32), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
    assert np.abs(decode(path, 32, "crop", "rgb").astype(int) - oracle).mean() < 3


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_16_bits_are_scaled_not_clipped(tmp_path: Path, suffix: str) -> None:
    deep = np.linspace(0, 65535, 256).reshape(16, 16).astype(np.uint16)
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(deep))
    for channels in ("rgb", "gray"):
        got = decode(path, 16, "crop", channels)  # type: ignore[arg-type]
        assert np.array_equal(got[0], np.rint(deep / 257).astype(np.uint8)) and (got == got[:1]).all()


def test_floats_are_scaled(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    for top in (1.0, 255.0):
        path = save(tmp_path / "a.tiff", Image.fromarray(ramp * np.float32(top)))
        assert np.array_equal(decode(path, 8, "crop", "gray")[0], np.rint(ramp * 255).astype(np.uint8))
    with pytest.raises(Unreadable, match="finite"):
        decode(save(tmp_path / "nan.tiff", Image.fromarray(ramp * np.float32("nan"))), 8, "crop", "gray")


def test_cmyk(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", Image.new("RGB", (8, 8), (200, 30, 60)).convert("CMYK"), quality=100)
    assert np.abs(decode(path, 8, "crop", "rgb")[:, 4, 4].astype(int) - [200, 30, 60]).max() < 6


def test_see_through_is_white(tmp_path: Path) -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[:, :4] = (255, 0, 0, 255)
    rgba[:, 4:] = (0, 0, 0, 0)
    rgba[0, 0] = (0, 0, 0, 128)
    im = Image.fromarray(rgba)
    got = decode(save(tmp_path / "a.png", im), 8, "crop", "rgb")
    assert got[:, 4, 2].tolist() == [255, 0, 0] and got[:, 4, 6].tolist() == [255] * 3
    assert abs(int(got[0, 0, 0]) - 127) < 2
    palette = Image.fromarray((np.arange(64).reshape(8, 8) % 2).astype(np.uint8), "P")
    palette.putpalette([9, 9, 9, 0, 0, 255])
    for suffix in ("png", "gif"):
        got = decode(save(tmp_path / f"p.{suffix}", palette, transparency=0), 8, "crop", "rgb")
        assert got[:, 0, 0].tolist() == [255] * 3 and got[:, 0, 1].tolist() == [0, 0, 255]
    keyed = save(tmp_path / "k.png", Image.new("RGB", (8, 8), (1, 2, 3)), transparency=(1, 2, 3))
    assert (decode(keyed, 8, "crop", "gray") == 255).all()
    la = save(tmp_path / "la.png", Image.new("LA", (8, 8), (0, 0)))
    assert (decode(la, 8, "crop", "gray") == 255).all()


def test_one_bit(tmp_path: Path) -> None:
    assert (decode(save(tmp_path / "a.png", Image.new("1", (8, 8), 1)), 8, "crop", "gray") == 255).all()


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_the_first_frame_of_an_animation(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "lime", "blue")]
    path = save(tmp_path / f"a.{suffix}", frames[0], save_all=True, append_images=frames[1:], duration=50)
    assert np.abs(decode(path, 8, "crop", "rgb")[:, 4, 4].astype(int) - [255, 0, 0]).max() < 8


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff"])
def test_exif_orientation(tmp_path: Path, turn: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    path = save(tmp_path / f"a.{suffix}", picture(32, 24), exif=exif)
    with Image.open(path) as im:
        im.load()
        upright = ImageOps.exif_transpose(im)
        oracle = np.asarray(upright.resize((24, 24), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
    assert np.array_equal(decode(path, 24, "resize", "rgb"), oracle)


def bomb(path: Path, side: int = 20_000) -> Path:
    """A PNG of a few bytes that says it is huge."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(b"\0" * 99)) + part(b"IEND", b"")
    )
    return path


def test_broken_files_say_why(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.jpg", picture(300, 200)).read_bytes()
    png = save(tmp_path / "a.png", Image.fromarray(RNG.integers(0, 256, (64, 64, 3), np.uint8))).read_bytes()
    bad = {
        "cut.jpg": (whole[: len(whole) // 2], "cut short"),
        "cut.png": (png[: len(png) // 2], "cut short|damaged"),
        "head.jpg": (whole[:20], "not an image|cut short|damaged"),
        "empty.jpg": (b"", "empty"),
        "text.jpg": (b"hello", "not an image"),
        "noise.png": (png[:60] + bytes(200) + png[260:], "damaged|cut short"),
        "script.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
    }
    for name, (data, why) in bad.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Unreadable, match=why):
            decode(tmp_path / name, 16, "crop", "rgb")
    with pytest.raises(Unreadable, match="gone"):
        decode(tmp_path / "none.png", 16, "crop", "rgb")
    for side in (10_000, 20_000):
        with pytest.raises(Unreadable, match="too large"):
            decode(bomb(tmp_path / "bomb.png", side), 16, "crop", "rgb")


def test_all_in_order_with_the_failures_named(tmp_path: Path) -> None:
    paths = []
    for i in range(100):
        path = tmp_path / f"{i}.png"
        Image.new("L", (8, 8), i).save(path)
        if i % 7 == 3:
            os.truncate(path, 20)
        paths.append(path)
    kept, values, failed = [], [], []
    for part in decode_all(paths, 8, "crop", "gray", chunk=9):
        kept += part.kept
        values += part.images[:, 0, 0, 0].tolist()
        failed += [index for index, _ in part.failed]
    assert kept == values == [i for i in range(100) if i % 7 != 3]
    assert failed == list(range(3, 100, 7))


def test_closing_stops_reading(tmp_path: Path) -> None:
    asked = 0

    def endless() -> object:
        nonlocal asked
        while True:
            asked += 1
            yield picture_bytes

    picture_bytes = save(tmp_path / "a.png", picture()).read_bytes()
    job = decode_all(endless(), 8, "crop", "rgb", chunk=4)  # type: ignore[arg-type]
    next(job)
    job.close()
    assert asked < 400
