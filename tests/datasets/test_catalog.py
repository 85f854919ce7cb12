"""The published formats, fabricated in small; and MNIST's real files where they lie."""

import gzip
import io
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from genexplorer.core.data import Data, Split
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.datasets import catalog
from genexplorer.datasets.catalog import Catalog
from genexplorer.sources import published
from genexplorer.sources.published import Origin

RNG = np.random.default_rng(0)
MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"


def load(which: str, root: Path, cache: Path, size: int = 0) -> Data:
    return drain(Catalog(which=which, root=str(root), size=size).load(cache))


def pixels(split: Split) -> np.ndarray:
    return split.images.take(torch.arange(len(split))).numpy()


def preview(which: str, root: Path, num: int, size: int = 0) -> np.ndarray:
    return Catalog(which=which, root=str(root), size=size).preview(num).numpy()


def noise(*shape: int, top: int = 256) -> np.ndarray:
    return RNG.integers(0, top, shape).astype(np.uint8)


def idx(a: np.ndarray) -> bytes:
    return gzip.compress(struct.pack(f">HBB{a.ndim}I", 0, 8, a.ndim, *a.shape) + a.tobytes())


def png(a: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(a).save(out, "png")
    return out.getvalue()


def tar(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def pack(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


@pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST's files are not in ../shared/data/mnist")
def test_the_real_mnist(tmp_path: Path) -> None:
    data = load("mnist", MNIST, tmp_path)
    assert (len(data.train), len(data.test)) == (60_000, 10_000) and data.spec.shape == (1, 28, 28)
    assert data.test.labels[:10, 0].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    raw = gzip.decompress((MNIST / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    assert data.test.images.take(torch.arange(10_000)).numpy().tobytes() == raw


@pytest.mark.parametrize("which", ["mnist", "kmnist"])
def test_idx_families(tmp_path: Path, which: str) -> None:
    x, y = noise(9, 28, 28), noise(9, top=10)
    place = tmp_path / which.upper() / "raw"
    place.mkdir(parents=True)
    for part in ("train", "t10k"):
        (place / f"{part}-images-idx3-ubyte").write_bytes(gzip.decompress(idx(x)))
        (place / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(y))
    data = load(which, tmp_path, tmp_path / "c")
    assert np.array_equal(pixels(data.train)[:, 0], x) and np.array_equal(data.test.labels[:, 0], y)
    assert load(which, tmp_path, tmp_path / "c", 32).spec.shape == (1, 32, 32)
    assert np.array_equal(preview(which, tmp_path, 4)[:, 0], x[:4])
    assert preview(which, tmp_path, 4, 32).shape == (4, 1, 32, 32)


def test_emnist_stands_upright(tmp_path: Path) -> None:
    files, x, y = {}, noise(6, 28, 28), noise(6, top=47)
    for part in ("train", "test"):
        files[f"gzip/emnist-balanced-{part}-images-idx3-ubyte.gz"] = idx(x)
        files[f"gzip/emnist-balanced-{part}-labels-idx1-ubyte.gz"] = idx(y)
        files[f"gzip/emnist-letters-{part}-images-idx3-ubyte.gz"] = b"not this one"
    pack(tmp_path / "gzip.zip", files)
    data = load("emnist", tmp_path, tmp_path)
    assert np.array_equal(pixels(data.test)[:, 0], x.transpose(0, 2, 1))
    assert np.array_equal(preview("emnist", tmp_path, 2), pixels(data.train)[:2])
    assert len(data.spec.labels[0].classes) == 47 and np.array_equal(data.train.labels[:, 0], y)


def test_cifar_from_the_binary_archives(tmp_path: Path) -> None:
    rows = [noise(4, 1 + 3072) % 10 for _ in range(6)]
    names = [*(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)), "cifar-10-batches-bin/test_batch.bin"]
    tar(tmp_path / "cifar-10-binary.tar.gz", {n: r.tobytes() for n, r in reversed([*zip(names, rows, strict=True)])})
    data = load("cifar10", tmp_path, tmp_path)
    train = np.concatenate(rows[:5])
    assert np.array_equal(pixels(data.train), train[:, 1:].reshape(-1, 3, 32, 32))
    assert np.array_equal(data.train.labels[:, 0], train[:, 0]) and len(data.test) == 4
    assert preview("cifar10", tmp_path, 3).shape == (3, 3, 32, 32)

    hundred = noise(3, 2 + 3072) % 100
    words = "\n".join(f"thing {i}" for i in range(100)).encode()
    files = {"train.bin": hundred.tobytes(), "test.bin": hundred.tobytes(), "fine_label_names.txt": words}
    tar(tmp_path / "cifar-100-binary.tar.gz", {f"cifar-100-binary/{n}": b for n, b in files.items()})
    data = load("cifar100", tmp_path, tmp_path)
    assert np.array_equal(data.test.labels[:, 0], hundred[:, 1]) and data.spec.labels[0].classes[99] == "thing 99"
    assert np.array_equal(pixels(data.test), hundred[:, 2:].reshape(-1, 3, 32, 32))


def test_svhn_calls_ten_zero(tmp_path: Path) -> None:
    x = noise(32, 32, 3, 5)
    for part in ("train", "test"):
        savemat(tmp_path / f"{part}_32x32.mat", {"X": x, "y": np.array([[10], [1], [9], [10], [3]], np.uint8)})
    data = load("svhn", tmp_path, tmp_path)
    assert data.train.labels[:, 0].tolist() == [0, 1, 9, 0, 3]
    assert np.array_equal(pixels(data.test), x.transpose(3, 2, 0, 1))
    assert np.array_equal(preview("svhn", tmp_path, 3), pixels(data.test)[:3])


@pytest.mark.parametrize("labels_first", [True, False])
def test_stl10_streams(tmp_path: Path, labels_first: bool) -> None:
    x, y = noise(4, 3, 96, 96), np.array([1, 10, 3, 2], np.uint8)
    files = {"unlabeled_X.bin": b"junk"}
    for part in ("train", "test"):
        files |= {f"{part}_y.bin": y.tobytes(), f"{part}_X.bin": x.tobytes()}
    order = sorted(files, reverse=labels_first)
    tar(tmp_path / "stl10_binary.tar.gz", {f"stl10_binary/{n}": files[n] for n in order})
    data = load("stl10", tmp_path, tmp_path / "c")
    assert np.array_equal(pixels(data.train), x.transpose(0, 1, 3, 2))
    assert data.test.labels[:, 0].tolist() == [0, 9, 2, 1]
    assert load("stl10", tmp_path, tmp_path / "c", 48).spec.shape == (3, 48, 48)
    assert np.array_equal(preview("stl10", tmp_path, 3), pixels(data.train)[:3])


@pytest.mark.parametrize("unpacked", [True, False])
def test_celeba_with_its_attributes(tmp_path: Path, unpacked: bool) -> None:
    base = tmp_path / "celeba"
    base.mkdir()
    shades = {f"{i:06}.jpg": png(np.full((218, 178, 3), i, np.uint8)) for i in range(1, 9)}
    signs = {name: [1 if (i >> j) % 2 else -1 for j in range(3)] for i, name in enumerate(shades)}
    table = [f"{len(shades)}", "Bald Bangs Male", *(f"{n}  {' '.join(map(str, s))}" for n, s in signs.items())]
    (base / "list_attr_celeba.txt").write_text("\n".join(table) + "\n")
    (base / "list_eval_partition.txt").write_text("\n".join(f"{n} {i % 3}" for i, n in enumerate(shades)))
    if unpacked:
        (base / "img_align_celeba").mkdir()
        for name, data in shades.items():
            (base / "img_align_celeba" / name).write_bytes(data)
    else:
        pack(base / "img_align_celeba.zip", {f"img_align_celeba/{n}": d for n, d in shades.items()})
    data = load("celeba", tmp_path, tmp_path / "c", 16)
    assert [label.name for label in data.spec.labels] == ["Bald", "Bangs", "Male"]
    for split, place in ((data.train, 0), (data.test, 2)):
        for x, y in zip(pixels(split), split.labels, strict=True):
            i = int(x[0, 0, 0]) - 1
            assert i % 3 == place and y.tolist() == [float((i >> j) % 2) for j in range(3)]
    assert (len(data.train), len(data.test)) == (3, 2)
    assert np.array_equal(preview("celeba", tmp_path, 2, 16), pixels(data.train)[:2])


def test_flowers(tmp_path: Path) -> None:
    tar(
        tmp_path / "102flowers.tgz",
        {f"jpg/image_{i:05}.jpg": png(np.full((40, 50, 3), i, np.uint8)) for i in (3, 1, 4, 2)},
    )
    savemat(tmp_path / "imagelabels.mat", {"labels": np.array([[77, 1, 102, 5]])})
    savemat(tmp_path / "setid.mat", {"trnid": np.array([[1]]), "valid": np.array([[3]]), "tstid": np.array([[2, 4]])})
    data = load("flowers102", tmp_path, tmp_path / "c")
    got = {
        int(x[0, 0, 0]): int(y) for s in (data.train, data.test) for x, y in zip(pixels(s), s.labels[:, 0], strict=True)
    }
    assert got == {1: 76, 3: 101, 2: 0, 4: 4} and len(data.train) == 2
    assert data.spec.labels[0].classes[0] == "pink primrose" and len(data.spec.labels[0].classes) == 102


def test_omniglot(tmp_path: Path) -> None:
    def drawing(value: int) -> bytes:
        return png(np.full((105, 105), value, np.uint8))

    pack(
        tmp_path / "images_background.zip",
        {f"images_background/{a}/character01/{i}.png": drawing(i) for i, a in enumerate("BA")},
    )
    pack(
        tmp_path / "images_evaluation.zip",
        {"images_evaluation/C/character01/2.png": drawing(2), "images_evaluation/C/character02/9.png": b"x"},
    )
    data = load("omniglot", tmp_path, tmp_path / "c")
    assert data.spec.labels[0].classes == ("A", "B", "C") and data.spec.shape == (1, 28, 28)
    assert sorted(zip(pixels(data.train)[:, 0, 0, 0], data.train.labels[:, 0].tolist(), strict=True)) == [
        (0, 1),
        (1, 0),
    ]
    assert data.test.labels.tolist() == [[2.0]] and "1 images of Omniglot" in data.notes[0]


def test_a_preview_downloads_nothing(tmp_path: Path) -> None:
    assert Catalog(which="cifar10").preview(4, tmp_path).shape[0] == 0
    home = tmp_path / "catalog" / "mnist"
    home.mkdir(parents=True)
    for part in ("train", "t10k"):
        (home / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(noise(5, 28, 28)))
        (home / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(noise(5, top=10)))
    assert Catalog(which="mnist").preview(4, tmp_path).shape == (4, 1, 28, 28)
    assert Catalog(which="mnist").preview(4).shape[0] == 0
    with pytest.raises(UserError, match="fetched by hand"):
        Catalog(which="celeba").preview(4, tmp_path)
    with pytest.raises(UserError, match="put it there"):
        Catalog(which="mnist", root=str(tmp_path / "elsewhere")).preview(4)


def test_what_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"no train-images-idx3-ubyte\.gz in .*put it there"):
        load("mnist", tmp_path, tmp_path)
    with pytest.raises(UserError, match=r"fetched by hand: get img_align_celeba\.zip"):
        drain(Catalog(which="celeba").load(tmp_path))
    monkeypatch.setattr(published, "origin", lambda *_: Origin(("http://127.0.0.1:9/x",), ""))
    with pytest.raises(UserError, match=r"cifar-10-binary\.tar\.gz could not be downloaded .* put it in .*cifar10"):
        drain(Catalog(which="cifar10").load(tmp_path))
    with pytest.raises(UserError, match="size"):
        Catalog.parse({"size": 5})


@pytest.mark.parametrize("which", ["cifar10", "stl10", "svhn", "emnist", "omniglot", "flowers102"])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, which: str) -> None:
    for name in catalog._SOURCES[which].files:
        (tmp_path / name).write_bytes(b"<html>not found</html>")
    with pytest.raises(UserError, match="delete it") as caught:
        load(which, tmp_path, tmp_path / "c")
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_every_download_has_an_address_and_a_checksum() -> None:
    for which, source in catalog._SOURCES.items():
        for name in source.files:
            where = published.origin(which, name)
            assert (where is None) == (which == "celeba")
            if where:
                assert len(where.md5) == 32 and all(url.startswith("http") for url in where.urls)
    assert "torchvision" in sys.modules
