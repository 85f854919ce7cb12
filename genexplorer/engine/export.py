"""What is taken away: animations and film strips for any viewer, codes for any other program."""

import csv
import os
from collections.abc import Generator, Iterator, Sequence
from fractions import Fraction
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
from PIL import Image

from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress, drain
from genexplorer.core.tensors import replace_file

ANIMATIONS = {".gif": "Animated GIF", ".mp4": "MP4 video", ".png": "Film strip as PNG"}
CODES = {".csv": "Table of codes as CSV", ".npz": "Codes as NumPy NPZ"}
_BT601 = 6  # ITU-R BT.601, 525 lines (H.273 table 4): the matrix that swscale converts RGB with


def write_animation(path: Path, frames: np.ndarray, fps: float, scale: int = 1) -> None:
    """Frames uint8 (N, C, H, W), C in 1, 3, as the suffix says: .gif, .mp4 or .png, a strip of all from left to right.

    Pixels become squares of `scale` pixels. The file is replaced whole or not at all.
    """
    drain(animate(path, frames, fps, scale))


def animate(path: Path, frames: np.ndarray, fps: float, scale: int = 1) -> Generator[Progress, None, None]:
    """`write_animation` as work that can be watched and stopped."""
    make = {".gif": _gif, ".mp4": _mp4, ".png": _png}.get(path.suffix.lower())
    if make is None:
        raise UserError(f"{path.name} is no animation; end its name with {_either(ANIMATIONS)}.")
    if not len(frames):
        raise UserError("There are no frames to write yet; choose what to show first.")
    _check_folder(path)
    content = BytesIO()
    for done in make(content, frames, fps, scale):
        yield Progress("frames", done, len(frames))
    replace_file(path, content.getvalue())
    yield Progress("frames", len(frames), len(frames))


def write_codes(path: Path, z: np.ndarray, names: Sequence[str]) -> None:
    """Codes z (N, D) with a name each: .csv with a header `name,z0,z1,…`, or .npz with arrays `z` and `names`."""
    _check_folder(path)
    match path.suffix.lower():
        case ".csv":
            text = StringIO(newline="")
            table = csv.writer(text)
            table.writerow(["name", *(f"z{i}" for i in range(z.shape[1]))])
            table.writerows([name, *(repr(float(value)) for value in row)] for name, row in zip(names, z, strict=True))
            replace_file(path, text.getvalue().encode())
        case ".npz":
            content = BytesIO()
            np.savez(content, z=np.asarray(z, np.float32), names=np.array(list(names), np.str_))
            replace_file(path, content.getvalue())
        case _:
            raise UserError(f"{path.name} cannot hold codes; end its name with {_either(CODES)}.")


def enlarged(frame: np.ndarray, scale: int) -> np.ndarray:
    """(C, H, W) to (H · scale, W · scale, C): every pixel a square."""
    return frame.transpose(1, 2, 0).repeat(scale, 0).repeat(scale, 1)


def _png(file: BytesIO, frames: np.ndarray, fps: float, scale: int) -> Iterator[int]:
    yield 0
    _image(np.concatenate([enlarged(frame, scale) for frame in frames], axis=1)).save(file, "PNG")


def _gif(file: BytesIO, frames: np.ndarray, fps: float, scale: int) -> Iterator[int]:
    """Times are whole hundredths of a second, and viewers slow frames of one down: at most 50 a second are kept.

    Each frame has the 256 colours that suit it best, which is none lost for grey ones.
    """
    rate = min(fps, 50.0)
    kept = (np.arange(round(len(frames) * rate / fps)) * fps / rate).astype(int)
    ticks = np.round(100 * np.arange(len(kept) + 1) / rate).astype(int)
    durations = [int(10 * ticks) for ticks in np.diff(ticks)]
    images = []
    for n in kept:
        image = _image(enlarged(frames[n], 1))
        image = image if image.mode == "L" else image.quantize(256, Image.Quantize.MEDIANCUT)
        images.append(image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST))
        yield n
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, disposal=1)


def _mp4(file: BytesIO, frames: np.ndarray, fps: float, scale: int) -> Iterator[int]:
    """H.264 with yuv420p, the one kind that every player and browser shows; its sides are even, so edges may repeat."""
    import av

    height, width = (side * scale for side in frames.shape[-2:])
    spare = ((0, height % 2), (0, width % 2), (0, 0))
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(fps).limit_denominator(1001), options={"crf": "14", "preset": "medium"}
        )
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        stream.colorspace, stream.color_range = _BT601, 1
        for n, frame in enumerate(frames):
            pixels = np.pad(enlarged(frame, scale), spare, mode="edge")
            shown = np.ascontiguousarray(pixels.repeat(3, 2) if pixels.shape[2] == 1 else pixels)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
            yield n
        container.mux(stream.encode())


def _image(pixels: np.ndarray) -> Image.Image:
    """(H, W, C) as Pillow has it."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent} to write {path.name} to; choose one that is there.")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UserError(f"{path} cannot be written; choose a folder that you may write to.")


def _either(kinds: dict[str, str]) -> str:
    *others, last = kinds
    return f"{', '.join(others)} or {last}"
