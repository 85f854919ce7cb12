"""Sliders named for a model that only draws: a linear one, whose numbers are the attributes of what it draws."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split
from genexplorer.core.errors import UserError
from genexplorer.core.events import Progress, drain
from genexplorer.core.model import MODELS, Model, ModelRecipe
from genexplorer.core.recipe import knob
from genexplorer.engine import naming
from genexplorer.engine.attributes import attributes_of
from genexplorer.engine.labelled import attributes_to_name, drawn
from genexplorer.engine.naming import can_be_named, load_named, name_directions

LABELS = (Label("light", "number"), Label("glasses", "binary"), Label("side", "class", ("left", "right")))
SPEC = DataSpec((1, 6, 6), LABELS)
D = 4  # free numbers; of what is drawn row k shows mix[k] @ z, row 4 shows the condition


def mixing() -> Tensor:
    return torch.linalg.qr(torch.randn(D, D, generator=torch.Generator().manual_seed(4)))[0]


class Rows(Model):
    latent_dim = D + 2
    conditions = LABELS[2:]

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def decode(self, z: Tensor) -> Tensor:
        rows = torch.cat([z[:, :D] @ mixing().T / 4, z[:, D:]], 1)
        return rows[:, None, :, None].expand(-1, 1, -1, 6).clamp(-1, 1)

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        side = torch.randint(2, (num, 1), generator=rng) * 2 - 1
        return torch.cat([torch.randn(num, D, generator=rng), side, -side], 1)

    def given(self, y: Tensor) -> Model:
        known = Model()
        known.latent_dim, known.decode = D, lambda z: z  # type: ignore[assignment]
        return known


class RowsRecipe(ModelRecipe):
    title = "Rows"

    def build(self, spec: DataSpec) -> Model:
        return Rows()


class Eyes(nn.Module):
    """Reads light off row 0 and glasses off row 1, as a probe that sees all of them does."""

    def __init__(self, taken: tuple[int, ...] = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.taken, self.skill = list(taken), torch.ones(len(taken))

    def only(self, attributes: list[int]) -> "Eyes":
        return Eyes(tuple(attributes))

    def forward(self, x: Tensor) -> Tensor:
        rows = 4 * x.mean(3)[:, 0]
        return torch.stack([rows[:, 0], rows[:, 1], rows[:, 4], rows[:, 5]], 1)[:, self.taken]


class Pictures(DatasetRecipe):
    title = "Pictures"
    of: int = knob(3, "How many labels there are.")

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        yield Progress("Drawing", 1, 1)
        rng = torch.Generator().manual_seed(0)
        labels = torch.stack(
            [torch.rand(400, generator=rng), (torch.rand(400, generator=rng) < 0.25).float(), torch.arange(400) % 2], 1
        )
        split = Split(Images(torch.zeros(400, 1, 6, 6, dtype=torch.uint8)), labels)
        return Data(SPEC, split, split)


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    MODELS.register("rows")(RowsRecipe)
    DATASETS.register("pictures")(Pictures)

    def eyes(*_: object, **__: object) -> Generator[Progress, None, Any]:
        yield Progress("Training a judge of attributes", 1, 1)
        return Eyes()

    def features(*_: object) -> Generator[Progress, None, Any]:
        yield Progress("Learning", 1, 1)
        return lambda x: x.flatten(1)

    monkeypatch.setattr(naming, "probe_of", eyes)
    monkeypatch.setattr(naming, "feature_net", features)
    path = tmp_path / "00000001.safetensors"
    yield save_checkpoint(path, Rows(), RowsRecipe(), Pictures(), SPEC, 1)
    del MODELS._found["rows"], DATASETS._found["pictures"]


def test_each_attribute_that_is_no_condition_has_its_own_direction(checkpoint: Checkpoint, tmp_path: Path) -> None:
    first, last = (part for part in name_directions(checkpoint, tmp_path) if not isinstance(part, Progress))
    assert first.axes.names == last.axes.names == ("light", "glasses") and first.measured is None
    truth = mixing()[:2].numpy()
    for named in (first, last):
        assert named.axes.vectors.shape == (2, D + 2) and not named.axes.vectors[:, D:].any()
        assert not named.axes.duals[:, D:].any() and named.axes.origin[D:].tolist() == [0, 0]
        vectors = named.axes.vectors[:, :D]
        assert np.diag(vectors @ truth.T) / np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=0.03)
    assert last.effect == pytest.approx(np.eye(2), abs=0.05)
    assert np.diag(last.axes.vectors[:, :D] @ truth.T) == pytest.approx([1, 1], abs=0.08)
    assert np.einsum("jd,jd->j", last.axes.duals, last.axes.vectors) == pytest.approx([1, 1], abs=1e-4)
    again = load_named(checkpoint)
    assert again is not None and np.array_equal(again.axes.vectors, last.axes.vectors)


def test_as_many_draws_are_taken_for_yes_as_real_images_are(checkpoint: Checkpoint, tmp_path: Path) -> None:
    data = drain(Pictures().load(tmp_path))
    model, taken = Rows(), attributes_to_name(checkpoint)
    attributes = tuple(attributes_of(LABELS)[k] for k in taken)
    known = drain(drawn(model, Eyes().only(taken), data, attributes, 4000))  # type: ignore[arg-type]
    rate = float(data.train.labels[:, 1].mean())
    yes = known.y[:, 1] > 0
    assert len(np.unique(known.y[:, 1])) == 2 and yes.mean() == pytest.approx(rate, abs=2e-3)
    shows = known.z @ mixing()[1].numpy()
    assert shows[yes].min() >= shows[~yes].max() - 1e-4
    assert np.corrcoef(known.y[:, 0], known.z @ mixing()[0].numpy())[0, 1] > 0.99
    picture = known.model.decode(torch.from_numpy(known.starts))  # type: ignore[operator]
    sides = picture[:, 0, D:, 0]
    assert sides.abs().min() == 1 and (sides.sum(1) == 0).all() and 20 < int((sides[:, 0] > 0).sum()) < 76


def test_what_is_all_conditions_cannot_be_named(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_be_named(checkpoint)
    monkeypatch.setattr(Rows, "conditions", LABELS)
    assert not can_be_named(checkpoint)
    with pytest.raises(UserError, match="not its conditions"):
        next(name_directions(checkpoint, Path()))
