"""From a picture file of any kind to a square of uint8, or to the reason why not."""

import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

Fit = Literal["crop", "resize", "pad"]
Channels = Literal["rgb", "gray"]

_WANTED = (  # what Pillow decodes by itself; EPS and the like would start other programs
    *("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "DIB", "TIFF", "PPM", "TGA"),
    *("ICO", "PCX", "QOI", "JPEG2000", "SGI", "DDS", "PSD", "XBM"),
)
_MOST_PIXELS = 89_000_000  # more is taken for a decompression bomb
_MANY_PIXELS = 16_000_000  # such pictures are decoded one at a time, so that a pool of threads stays small
_one_at_a_time = threading.Lock()

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Unreadable(Exception):  # noqa: N818 - its text is a reason that is listed, not an error that is shown
    """Why a file gives no picture, in a few words that go behind its name."""


@cache
def _formats() -> list[str]:
    """Those that are wanted and there: a Pillow may be built without some. All its plug-ins are imported for it."""
    Image.init()
    return [name for name in _WANTED if name in Image.OPEN]


@dataclass(frozen=True)
class Decoded:
    """A chunk of pictures, uint8 (n, C, size, size), at which places they stood, and what failed: place, reason."""

    images: Tensor
    kept: list[int]
    failed: list[tuple[int, str]]


def decode(source: Path | bytes, size: int, fit: Fit, channels: Channels) -> NDArray[np.uint8]:
    """The first frame as uint8 (C, size, size), upright, on white where it is see-through.

    `fit`: crop the middle square, resize (stretch), or pad with white. 16-bit and float pixels are scaled to 0…255.
    Unreadable: no picture comes out, whatever the reason.
    """
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=_formats()) as file:
            file.draft(None, (2 * size, 2 * size))  # JPEG: decode at ½, ¼, ⅛ where that is plenty
            pixels = file.width * file.height
            if pixels > _MOST_PIXELS:
                raise Unreadable(f"too large: {file.width} × {file.height} pixels")
            with _one_at_a_time if pixels > _MANY_PIXELS else nullcontext():
                file.load()
                picture = _fitted(_flat(_upright(file), channels), size, fit)
    except Unreadable:
        raise
    except Exception as error:  # decoders of damaged files raise whatever their parsing stumbles over
        raise Unreadable(_reason(source, error)) from error
    array = np.asarray(picture, np.uint8)
    return np.ascontiguousarray(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))


def decode_all(
    items: Iterable[Path | bytes], size: int, fit: Fit, channels: Channels, chunk: int = 32
) -> Generator[Decoded, None, None]:
    """Decode in parallel, in order, reading `items` only a little ahead. Closing stops within one picture."""
    workers = _cores()
    stop = threading.Event()
    numbered = enumerate(items)
    waiting: deque[Future[Decoded]] = deque()
    pool = ThreadPoolExecutor(workers, "decode")
    try:
        for part in iter(lambda: list(itertools.islice(numbered, chunk)), []):
            waiting.append(pool.submit(_decode_chunk, part, size, fit, channels, stop.is_set))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _decode_chunk(
    part: list[tuple[int, Path | bytes]], size: int, fit: Fit, channels: Channels, stopped: Callable[[], bool]
) -> Decoded:
    images = np.empty((len(part), 1 if channels == "gray" else 3, size, size), np.uint8)
    kept: list[int] = []
    failed: list[tuple[int, str]] = []
    for index, item in part:
        if stopped():
            break
        try:
            images[len(kept)] = decode(item, size, fit, channels)
            kept.append(index)
        except Unreadable as error:
            failed.append((index, str(error)))
    return Decoded(torch.from_numpy(images[: len(kept)]), kept, failed)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF orientation says; a damaged EXIF block says nothing."""
    try:
        turn = _TURNS.get(picture.getexif().get(0x0112, 1))
    except Exception:  # as above: the picture itself is whole
        turn = None
    return picture.transpose(turn) if turn is not None else picture


def _flat(picture: Image.Image, channels: Channels) -> Image.Image:
    """Any mode to RGB or L of 8 bits, see-through parts laid on white."""
    mode = "L" if channels == "gray" else "RGB"
    if picture.mode.startswith(("I", "F")):
        picture = Image.fromarray(_to_bytes(np.asarray(picture)))
    elif picture.has_transparency_data:
        above = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", above.size, "white"), above).convert("RGB")
    elif picture.mode == "P":
        picture = picture.convert("RGB")
    return picture if picture.mode == mode else picture.convert(mode)


def _to_bytes(deep: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Pixels of 16 or 32 bits, or floats, to 0…255: by their full range where it is known, else by their own."""
    x = deep.astype(np.float32)
    low, high = float(x.min()), float(x.max())
    if not np.isfinite([low, high]).all():
        raise Unreadable("its pixels are not finite numbers")
    if low >= 0:
        whole = np.issubdtype(deep.dtype, np.integer)
        ranges = (65535.0,) if whole else (1.0, 255.0, 65535.0)
        low, high = 0.0, next((top for top in ranges if high <= top), high)
    scaled: NDArray[np.uint8] = np.rint((x - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)
    return scaled


def _fitted(picture: Image.Image, size: int, fit: Fit) -> Image.Image:
    """`picture`, L or RGB, in a square of `size` pixels."""
    width, height = picture.size
    if (width, height) == (size, size):
        return picture
    if fit == "resize":
        return picture.resize((size, size), Image.Resampling.LANCZOS)
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        return picture.resize((size, size), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
    scale = size / max(width, height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    page = Image.new(picture.mode, (size, size), "white")
    page.paste(picture.resize(inner, Image.Resampling.LANCZOS), ((size - inner[0]) // 2, (size - inner[1]) // 2))
    return page


def _reason(source: Path | bytes, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "gone, or a link to nowhere"
    if isinstance(error, PermissionError):
        return "may not be read"
    if isinstance(error, UnidentifiedImageError):
        empty = not source if isinstance(source, bytes) else source.stat().st_size == 0
        return "empty" if empty else "not an image"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return "too large: it would unpack to more than a picture should"
    if isinstance(error, MemoryError):
        return "too large for the memory"
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return "cut short"
    return f"damaged: {error}".removesuffix(": ")
