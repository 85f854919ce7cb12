"""A code as text, for the clipboard: JSON with the model's name; plain numbers are read too."""

import json
import re

import numpy as np

from genexplorer.core.errors import UserError

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def write_code(z: np.ndarray, digest: str) -> str:
    """z is (D,); `digest` names the weights that it belongs to."""
    return json.dumps({"z": [round(value, 6) for value in z.tolist()], "model": digest})


def read_code(text: str, dim: int) -> tuple[np.ndarray, str]:
    """The code, (dim,), and the digest of its model, empty where the text does not say; UserError in one sentence."""
    digest, numbers = "", []
    try:
        found = json.loads(text)
        if isinstance(found, dict):
            digest, found = str(found.get("model", "")), found.get("z", [])
        numbers = [float(value) for value in found]
    except (ValueError, TypeError):
        digest, words = "", re.sub(r"[\[\](){},;|\s]+", " ", text.replace("−", "-")).split()
        if all(_NUMBER.fullmatch(word) for word in words):
            numbers = [float(word) for word in words]
    if not numbers:
        raise UserError("There is no code on the clipboard; copy one with Ctrl+C, or numbers from any text.")
    if len(numbers) != dim:
        raise UserError(f"{len(numbers)} numbers are on the clipboard, but this model's codes have {dim}.")
    z = np.array(numbers, np.float32)
    if not np.isfinite(z).all():
        raise UserError("A code's numbers must be finite; those on the clipboard are not.")
    return z, digest
