"""Which units fire, and what they draw, on a dictionary that is known."""

import numpy as np
import pytest
import torch
from torch import Tensor

from genexplorer.core.data import Images
from genexplorer.core.events import Progress
from genexplorer.core.model import Model
from genexplorer.engine.at_hand import TestImages
from genexplorer.engine.units import Units, look_at_units


class Dictionary(Model):
    """One unit per pixel, on where it is light; and a last one that is never on."""

    latent_dim = 17

    def __init__(self) -> None:
        super().__init__()
        self.atoms = torch.cat([torch.eye(16), torch.ones(1, 16)])

    def encode(self, x: Tensor) -> Tensor:
        light = (x.flatten(1) + 1) / 2
        return torch.cat([torch.where(light > 0.3, light, 0.0), torch.zeros(len(x), 1)], 1)

    def decode(self, z: Tensor) -> Tensor:
        return (z @ self.atoms).view(-1, 1, 4, 4) * 2 - 1

    def fires(self, z: Tensor) -> Tensor:
        return z != 0


@pytest.fixture
def x() -> Tensor:
    x = torch.zeros(40, 1, 4, 4, dtype=torch.uint8)
    x[:10, 0, 0, 0] = 255
    x[10:30, 0, 1, 2] = torch.arange(100, 120, dtype=torch.uint8)
    return x


@pytest.fixture
def units(x: Tensor) -> Units:
    answers = list(look_at_units(Dictionary(), TestImages(Images(x), None, None)))
    assert all(isinstance(answer, Progress) for answer in answers[:-1])
    assert isinstance(answers[-1], Units)
    return answers[-1]


def test_rates_and_typical_activations_are_those_of_the_images(units: Units) -> None:
    expected = np.zeros(17)
    expected[0], expected[6] = 10 / 40, 20 / 40
    assert units.rate == pytest.approx(expected)
    assert units.typical[0] == pytest.approx(1.0)
    assert units.typical[6] == pytest.approx(np.arange(100, 120).mean() / 255, rel=1e-5)


def test_a_unit_draws_its_atom_and_nothing_else(units: Units) -> None:
    drawn = units.drawn[6, 0].astype(int)
    assert drawn[1, 2] == 248
    drawn[1, 2] = 128
    assert (drawn == 128).all()
    assert (units.drawn[16] == 248).all()  # also of a unit that never fires


def test_the_strongest_images_come_first(units: Units) -> None:
    assert units.best[6].tolist() == list(range(29, 17, -1))
    assert set(units.best[0].tolist()) == {*range(10), -1}
    assert (units.best[16] == -1).all()


def test_orders(units: Units) -> None:
    assert units.in_order("use", 0).tolist() == [6, 0]
    assert units.in_order("rare", 0).tolist() == [0, 6]
    assert units.in_order("image", 12).tolist() == [6]
    assert units.in_order("image", 35).tolist() == []
    assert sorted({*range(17)} - {0, 6}) == units.in_order("dead", 0).tolist()
    assert units.in_order("set", 0).tolist() == list(range(17))
