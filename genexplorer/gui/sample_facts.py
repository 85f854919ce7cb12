"""What is said of samples: below their grid, beside one of them, and on a sheet."""

import numpy as np

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.metric import Value
from genexplorer.engine.alike import name_of
from genexplorer.engine.nearest import Neighbours
from genexplorer.engine.sampling import Drawn, Side, Source
from genexplorer.engine.sheet import Block

from .source_bar import SOURCES


def facts(drawn: Drawn, near: Neighbours | None, value: Value | None, side: Side) -> tuple[str, str, str]:
    """Two lines, and what the first of them means."""
    if drawn.x is None:
        return "", "", ""
    more = "" if value is None else f"Fréchet {interval(value)}"
    if near is not None:
        images = "training images" if near.training else "examples"
        return (
            f"nearest {near.distance.mean():.3f} · unseen {near.real:.3f}",
            more,
            f"How far these are from the nearest of {near.compared:,} {images}, and how far images are that the model "
            "never saw: root mean square over pixels of 0 to 1, the mean over images. Soft images are near to many.",
        )
    if drawn.share is not None and drawn.z is not None:
        told = f"{100 * drawn.share:.3g} % outside shell"
        tip = f"Of 1,000 codes, so many lie further out than 99 % of {drawn.reals:,} real images' codes do."
        if side.source == "mixture" and drawn.reals < side.clusters * drawn.z.shape[1]:
            told += ", few codes"
            tip += " Each Gaussian has fewer of them than numbers of a code: it may copy images that it was fitted to."
        return told, more, tip
    return "as the model draws" if side.source == "model" else "", more, ""


def pointed(drawn: Drawn, near: Neighbours | None, nth: int, seed: int) -> tuple[np.ndarray, str]:
    """One sample at large, uint8 (C, H, W), with its nearest image at its right, and its words."""
    assert drawn.x is not None
    picture, words = drawn.x[nth], [f"seed {seed + nth}"]
    if drawn.outside is not None:
        words.append("outside the 99 % shell" if drawn.outside[nth] else "inside the 99 % shell")
    if near is not None:
        picture = np.concatenate([picture, near.x[nth]], -1)
        words.append(f"right: the nearest image, {near.distance[nth]:.3f}")
    return picture, "\n".join(words)


def block(drawn: Drawn | None, source: Source, notes: tuple[str, ...]) -> Block:
    trouble = drawn.trouble if drawn is not None else ""
    return Block(SOURCES[source][0], None if drawn is None else drawn.x, trouble or " · ".join(filter(None, notes)))


def run_words(checkpoint: Checkpoint, condition: str) -> str:
    name = f"{name_of(checkpoint)}: {checkpoint.recipe.title}, step {checkpoint.step:,}"
    return f"{name}, {condition}" if condition else name


def interval(value: Value) -> str:
    """With half of its 95 % interval, where one is known."""
    return f"{value.value:.3g}" + (f" ± {value.high - value.value:.2g}" if value.high is not None else "")
