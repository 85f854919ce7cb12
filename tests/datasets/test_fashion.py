"""Fashion-MNIST, read from idx files that are packed here, and from Debian's package where it is installed."""

import gzip
import hashlib
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch

from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress, drain
from genexplorer.datasets import fashion
from genexplorer.datasets.fashion import Fashion

RNG = np.random.default_rng(0)
PARTS = {
    "train-images-idx3-ubyte": RNG.integers(0, 256, (12, 28, 28), np.uint8),
    "train-labels-idx1-ubyte": RNG.integers(0, 10, 12).astype(np.uint8),
    "t10k-images-idx3-ubyte": RNG.integers(0, 256, (5, 28, 28), np.uint8),
    "t10k-labels-idx1-ubyte": RNG.integers(0, 10, 5).astype(np.uint8),
}


def pack(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, a in PARTS.items():
        header = struct.pack(f">HBB{a.ndim}I", 0, 8, a.ndim, *a.shape)
        (folder / f"{name}.gz").write_bytes(gzip.compress(header + a.tobytes()))
    return folder


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Debian's package is not installed, and the mirror refuses."""
    monkeypatch.setattr(fashion, "_DEBIAN", tmp_path / "none")
    monkeypatch.setattr(fashion, "_MIRROR", "http://127.0.0.1:9/")
    return tmp_path


@pytest.mark.parametrize("size", [28, 32])
def test_bytes_and_labels(nowhere: Path, size: int) -> None:
    pack(nowhere / "fashion-mnist")
    data = drain(Fashion(size=size).load(nowhere))
    assert torch.equal(Fashion(size=size).preview(3, nowhere), data.test.images.take(torch.arange(3)))
    rim = (size - 28) // 2
    for split, part in ((data.train, "train"), (data.test, "t10k")):
        x = split.images.take(torch.arange(len(split))).numpy()
        pixels = PARTS[f"{part}-images-idx3-ubyte"]
        assert np.array_equal(x[:, 0], np.pad(pixels, ((0, 0), (rim, rim), (rim, rim))))
        assert np.array_equal(split.labels[:, 0].numpy(), PARTS[f"{part}-labels-idx1-ubyte"])
    assert data.spec.shape == (1, size, size) and data.spec.labels[0].classes[9] == "Ankle boot"


def test_download_checks_and_keeps(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = pack(nowhere / "served")
    sums = {n: hashlib.md5((served / f"{n}.gz").read_bytes()).hexdigest() for n in PARTS}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served)))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        monkeypatch.setattr(fashion, "_MIRROR", f"http://127.0.0.1:{server.server_port}/")
        with pytest.raises(UserError, match="not the file that was published"):
            drain(Fashion().load(nowhere / "a"))
        assert not list((nowhere / "a" / "fashion-mnist").iterdir())
        monkeypatch.setattr(fashion, "_MD5", sums)
        job = Fashion().load(nowhere / "b")
        first = next(job)
        assert "Downloading" in first.what and first.total == (served / "train-images-idx3-ubyte.gz").stat().st_size
        job.close()
        assert not list((nowhere / "b" / "fashion-mnist").iterdir())
        assert len(drain(Fashion().load(nowhere / "b")).train) == 12
    finally:
        server.shutdown()
        server.server_close()
    assert len(drain(Fashion().load(nowhere / "b")).test) == 5


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


def test_no_network_says_which_file_goes_where(nowhere: Path) -> None:
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte\.gz .*put it in .*fashion-mnist"):
        drain(Fashion().load(nowhere))
    assert Fashion().preview(4).shape[0] == 0


@pytest.mark.parametrize("bad", [b"", b"\x1f\x8b", b"\0\0\x0d\x03", b"<html>sorry</html>"])
def test_a_damaged_file_is_named(nowhere: Path, bad: bytes) -> None:
    file = pack(nowhere / "fashion-mnist") / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(bad)
    with pytest.raises(UserError, match=r"t10k-images-idx3-ubyte\.gz cannot be read"):
        drain(Fashion().load(nowhere))
    good = gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 5, 28, 28) + b"\0" * 700)
    file.write_bytes(good)
    with pytest.raises(UserError, match="cut short"):
        drain(Fashion().load(nowhere))


@pytest.mark.skipif(not fashion._DEBIAN.is_dir(), reason="dataset-fashion-mnist is not installed")
def test_debians_package(tmp_path: Path) -> None:
    events: list[Progress] = []
    job = Fashion().load(tmp_path)
    while True:
        try:
            events.append(next(job))
        except StopIteration as end:
            data = end.value
            break
    assert len(data.train) == 60_000 and len(data.test) == 10_000 and not list(tmp_path.iterdir())
    assert torch.equal(data.test.labels.squeeze(1).long().bincount(), torch.full((10,), 1000))
    assert Fashion(size=32).preview(7).shape == (7, 1, 32, 32)
    assert torch.equal(Fashion().preview(7), data.test.images.take(torch.arange(7)))
