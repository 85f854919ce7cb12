"""Digits against scikit-learn's own array."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from genexplorer.core.events import drain
from genexplorer.datasets import digits
from genexplorer.datasets.digits import Digits


def test_images_and_labels_are_scikit_learns(tmp_path: Path) -> None:
    data = drain(Digits().load(tmp_path))
    assert data.spec.shape == (1, 8, 8) and data.spec.labels[0].name == "digit"
    assert len(data.train) == 1500 and len(data.test) == 297
    x = torch.cat([s.images.take(torch.arange(len(s))) for s in (data.train, data.test)]).squeeze(1).numpy()
    oracle = load_digits()
    assert x.dtype == np.uint8 and x.min() == 0 and x.max() == 255
    assert np.abs(x / 255 * 16 - oracle.images).max() < 0.04
    y = torch.cat([data.train.labels, data.test.labels])
    assert y.dtype == torch.float32 and np.array_equal(y.squeeze(1).numpy(), oracle.target)
    assert not list(tmp_path.iterdir())


def test_it_is_read_also_where_the_file_lies_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = digits._digits()
    monkeypatch.setattr(digits.importlib.util, "find_spec", lambda name: None)
    for one, other in zip(quick, digits._digits(), strict=True):
        assert torch.equal(one, other)


def test_preview() -> None:
    assert Digits().preview(5).shape == (5, 1, 8, 8)
