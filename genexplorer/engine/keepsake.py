"""Pictures that remember how they were drawn: a PNG with the code and the checkpoint's checksum in a text chunk."""

import base64
import json
import re
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from genexplorer import __version__
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.errors import UserError
from genexplorer.core.tensors import replace_file

KEY = "genexplorer"
"""The keyword of the iTXt chunk; its text is JSON."""

_FORMAT = 1
_DIMS = 65_536
_WORDS = 200


@dataclass(frozen=True, eq=False)
class Keepsake:
    """How a picture was drawn: z float32 (D,), by the checkpoint with this checksum, of which `run` and `step` tell.

    `seed` is what z was drawn at random from, where it was.
    """

    z: np.ndarray
    digest: str
    model: str = ""
    data: str = ""
    run: str = ""
    step: int = 0
    seed: int | None = None
    version: str = __version__

    @property
    def whose(self) -> str:
        """The model, as a person knows it."""
        return f"{self.run or self.model or 'another model'} at step {self.step:,}"


def keepsake(checkpoint: Checkpoint, z: np.ndarray, seed: int | None = None) -> Keepsake:
    """What a picture that this checkpoint drew from z is to carry."""
    folder = checkpoint.path.parent
    run = folder.parent.name if folder.name == "checkpoints" else ""
    names = (checkpoint.recipe.name, checkpoint.dataset.name, run, checkpoint.step)
    return Keepsake(np.array(z, np.float32), checkpoint.digest, *names, seed)


def write_picture(path: Path, image: np.ndarray, state: Keepsake | None) -> None:
    """Replace `path` by a PNG of uint8 (H, W) or (C, H, W), C in 1, 3, with its keepsake: one pixel is one pixel."""
    pixels = image if image.ndim == 2 else image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    notes = PngImagePlugin.PngInfo()
    if state is not None:
        z = base64.b64encode(np.ascontiguousarray(state.z, "<f4").tobytes()).decode()
        values = {"format": _FORMAT, **asdict(state), "z": z}
        notes.add_itxt(KEY, json.dumps(values, sort_keys=True))
    content = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(content, "PNG", pnginfo=notes)
    replace_file(path, content.getvalue())


def read_state(path: Path) -> Keepsake | None:
    """The keepsake that a picture carries; None where it is a picture like any other, or cannot be read as one.

    Only what stands before the pixels is read. UserError: there is a keepsake, and it cannot be used.
    """
    if path.suffix.lower() != ".png":
        return None
    try:
        with Image.open(path, formats=["PNG"]) as file:
            text = getattr(file, "text", {}).get(KEY)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None  # whoever reads the picture says what is wrong with it
    if text is None:
        return None
    try:
        return _parsed(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UserError(
            f"{path.name} says that it carries a code, but what it carries is damaged; it can be opened as a picture."
        ) from error


def _parsed(values: Any) -> Keepsake:
    """ValueError, TypeError, KeyError: it is not what `write_picture` wrote."""
    if values["format"] > _FORMAT:
        raise ValueError("written by a newer program")
    raw = base64.b64decode(values["z"], validate=True)
    if not 0 < len(raw) <= 4 * _DIMS or len(raw) % 4:
        raise ValueError("that is no code")
    z = np.frombuffer(raw, "<f4").astype(np.float32)
    seed, step = values["seed"], values["step"]
    words = [values[key] for key in ("digest", "model", "data", "run", "version")]
    if (
        not np.isfinite(z).all()
        or not re.fullmatch(r"[0-9a-f]{64}", words[0])
        or not all(isinstance(word, str) and len(word) <= _WORDS and word.isprintable() for word in words)
        or not isinstance(step, int)
        or not (seed is None or isinstance(seed, int))
    ):
        raise ValueError("one of its values cannot be")
    digest, model, data, run, version = words
    return Keepsake(z, digest, model, data, run, step, seed, version)
