"""Conditions in a code as values, against the network's own way of writing them."""

import numpy as np
import pytest
import torch

from genexplorer.core.data import DataSpec, Label
from genexplorer.core.model import MODELS
from genexplorer.engine.conditions import written_of

LABELS = (Label("kind", "class", ("a", "b", "c")), Label("red_hair", "binary"), Label("age", "number", low=10, high=70))


@pytest.mark.parametrize("family", ["gan", "vae"])
def test_values_are_written_as_the_network_writes_them_and_read_back(family: str) -> None:
    values = {"network": "mlp", "latent_dim": 4, "hidden": 8, "condition": ("kind", "red_hair", "age")}
    model = MODELS[family].parse(values).build(DataSpec((1, 8, 8), LABELS))
    written = written_of(model)
    assert written.names == ("kind: a", "kind: b", "kind: c", "red hair", "age")
    for told in ((0, 1, 33.0), (2, 0, 70.0), (1, 1, 10.0)):
        y = model.given(torch.tensor(told)).y.numpy()  # type: ignore[operator]
        assert written.write(told) == pytest.approx(y, abs=1e-5)
        assert written.read(y) == pytest.approx(told, abs=1e-4)
    between = (written.write((0, 0, 20.0)) * 2 + written.write((2, 1, 80.0))) / 3
    assert written.read(between)[:2] == (0, 0) and written.read(np.full(5, 99.0))[2] == 70


def test_a_model_without_conditions_has_none() -> None:
    model = MODELS["gan"].parse({"network": "mlp", "hidden": 8}).build(DataSpec((1, 8, 8), LABELS))
    assert written_of(model).places == () and len(written_of(model).write(())) == 0
