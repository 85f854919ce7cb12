"""Files that are taken away, read back by the programs that they are for."""

import csv
import errno
import re
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from genexplorer.core.errors import Failure, UserError
from genexplorer.core.events import Progress
from genexplorer.engine.export import animate, write_animation, write_codes


def moving(count: int, channels: int = 3, height: int = 15, width: int = 16) -> np.ndarray:
    """A slope whose colour turns: every frame is another."""
    slope = np.linspace(0, 120, height * width).reshape(height, width)
    return np.stack(
        [np.stack([slope + 100 * n / count + 30 * c for c in range(channels)]) for n in range(count)]
    ).astype(np.uint8)


def test_a_film_strip_holds_the_very_pixels(tmp_path: Path) -> None:
    frames = moving(5)
    write_animation(tmp_path / "strip.png", frames, 60, scale=3)
    strip = np.asarray(Image.open(tmp_path / "strip.png"))
    assert strip.shape == (45, 5 * 48, 3)
    assert np.array_equal(strip[::3, ::3], np.concatenate(frames.transpose(0, 2, 3, 1), axis=1))
    assert np.array_equal(strip[1::3, 2::3], strip[::3, ::3])


@pytest.mark.parametrize(
    ("fps", "count", "kept"), [(10, 7, 7), (25, 10, 10), (30, 30, 30), (60, 60, 50), (240, 48, 10)]
)
def test_a_gif_lasts_as_long_as_the_animation(fps: float, count: int, kept: int, tmp_path: Path) -> None:
    write_animation(tmp_path / "x.gif", moving(count), fps, scale=2)
    with Image.open(tmp_path / "x.gif") as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (kept, (32, 30), 0)
        durations = []
        for n in range(image.n_frames):
            image.seek(n)
            durations.append(image.info["duration"])
    assert min(durations) >= 20 and sum(durations) == pytest.approx(1000 * count / fps, abs=10)


def test_a_grey_gif_loses_nothing(tmp_path: Path) -> None:
    frames = moving(4, channels=1)
    write_animation(tmp_path / "x.gif", frames, 10)
    with Image.open(tmp_path / "x.gif") as image:
        for n, frame in enumerate(frames):
            image.seek(n)
            assert np.array_equal(np.asarray(image.convert("L")), frame[0])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_video_plays_everywhere(channels: int, tmp_path: Path) -> None:
    frames = moving(30, channels)
    write_animation(tmp_path / "x.mp4", frames, 59.94, scale=3)
    with av.open(tmp_path / "x.mp4") as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (48, 46)  # 45 is odd
        assert float(stream.average_rate) == pytest.approx(59.94, abs=0.01)
        pictures = [picture.to_ndarray(format="rgb24") for picture in video.decode(video=0)]
    assert len(pictures) == 30
    for picture, frame in zip(pictures, frames, strict=True):
        shown = picture[1:45:3, 1::3].astype(int)
        assert np.abs(shown - frame.transpose(1, 2, 0)).mean() < 4


def test_codes_are_read_back(tmp_path: Path) -> None:
    z = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    names = ["a", 'größe, "quoted"', "c"]
    write_codes(tmp_path / "z.csv", z, names)
    with (tmp_path / "z.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["name", "z0", "z1", "z2", "z3"] and [row[0] for row in rows] == names
    assert np.array_equal(np.array([row[1:] for row in rows], float).astype(np.float32), z)
    write_codes(tmp_path / "z.npz", z, names)
    with np.load(tmp_path / "z.npz", allow_pickle=False) as file:
        assert np.array_equal(file["z"], z) and list(file["names"]) == names


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"\.gif, \.mp4 or \.png"):
        write_animation(tmp_path / "x.avi", moving(2), 10)
    with pytest.raises(UserError, match=r"\.csv or \.npz"):
        write_codes(tmp_path / "x.txt", np.zeros((1, 2)), ["a"])
    with pytest.raises(UserError, match="no folder"):
        write_animation(tmp_path / "missing" / "x.gif", moving(2), 10)
    with pytest.raises(UserError, match="no frames"):
        write_animation(tmp_path / "x.gif", moving(2)[:0], 10)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(UserError, match="cannot be written"):
        write_codes(tmp_path / "x.csv", np.zeros((1, 2)), ["a"])
    monkeypatch.undo()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "x.gif").write_bytes(b"before")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Failure, match=f"disk is full in {re.escape(str(tmp_path))}: x.gif"):
        write_animation(tmp_path / "x.gif", moving(2), 10)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("x.gif", b"before")]
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(PermissionError(errno.EACCES, "denied")))
    with pytest.raises(UserError, match=f"^{re.escape(str(tmp_path))} cannot be written to; choose another folder, or"):
        write_animation(tmp_path / "x.gif", moving(2), 10)


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".png"])
def test_a_stopped_export_leaves_no_file(suffix: str, tmp_path: Path) -> None:
    work = animate(tmp_path / f"x{suffix}", moving(9), 10)
    assert next(work) == Progress("frames", 0, 9)
    work.close()
    assert not list(tmp_path.iterdir())
