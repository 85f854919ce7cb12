"""The data sets that papers compare on: downloaded once, or read from where they already lie."""

import hashlib
import string
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import field_validator
from torch import Tensor
from torch.nn.functional import interpolate

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split
from ..core.errors import UserError
from ..core.events import Progress
from ..core.recipe import knob
from ..sources import published
from ..sources.cache import Chunk, cached
from ..sources.decode import Channels, decode_all
from ..sources.download import fetch

Which = Literal["mnist", "kmnist", "emnist", "cifar10", "cifar100", "svhn", "stl10", "celeba", "flowers102", "omniglot"]


@dataclass(frozen=True)
class _Source:
    """What is known of a data set before it is read; `counts` are its training and test images."""

    title: str
    label: str
    size: int
    channels: Channels
    counts: tuple[int, int]
    files: tuple[str, ...]
    places: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    page: str = ""


_IDX = (
    *("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    *("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
)
_DIGITS = tuple(string.digits)
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
_CELEBA = ("img_align_celeba.zip", "list_attr_celeba.txt", "list_eval_partition.txt")
_FLOWERS = ("102flowers.tgz", "imagelabels.mat", "setid.mat")

_SOURCES: dict[str, _Source] = {
    "mnist": _Source("MNIST", "digit", 28, "gray", (60_000, 10_000), _IDX, ("MNIST/raw",), _DIGITS),
    "kmnist": _Source("KMNIST", "kana", 28, "gray", (60_000, 10_000), _IDX, ("KMNIST/raw",), _KANA),
    "emnist": _Source(
        *("EMNIST", "character", 28, "gray", (112_800, 18_800), ("gzip.zip",), ("EMNIST/raw",)),
        (*string.digits, *string.ascii_uppercase, *"abdefghnqrt"),
    ),
    "cifar10": _Source("CIFAR-10", "thing", 32, "rgb", (50_000, 10_000), ("cifar-10-binary.tar.gz",), (), _CIFAR10),
    "cifar100": _Source("CIFAR-100", "thing", 32, "rgb", (50_000, 10_000), ("cifar-100-binary.tar.gz",)),
    "svhn": _Source("SVHN", "digit", 32, "rgb", (73_257, 26_032), ("train_32x32.mat", "test_32x32.mat"), (), _DIGITS),
    "stl10": _Source("STL10", "thing", 96, "rgb", (5_000, 8_000), ("stl10_binary.tar.gz",)),
    "celeba": _Source(
        *("CelebA", "", 64, "rgb", (162_770, 19_962), _CELEBA, ("celeba",)),
        page="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
    ),
    "flowers102": _Source("Flowers102", "flower", 64, "rgb", (2_040, 6_149), _FLOWERS, ("flowers-102",)),
    "omniglot": _Source(
        *("Omniglot", "alphabet", 28, "gray", (19_280, 13_180)),
        *(("images_background.zip", "images_evaluation.zip"), ("omniglot-py",)),
    ),
}
_UNPACKED = {"celeba": "img_align_celeba", "stl10": "stl10_binary"}
_IN_MEMORY = ("mnist", "kmnist", "emnist", "cifar10", "cifar100", "svhn")


@DATASETS.register("catalog")
class Catalog(DatasetRecipe):
    """One of ten published data sets, with its own training and test parts.

    MNIST, KMNIST, EMNIST (balanced), CIFAR-10 and -100, SVHN, STL10 (the labelled part), CelebA (40 attributes),
    Flowers102 and Omniglot (training and test have different alphabets). Downloads are checked against their checksums.
    """

    title: ClassVar[str] = "Published data sets"
    about: ClassVar[str] = "MNIST, CIFAR, SVHN, CelebA and others that papers compare on, downloaded once."

    which: Which = knob("mnist", "The data set")
    size: int = knob(0, "Side that images are scaled to, 8 to 128; 0 keeps the data set's own", ge=0, le=128, unit="px")
    root: str = knob("", "Folder where the files already are; empty: downloaded into the cache", advanced=True)

    @field_validator("size")
    @classmethod
    def _large_enough(cls, size: int) -> int:
        if 0 < size < 8:
            raise ValueError("be 0, or from 8 to 128")
        return size

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        source = _SOURCES[self.which]
        files = yield from self._files(source, cache / "catalog" / self.which)
        yield Progress(f"Reading {source.title}", 0, 0)
        if self.which in _IN_MEMORY:
            return (yield from self._small(source, files))
        return (yield from self._large(source, files, cache))

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        """The first images, where the files are there already."""
        source = _SOURCES[self.which]
        home = cache / "catalog" / self.which if cache else None
        found = self._found(source, home)
        files = {name: path for name, path in found.items() if path is not None}
        if len(files) < len(found):
            missing = next(name for name in found if name not in files)
            if self.root or source.page:
                raise self._by_hand(missing, source, home)
            return super().preview(num)
        if self.which in _IN_MEMORY:
            part = "test" if self.which == "svhn" else "train"  # the smaller file, which is read whole
            return _resized(self._arrays(files, part, num)[0][:num], self._side)
        with closing(self._chunks(source, list(files.values()), "train")()) as chunks:
            return next((images[:num] for images, _ in chunks), super().preview(num))

    @property
    def _side(self) -> int:
        return self.size or _SOURCES[self.which].size

    def _files(self, source: _Source, home: Path) -> Generator[Progress, None, dict[str, Path]]:
        """Where each file lies; what is missing is downloaded, unless `root` says that it should be there."""
        found = self._found(source, home)
        for name, path in found.items():
            if path is None:
                where = None if self.root else published.origin(self.which, name)
                if where is None:
                    raise self._by_hand(name, source, home)
                yield from fetch(where.urls, home / name, where.md5)
        return {name: path or home / name for name, path in found.items()}

    def _found(self, source: _Source, home: Path | None) -> dict[str, Path | None]:
        """Where each file lies below `root`, else `home`; None: nowhere."""
        root = Path(self.root).expanduser() if self.root else home
        folders = [root, *(root / place for place in source.places)] if root else []
        files: dict[str, Path | None] = {}
        for name in source.files:
            other = name.removesuffix(".gz")
            if name == source.files[0] and self.which in _UNPACKED:
                other = _UNPACKED[self.which]
            files[name] = next((path for f in folders for path in (f / name, f / other) if path.exists()), None)
        return files

    def _by_hand(self, name: str, source: _Source, home: Path | None) -> UserError:
        """What to do about a file that is not there and will not be downloaded."""
        if self.root:
            return UserError(f"There is no {name} in {self.root}; put it there, or leave root empty to download it.")
        rest, where = ", ".join(source.files), f" into {home}" if home else ""
        return UserError(f"{source.title} has to be fetched by hand: get {rest} from {source.page}{where}.")

    def _small(self, source: _Source, files: dict[str, Path]) -> Generator[Progress, None, Data]:
        splits = []
        for done, part in enumerate(("train", "test")):
            images, classes = self._arrays(files, part)
            splits.append(Split(Images(_resized(images, self._side)), classes.float().unsqueeze(1)))
            yield Progress(f"Reading {source.title}", done + 1, 2)
        names = source.classes or published.read_names(files[source.files[0]], "fine_label_names.txt")
        most = int(max(split.labels.max() for split in splits)) + 1
        label = Label(source.label, "class", names if len(names) >= most else tuple(map(str, range(most))))
        return Data(DataSpec(tuple(splits[0].images.shape[1:]), (label,)), splits[0], splits[1])

    def _arrays(self, files: dict[str, Path], part: str, limit: int | None = None) -> published.Arrays:
        if self.which == "svhn":
            return published.read_svhn(files[f"{part}_32x32.mat"])
        if self.which == "emnist":
            return published.read_emnist(files["gzip.zip"], part, limit)
        if self.which in ("cifar10", "cifar100"):
            return published.read_cifar(next(iter(files.values())), part, 1 if self.which == "cifar10" else 2, limit)
        prefix = "train" if part == "train" else "t10k"
        images, labels = (files[f"{prefix}-{kind}-ubyte.gz"] for kind in ("images-idx3", "labels-idx1"))
        return published.read_idx_pair(images, labels, limit)

    def _large(self, source: _Source, files: dict[str, Path], cache: Path) -> Generator[Progress, None, Data]:
        paths = list(files.values())
        state = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in paths]
        mark = hashlib.blake2b(f"{paths[0].parent}".encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
        home = cache / "catalog" / f"{self.which}-{self._side}-{mark}"
        shape = (1 if source.channels == "gray" else 3, self._side, self._side)
        labels = self._labels(source, paths)
        width = 0 if self.which == "stl10" else len(labels)  # its labels may stand behind the images in the archive
        splits, skipped = [], []
        for part, count in zip(("train", "test"), source.counts, strict=True):
            images, rows, extra = yield from cached(
                *(home / part, {"files": state}, f"Reading {source.title}", count, shape, width),
                self._chunks(source, paths, part),
            )
            if "classes" in extra:
                rows = torch.tensor(extra["classes"], dtype=torch.float32).unsqueeze(1)
            splits.append(Split(images, rows))
            skipped += extra.get("skipped", [])
        notes = (f"{len(skipped):,} images of {source.title} could not be read: {skipped[0]}.",) if skipped else ()
        return Data(DataSpec(shape, labels), splits[0], splits[1], notes)

    def _labels(self, source: _Source, paths: list[Path]) -> tuple[Label, ...]:
        if self.which == "celeba":
            return tuple(Label(name, "binary") for name in published.celeba_attributes(paths[1])[0])
        if self.which == "omniglot":
            return (Label(source.label, "class", _alphabets(paths)),)
        if self.which == "flowers102":
            return (Label(source.label, "class", _flower_names()),)
        return (Label(source.label, "class", published.STL10_CLASSES),)

    def _chunks(
        self, source: _Source, paths: list[Path], part: str
    ) -> Callable[[], Generator[Chunk, None, dict[str, Any]]]:
        if self.which == "stl10":
            return lambda: _stl10(paths[0], part, self._side)
        if self.which == "celeba":
            return lambda: _pictures(published.celeba(paths[0], paths[1], paths[2], part), self._side, source.channels)
        if self.which == "flowers102":
            return lambda: _pictures(published.flowers(paths[0], paths[1], paths[2], part), self._side, source.channels)
        archive = paths[0 if part == "train" else 1]
        return lambda: _pictures(published.omniglot(archive, _alphabets(paths)), self._side, source.channels)


def _pictures(pictures: published.Pictures, size: int, channels: Channels) -> Generator[Chunk, None, dict[str, Any]]:
    """Decoded squares with their labels; returns why some could not be read."""
    rows: list[NDArray[np.float32]] = []
    skipped: list[str] = []

    def encoded() -> Iterator[bytes]:
        for data, row in pictures:
            rows.append(row)
            yield data

    with closing(decode_all(encoded(), size, "crop", channels)) as decoded:
        for part in decoded:
            skipped += [reason for _, reason in part.failed]
            if part.kept:
                yield part.images, torch.from_numpy(np.stack([rows[index] for index in part.kept]))
    return {"skipped": skipped}


def _stl10(archive: Path, part: str, size: int) -> Generator[Chunk, None, dict[str, Any]]:
    """Images without labels; returns these, in the same order."""
    count = 0
    for images in published.stl10_chunks(archive, part):
        count += len(images)
        yield _resized(images, size), torch.zeros(len(images), 0)
    classes = published.stl10_labels(archive, part)
    if len(classes) != count:
        raise UserError(f"{archive} holds {count:,} images but {len(classes):,} labels; delete it and get it anew.")
    return {"classes": classes}


def _resized(images: Tensor, size: int) -> Tensor:
    """uint8 (N, C, H, W) to (N, C, size, size), antialiased, a thousand at a time."""
    if images.shape[-2:] == (size, size):
        return images
    starts = range(0, len(images), 1000)
    return torch.cat([interpolate(images[i : i + 1000], (size, size), mode="bilinear", antialias=True) for i in starts])


def _alphabets(paths: list[Path]) -> tuple[str, ...]:
    """Names of all alphabets, those to learn from first."""
    return tuple(name for path in paths for name in published.omniglot_alphabets(path))


def _flower_names() -> tuple[str, ...]:
    from torchvision.datasets import Flowers102  # two seconds, which only this data set should cost

    return tuple(Flowers102.classes)
