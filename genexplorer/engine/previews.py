"""Pictures made while training, always of the same codes and the same test images, so that they can be scrubbed."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from genexplorer.core.abilities import Decodes, Encodes, Samples
from genexplorer.core.data import Split, to_float, to_uint8
from genexplorer.core.model import Model
from genexplorer.core.tensors import replace_file

ROWS = COLUMNS = 8


def preview(model: Model, split: Split, seed: int) -> Tensor:
    """An 8 × 8 sheet, uint8 (64, C, H, W): test images, their reconstructions, and samples, as the model can."""
    device = next(model.parameters()).device
    rows: list[Tensor] = []
    with torch.inference_mode():
        if isinstance(model, Encodes) and isinstance(model, Decodes) and len(split):
            x = split.images.take(torch.arange(COLUMNS) % len(split))
            rows += [x, to_uint8(model.decode(model.encode(to_float(x).to(device)))).cpu()]
        if isinstance(model, Samples):
            rng = torch.Generator(device).manual_seed(seed)
            rows.append(to_uint8(model.sample((ROWS - len(rows)) * COLUMNS, rng)).cpu())
    return torch.cat(rows) if rows else torch.zeros(0, 3, 8, 8, dtype=torch.uint8)


def sheet(images: Tensor | np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Images uint8 (N, C, H, W) side by side, (rows·H, columns·W, C), the last row filled with black."""
    x = np.asarray(images)
    num, channels, height, width = x.shape
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
