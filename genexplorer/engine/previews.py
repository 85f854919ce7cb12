"""Pictures made while training, always of the same codes and the same test images, so that they can be scrubbed."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from genexplorer.core.abilities import Decodes, Denoises, Encodes, Samples
from genexplorer.core.data import Split, to_float, to_uint8
from genexplorer.core.model import Model
from genexplorer.core.schedule import T
from genexplorer.core.tensors import replace_file
from genexplorer.networks.samplers import noised
from genexplorer.sources.dots import MADE, REAL, dots

ROWS = COLUMNS = 8
_HALF_LOST = 0.6 * T  # when test images are seen, as it is for most schedules
_POINTS, _SIDE = 1000, 384  # of a picture of points, and its pixels


def preview(model: Model, split: Split, seed: int) -> Tensor:
    """An 8 × 8 sheet, uint8 (64, C, H, W): test images, what becomes of them, and samples, as the model can.

    Test images are redrawn by what encodes and decodes, and seen through noise by what denoises.

    Of points one picture, (1, 3, S, S): test points, and over them as many samples, or else what they are redrawn as.
    """
    device = next(model.parameters()).device
    rows: list[Tensor] = []
    with torch.inference_mode():
        if len(split.images.shape) == 2:
            real = split.images.take(torch.arange(min(_POINTS, len(split)))).to(device)
            if isinstance(model, Samples):
                rows = [model.sample(len(real), torch.Generator(device).manual_seed(seed))]
            elif isinstance(model, Encodes) and isinstance(model, Decodes):
                rows = [model.decode(model.encode(real))]
            return dots([(real, REAL), *((made, MADE) for made in rows)], _SIDE)[None]
        if isinstance(model, Encodes) and isinstance(model, Decodes) and len(split):
            x = split.images.take(torch.arange(COLUMNS) % len(split))
            rows += [x, to_uint8(model.decode(model.encode(to_float(x).to(device)))).cpu()]
        elif isinstance(model, Denoises) and len(split):
            rows += _denoised(model, split.images.take(torch.arange(COLUMNS) % len(split)), seed, device)
        if isinstance(model, Samples):
            rng = torch.Generator(device).manual_seed(seed)
            rows.append(to_uint8(model.sample((ROWS - len(rows)) * COLUMNS, rng)).cpu())
    return torch.cat(rows) if rows else torch.zeros(0, 3, 8, 8, dtype=torch.uint8)


def _denoised(model: Denoises, x: Tensor, seed: int, device: torch.device) -> list[Tensor]:
    """Images, half lost in noise that is always the same, and what is seen in that, uint8 (B, C, H, W) each."""
    x0 = to_float(x).to(device)
    eps = torch.randn(x0.shape, generator=torch.Generator(device).manual_seed(seed), device=device)
    xt = noised(x0, eps, _HALF_LOST, model.schedule)
    return [x, to_uint8(xt).cpu(), to_uint8(model.denoise(xt, _HALF_LOST)).cpu()]


def picture_of(x: Tensor) -> Tensor:
    """What a model made, as pictures: uint8 (N, C, H, W), and of points (N, 2) one of them all."""
    return to_uint8(x) if x.ndim == 4 else dots([(x, MADE)], _SIDE)[None]


def sheet(images: Tensor | np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Images uint8 (N, C, H, W) side by side, (rows·H, columns·W, C), the last of several rows filled with black."""
    x = np.asarray(images)
    num, channels, height, width = x.shape
    columns = min(columns, max(1, num))
    rows = -(-num // columns)
    padded = np.zeros((rows * columns, channels, height, width), np.uint8)
    padded[:num] = x
    grid = padded.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    return grid.reshape(rows * height, columns * width, channels)


def write_sheet(path: Path, images: Tensor | np.ndarray, columns: int = COLUMNS) -> None:
    """Replace `path` by a PNG of the images in a grid."""
    import io

    pixels = sheet(images, columns)
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(buffer, "PNG", compress_level=4)
    replace_file(path, buffer.getvalue())
