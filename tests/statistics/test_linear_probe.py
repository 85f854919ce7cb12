"""Linear rules beside those that scikit-learn fits on the codes as they are."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from genexplorer.statistics import linear_probe
from genexplorer.statistics.linear_probe import Rows, accuracy, alone, explained


def codes(num: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N, 6), a kind of three that two dimensions tell, and a number that is 80 % explained."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(num, 6))
    kind = np.argmax(np.stack([z[:, 0], z[:, 1], -z[:, 0] - z[:, 1]], 1), 1).astype(float)
    return z * 7 + 3, kind, 2 * z[:, 3] + z[:, 4] * 0 + rng.normal(size=num)


def test_probe_of_kinds_and_numbers() -> None:
    (train, kinds, numbers), (test, truth, held) = codes(1500, 0), codes(1000, 1)
    rows = Rows.of(train, test)
    found = accuracy(rows, kinds, truth)
    peer = LogisticRegression(C=10, max_iter=500).fit(train, kinds).score(test, truth)
    assert found.value == pytest.approx(peer, abs=0.01) and found.value > 0.97 and found.low < found.value < found.high
    (r2,) = explained(rows, numbers[:, None], held[:, None], (0,))
    assert r2.value == pytest.approx(Ridge(1.0).fit(train, numbers).score(test, held), abs=0.01)
    assert r2.value == pytest.approx(0.8, abs=0.04)


def test_wide_codes_are_turned_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """More dimensions than rows: ridge regression on the turned rows is ridge regression on the codes."""
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(60, 300)), rng.normal(size=(20, 300))
    monkeypatch.setattr(linear_probe, "_WIDE", 100)
    rows = Rows.of(train, test)
    assert rows.train.shape == (60, 59)  # centred, 60 rows span 59 directions
    y = train[:, :3].sum(1)
    turned = Ridge(1e-6).fit(rows.train, y).predict(rows.test)
    np.testing.assert_allclose(turned, Ridge(1e-9).fit(train, y).predict(test), atol=1e-3)


def test_one_kind_alone_is_guessed() -> None:
    train, _, _ = codes(30, 0)
    found = accuracy(Rows.of(train, train), np.ones(30), np.array([1.0] * 20 + [0.0] * 10))
    assert found.value == pytest.approx(2 / 3)


def test_a_hue_is_told_around_the_circle() -> None:
    """Two dimensions tell it: its R² is that of cosine and sine, wherever the circle is cut; a line tells far less."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 1, 2500)
    z = np.stack([np.cos(2 * np.pi * angle), rng.normal(size=2500), np.sin(2 * np.pi * angle)], 1)
    z += 0.3 * rng.normal(size=z.shape)
    rows, labels = Rows.of(z[:1500], z[1500:]), np.stack([angle, (angle + 0.4) % 1, z[:, 1]], 1)
    hue, turned, other = explained(rows, labels[:1500], labels[1500:], (1, 1, 0))
    assert hue.value == pytest.approx(0.5 / (0.5 + 0.3**2), abs=0.02)  # variance of a cosine, and the noise
    assert turned.value == pytest.approx(hue.value, abs=1e-3) and other.value > 0.99
    assert hue.low < hue.value < hue.high
    assert explained(rows, labels[:1500, :1], labels[1500:, :1], (0,))[0].value < 0.65
    each = alone(z[:1500], z[1500:], angle[:1500], angle[1500:], True, 1)
    assert each == pytest.approx([hue.value / 2, 0, hue.value / 2], abs=0.03)
    assert alone(z[:1500], z[1500:], z[:1500, 1], z[1500:, 1], True)[1] == pytest.approx(1)
