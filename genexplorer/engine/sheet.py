"""Sheets for a page: rows of image blocks with headings, as a figure of a lecture has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from genexplorer.core.model import Model

from .keepsake import write_picture
from .previews import sheet
from .query import Query

_INK, _PALE, _PAPER = (29, 33, 41), (93, 102, 117), (255, 255, 255)
_SIDE = 64  # an image is enlarged by a whole number to at least so many pixels
_TEXT, _GAP, _EDGE = 18, 24, 24


@dataclass(frozen=True, eq=False)
class Block:
    """Images, uint8 (N, C, H, W), or None where there are none and `note` says why."""

    heading: str
    images: np.ndarray | None
    note: str = ""


@dataclass(frozen=True, eq=False)
class SheetRow:
    """A run, by its name, and its blocks."""

    name: str
    blocks: Sequence[Block] = field(default_factory=tuple)


def draw_sheet(rows: Sequence[SheetRow]) -> np.ndarray:
    """uint8 (3, H, W) on white. Rows have as many blocks each, and blocks as many images at most."""
    shown = [block.images for row in rows for block in row.blocks if block.images is not None and len(block.images)]
    num = max((len(images) for images in shown), default=1)
    side = shown[0].shape[-1] if shown else _SIDE
    across = max(1, round(num**0.5 + 0.49))
    scale = -(-_SIDE // side)
    width, height = across * side * scale, -(-num // across) * side * scale
    line = _TEXT * 3 // 2
    columns = max((len(row.blocks) for row in rows), default=1)
    tall = 2 * line + height + line + _GAP  # name, heading, images, note
    page = Image.new("RGB", (2 * _EDGE + columns * (width + _GAP) - _GAP, 2 * _EDGE + len(rows) * tall - _GAP), _PAPER)
    pen = ImageDraw.Draw(page)
    for down, row in enumerate(rows):
        top = _EDGE + down * tall
        _write(pen, (_EDGE, top), row.name, page.width - 2 * _EDGE, _INK, _TEXT)
        for place, block in enumerate(row.blocks):
            left = _EDGE + place * (width + _GAP)
            _write(pen, (left, top + line), block.heading, width, _PALE, _TEXT - 3)
            under = top + 2 * line
            if block.images is not None and len(block.images):
                picture = sheet(block.images, min(across, len(block.images)))
                grid = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).convert("RGB")
                page.paste(
                    grid.resize((grid.width * scale, grid.height * scale), Image.Resampling.NEAREST), (left, under)
                )
                under += height
            _write(pen, (left, under + 4), block.note, width, _PALE, _TEXT - 5)
    return np.asarray(page).transpose(2, 0, 1).copy()


@dataclass(frozen=True, eq=False)
class WriteFigure(Query):
    """Write the sheet as a PNG; the answer is where."""

    path: Path
    rows: tuple[SheetRow, ...]

    def answer(self, model: Model) -> Iterator[Path]:
        write_figure(self.path, self.rows)
        yield self.path


def write_figure(path: Path, rows: Sequence[SheetRow]) -> None:
    """Replace `path` by a PNG of the sheet."""
    write_picture(path, draw_sheet(rows), None)


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, room: int, ink: tuple[int, int, int], size: int
) -> None:
    """One line, cut where it lacks the room."""
    font = ImageFont.load_default(size)
    while text and pen.textlength(text, font) > room:
        text = text.rstrip("…")[:-1] + "…" if len(text) > 1 else ""
    pen.text(at, text, fill=ink, font=font)
