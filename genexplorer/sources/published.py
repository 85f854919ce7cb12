"""Where the published data sets lie, and how their files are read. Addresses and checksums are torchvision's."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.errors import UserError
from .archive import members, readable
from .idx import parse_idx, read_idx

Arrays = tuple[Tensor, Tensor]
"""Images, uint8 (N, C, H, W), and class indices, int64 (N,)."""

Pictures = Iterator[tuple[bytes, NDArray[np.float32]]]
"""Encoded pictures, each with its row of labels, float32 (L,)."""

STL10_CLASSES = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")


@dataclass(frozen=True)
class Origin:
    """Addresses of a file, to be tried in turn, and its MD5 checksum."""

    urls: tuple[str, ...]
    md5: str


def origin(which: str, name: str) -> Origin | None:
    """Where the file called `name` is published; None where it takes a person to fetch it."""
    import torchvision.datasets as known  # two seconds, which only a download should cost

    if which in ("mnist", "kmnist"):
        family: Any = getattr(known, which.upper())
        return Origin(tuple(f"{mirror}{name}" for mirror in family.mirrors), dict(family.resources)[name])
    if which == "emnist":
        return Origin((known.EMNIST.url,), known.EMNIST.md5)
    if which in (
        "cifar10",
        "cifar100",
    ):  # the binary archives; torchvision reads pickled ones
        md5 = {"cifar10": "c32a1d4ab5d03f1284b67883e8d87530", "cifar100": "03b5dce01913d631647c71ecec9e9cb8"}[which]
        return Origin((f"https://www.cs.toronto.edu/~kriz/{name}",), md5)
    if which == "svhn":
        url, _, md5 = known.SVHN.split_list[name.partition("_")[0]]
        return Origin((url,), md5)
    if which == "stl10":
        return Origin((known.STL10.url,), known.STL10.tgz_md5)
    if which == "flowers102":
        return Origin(
            (f"{known.Flowers102._download_url_prefix}{name}",), dict(known.Flowers102._file_dict.values())[name]
        )
    if which == "omniglot":
        prefix = known.Omniglot.download_url_prefix
        return Origin((f"{prefix}/{name}",), known.Omniglot.zips_md5[name.removesuffix(".zip")])
    return None


def read_idx_pair(images: Path, labels: Path, limit: int | None = None) -> Arrays:
    """MNIST and its relatives."""
    return _paired(read_idx(images, limit), read_idx(labels, limit), images)


def read_emnist(archive: Path, part: str, limit: int | None = None) -> Arrays:
    """The balanced split, `part` train or test; its pictures are published lying on their side.

    Here and below, `limit` is how many of the first images suffice.
    """
    import gzip

    found: dict[str, Tensor] = {}
    with readable(archive):
        for name, file in members(archive, lambda name: f"emnist-balanced-{part}-" in name and name.endswith(".gz")):
            with gzip.open(file) as unpacked:
                found["labels" if "labels" in name else "images"] = parse_idx(unpacked, limit)  # type: ignore[arg-type]
        return _paired(found["images"].transpose(1, 2).contiguous(), found["labels"], archive)


def read_cifar(archive: Path, part: str, label_bytes: int, limit: int | None = None) -> Arrays:
    """The binary archives: records of `label_bytes` (the last one counts) and 3 × 32 × 32 bytes."""
    wanted = re.compile(r".*/(data_batch_\d|train)\.bin$" if part == "train" else r".*/(test_batch|test)\.bin$")
    record = label_bytes + 3 * 32 * 32
    blocks = {}
    with closing(members(archive, lambda name: bool(wanted.match(name)))) as found:
        for name, file in found:
            blocks[name] = file.read(-1 if limit is None else limit * record)
            if limit is not None:
                break
    with readable(archive):
        if not blocks:
            raise ValueError("it holds no such batches")
        rows = np.concatenate([np.frombuffer(blocks[name], np.uint8).reshape(-1, record) for name in sorted(blocks)])
    images = torch.from_numpy(rows[:, label_bytes:].reshape(-1, 3, 32, 32).copy())
    return images, torch.from_numpy(rows[:, label_bytes - 1].astype(np.int64))


def read_svhn(file: Path) -> Arrays:
    """House numbers; the digit 0 is published as class 10."""
    mat = _mat(file)
    with readable(file):
        images = torch.from_numpy(np.ascontiguousarray(mat["X"].transpose(3, 2, 0, 1)))
        return images, torch.from_numpy(mat["y"].reshape(-1).astype(np.int64) % 10)


def read_names(archive: Path, ending: str) -> tuple[str, ...]:
    """The lines of a text file inside an archive, such as its class names; none where there is no such file."""
    for _, file in members(archive, lambda name: name.endswith(ending)):
        return tuple(line for line in file.read().decode("utf-8").splitlines() if line.strip())
    return ()


def stl10_chunks(archive: Path, part: str, chunk: int = 100) -> Iterator[Tensor]:
    """Images, uint8 (n, 3, 96, 96), as they stream out of the archive; published with columns first."""
    step = chunk * 3 * 96 * 96
    for _, file in members(archive, lambda name: name.endswith(f"{part}_X.bin")):
        while block := file.read(step):
            images = np.frombuffer(block, np.uint8).reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
            yield torch.from_numpy(images.copy())


def stl10_labels(archive: Path, part: str) -> list[int]:
    """Class indices of the images, from 0."""
    for _, file in members(archive, lambda name: name.endswith(f"{part}_y.bin")):
        return (np.frombuffer(file.read(), np.uint8).astype(int) - 1).tolist()  # type: ignore[no-any-return]
    raise UserError(f"{archive} holds no labels for {part}; delete it and get it anew.")


def celeba_attributes(file: Path) -> tuple[tuple[str, ...], dict[str, int], NDArray[np.float32]]:
    """Names of the 40 attributes, the row of each file name, and 0/1 values, float32 (N, 40)."""
    with readable(file), file.open(encoding="utf-8") as text:
        count = int(text.readline())
        names = tuple(text.readline().split())
        values = np.zeros((count, len(names)), np.float32)
        rows: dict[str, int] = {}
        for index, line in enumerate(text):
            name, *cells = line.split()
            values[index] = np.array(cells, np.int8) > 0
            rows[name] = index
        return names, rows, values


def celeba(images: Path, attributes: Path, partition: Path, part: str) -> Pictures:
    """Faces of the published training or test part."""
    _, rows, values = celeba_attributes(attributes)
    with readable(partition):
        lines = (line.split() for line in partition.read_text("utf-8").splitlines() if line.strip())
        chosen = {name for name, place in lines if place == ("0" if part == "train" else "2")}
    for name, file in members(images, lambda name: name.rpartition("/")[2] in chosen):
        yield file.read(), values[rows[name.rpartition("/")[2]]]


def flowers(images: Path, labels: Path, parts: Path, part: str) -> Pictures:
    """Flowers; the published training and validation parts together are the training part."""
    ids, classes = _mat(parts), _mat(labels)
    with readable(parts):
        keys = ("trnid", "valid") if part == "train" else ("tstid",)
        chosen = {int(i) for key in keys for i in ids[key].reshape(-1)}
    with readable(labels):
        by_id = classes["labels"].reshape(-1).astype(np.float32) - 1
    for name, file in members(images, lambda name: name.endswith(".jpg")):
        number = int(name.removesuffix(".jpg").rpartition("_")[2])
        if number in chosen:
            yield file.read(), by_id[number - 1 : number]


def omniglot_alphabets(archive: Path) -> tuple[str, ...]:
    """Names of the alphabets in one of the two archives, sorted."""
    return tuple(sorted({name.split("/")[1] for name, _ in members(archive, lambda name: name.endswith(".png"))}))


def omniglot(archive: Path, alphabets: tuple[str, ...]) -> Pictures:
    """Characters, with the place of their alphabet among `alphabets`."""
    for name, file in members(archive, lambda name: name.endswith(".png")):
        yield file.read(), np.array([alphabets.index(name.split("/")[1])], np.float32)


def _mat(file: Path) -> dict[str, Any]:
    from scipy.io import loadmat  # type: ignore[import-untyped, unused-ignore]

    with readable(file):
        try:
            content: dict[str, Any] = loadmat(file)
        except Exception as error:  # scipy raises its own kinds of error for damaged files
            raise ValueError(str(error)) from error
        return content


def _paired(images: Tensor, labels: Tensor, path: Path) -> Arrays:
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise UserError(f"{path} and its labels do not belong together; delete both and get them anew.")
    return images.unsqueeze(1), labels.long()
