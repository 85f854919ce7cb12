"""The images that a checkpoint was trained on and is judged by, where they can be had at once, or fetched."""

import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import Data, DatasetRecipe, Images
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress
from genexplorer.core.tensors import read_tensors

from .query import examples_path

_AT_ONCE = 2  # units of work: a source that tells of more has images to make, decode or download first
_LOOK_AGAIN = 30.0  # seconds until data that was not there is looked for anew
_KEPT = 2
_kept: OrderedDict[object, Data] = OrderedDict()
_missed: dict[object, float] = {}
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class TestImages:
    """Images to judge by, and those to learn from where the data set is there.

    labels is float32 (N, L), or None where they did not travel with the images.
    """

    __test__ = False  # no test, whatever its name

    images: Images
    labels: Tensor | None
    train: Images | None

    def __len__(self) -> int:
        return len(self.images)


def test_images(checkpoint: Checkpoint, cache: Path) -> TestImages | None:
    """The data set's test part where it is at hand, else the examples beside the checkpoint, else None."""
    data = at_hand(checkpoint, cache)
    if data is not None:
        judged = data.test if len(data.test) else data.train
        return TestImages(judged.images, judged.labels, data.train.images)
    if (path := examples_path(checkpoint)) is not None:
        tensors = read_tensors(path)[0]
        images, labels = tensors.get("images"), tensors.get("labels")
        if images is not None and tuple(images.shape[1:]) == checkpoint.spec.shape and images.dtype == torch.uint8:
            fits = labels is not None and labels.shape == (len(images), len(checkpoint.spec.labels))
            return TestImages(Images(images), labels if fits else None, None)
    return None


test_images.__test__ = False  # type: ignore[attr-defined]


def at_hand(checkpoint: Checkpoint, cache: Path) -> Data | None:
    """The whole data set, where nothing has to be downloaded, decoded or drawn for it; None otherwise."""
    key = (checkpoint.dataset, cache)
    with _lock:
        if key not in _kept and time.monotonic() - _missed.get(key, -_LOOK_AGAIN) >= _LOOK_AGAIN:
            data = _look(checkpoint.dataset, cache)
            if data is None:
                _missed[key] = time.monotonic()
            else:
                _keep(key, data)
        found = _kept.get(key)
    return found if found is not None and found.spec.shape == checkpoint.spec.shape else None


def fetch(checkpoint: Checkpoint, cache: Path) -> Generator[Progress, None, None]:
    """Make the data set ready, however long it takes; `at_hand` has it from then on."""
    data = yield from checkpoint.dataset.load(cache)
    if data.spec.shape != checkpoint.spec.shape:
        raise UserError(
            f"The images of {checkpoint.dataset.name} are {data.spec.shape} now and were {checkpoint.spec.shape} when "
            "this model learnt from them; the examples beside the checkpoint are shown instead."
        )
    with _lock:
        _keep((checkpoint.dataset, cache), data)


def _keep(key: object, data: Data) -> None:
    _kept[key] = data
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)


def _look(recipe: DatasetRecipe, cache: Path) -> Data | None:
    try:
        if not len(recipe.preview(1, cache)):
            return None  # asking further would begin a download
        with closing(recipe.load(cache)) as work:
            while next(work).total <= _AT_ONCE:
                pass
    except StopIteration as end:
        data: Data = end.value
        return data
    except (UserError, OSError):
        pass
    return None
