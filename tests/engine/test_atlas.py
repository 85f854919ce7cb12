"""The map's arithmetic against scikit-learn, closed forms and planted data."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness

from genexplorer.core.abilities import Scores
from genexplorer.core.checkpoint import Checkpoint, save_checkpoint
from genexplorer.core.data import DATASETS, Label, to_float
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS
from genexplorer.engine.atlas import Atlas, Codes, Lay, Losses, Opened, along, coordinate_plane, principal_plane
from genexplorer.engine.atlas_file import Export
from genexplorer.engine.charted import Charted
from genexplorer.engine.embed import Embed
from genexplorer.engine.laid import Bent, Flat
from genexplorer.engine.query import answer


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """Not trained: the map is of whatever the model says."""
    folder = tmp_path_factory.mktemp("atlas") / "checkpoints"
    folder.mkdir()
    torch.manual_seed(0)
    dataset, recipe = DATASETS["digits"].parse({}), MODELS["vae"].parse({"latent_dim": 5, "width": 4})
    spec = drain(dataset.load(folder)).spec
    return save_checkpoint(folder / "1.safetensors", recipe.build(spec), recipe, dataset, spec, 1)


@pytest.fixture(scope="module")
def chart(checkpoint: Checkpoint) -> Charted:
    parts = list(answer(Atlas(checkpoint, checkpoint.path.parent, num=300)))
    opened = next(part for part in parts if isinstance(part, Opened))
    made = Charted(opened)
    for part in parts:
        if isinstance(part, Codes | Losses):
            made.add(part)
    return made


def test_an_atlas_holds_the_code_label_and_loss_of_each_image(checkpoint: Checkpoint, chart: Charted) -> None:
    data = drain(checkpoint.dataset.load(checkpoint.path.parent))
    model = checkpoint.model()
    assert chart.whole and chart.complete and chart.judged == len(chart) == 300
    assert len(set(chart.pictures.rows.tolist())) == 300
    x = data.train.images.take(torch.from_numpy(chart.pictures.rows))
    assert np.array_equal(chart.pictures.take(np.array([7, 3])), x[[7, 3]].numpy())
    np.testing.assert_allclose(chart.codes, model.encode(to_float(x)).numpy(), atol=1e-5)
    assert np.array_equal(chart.labels, data.train.labels.numpy()[chart.pictures.rows])
    assert isinstance(model, Scores) and chart.loss_name.startswith("−ELBO")
    many = torch.stack([model.elbo(to_float(x), torch.Generator().manual_seed(n))["elbo"] for n in range(64)])
    distance = (chart.loss + many.mean(0).numpy()) / many.std(0).numpy()
    assert abs(distance.mean()) < 0.2 and 0.8 < distance.std() < 1.2  # one draw of the same estimate


def test_a_model_that_does_not_score_is_judged_by_its_reconstruction(checkpoint: Checkpoint) -> None:
    class Plain(torch.nn.Module):
        latent_dim = 2

        def encode(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :2]

        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return torch.ones(len(z), 1, 8, 8)

    parts = list(Atlas(checkpoint, checkpoint.path.parent, num=40).answer(Plain()))  # type: ignore[arg-type]
    opened, losses = parts[0], parts[-1]
    grey = opened.pictures.take(np.arange(40)) / 255
    np.testing.assert_allclose(losses.loss, ((1 - grey) ** 2).mean((1, 2, 3)), rtol=1e-5)
    assert opened.loss == "Reconstruction error"


def test_the_principal_plane_is_scikit_learns_and_has_a_way_back() -> None:
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(500, 9)) @ rng.normal(size=(9, 9)) + 4).astype(np.float32)
    plane, pca = principal_plane(codes), PCA(2).fit(codes)
    ours, theirs = plane.places(codes), pca.transform(codes)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-3)
    np.testing.assert_allclose(plane.codes(ours), pca.inverse_transform(theirs), atol=1e-3)
    assert f"{pca.explained_variance_ratio_[0]:.0%}" in plane.names[0]


@pytest.mark.parametrize("dim", [1, 2])
def test_planes_of_the_smallest_codes(dim: int) -> None:
    codes = np.random.default_rng(0).normal(size=(50, dim)).astype(np.float32)
    for plane in (principal_plane(codes), coordinate_plane(codes, 0, dim - 1)):
        np.testing.assert_allclose(plane.codes(plane.places(codes)), codes, atol=1e-5)


def test_two_dimensions_are_shown_as_they_are_and_the_widest_are_found(checkpoint: Checkpoint) -> None:
    codes = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32) * np.array([1, 5, 1, 9, 1], np.float32)
    (layout,) = answer(Lay(checkpoint, codes, "dims"))
    assert layout.dims == (3, 1)
    np.testing.assert_allclose(layout.xy, codes[:, [3, 1]], atol=1e-6)
    back = layout.plane.codes(np.array([[2.0, -1.0]]))[0]
    assert back[3] == 2 and back[1] == -1
    np.testing.assert_allclose(back[[0, 2, 4]], codes.mean(0)[[0, 2, 4]], atol=1e-6)


def test_tsne_keeps_planted_groups_and_is_as_good_as_in_one_go(checkpoint: Checkpoint) -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 4, 240)
    codes = (rng.normal(size=(4, 12))[groups] * 6 + rng.normal(size=(240, 12))).astype(np.float32)
    steps = list(answer(Embed(checkpoint, codes)))
    assert steps[0].xy is None and [step.done for step in steps] == [0, 250, 500, 750, 1000]
    xy = steps[-1].xy
    assert xy is not None
    far = np.linalg.norm(xy[:, None] - xy[None], axis=-1) + np.diag(np.full(240, np.inf))
    assert (groups[far.argmin(1)] == groups).all()
    whole = TSNE(random_state=0).fit_transform(codes)
    assert trustworthiness(codes, xy) > trustworthiness(codes, whole) - 0.02


def test_points_along_a_line_are_even_and_end_where_it_ends() -> None:
    corners = np.array([[0.0, 0], [3, 0], [3, 1]])
    points = along(corners, 9)
    np.testing.assert_allclose(np.linalg.norm(np.diff(points, axis=0), axis=1), 0.5, atol=1e-6)
    assert np.array_equal(points[[0, -1]], corners[[0, -1]].astype(np.float32))


def test_a_walk_on_a_plane_is_its_line_and_on_a_bent_map_leads_past_images() -> None:
    codes = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32)
    flat = Flat(principal_plane(codes))
    xy, walked = flat.walk(np.array([[-1.0, 0], [1, 0]]), 11)
    np.testing.assert_allclose(flat.places(walked), xy, atol=1e-5)
    assert flat.mark(walked[0]) == pytest.approx((-1.0, 0.0), abs=1e-5)
    bent = Bent(codes[:, :2], codes)
    xy, walked = bent.walk(codes[[5, 9], :2], 40)
    assert np.array_equal(walked[0], codes[5]) and np.array_equal(walked[-1], codes[9]) and len(xy) == len(walked)
    assert bent.mark(codes[17] + 0.001) == tuple(map(float, codes[17, :2])) and bent.code(0, 0) is None


def test_exports_read_back(checkpoint: Checkpoint, tmp_path: Path) -> None:
    columns = (Label("kind", "class", ("cat", "dog")), Label("size, cm", "number"))
    index, z = np.array([4, 9]), np.array([[0.1, -2.5], [3, 4]], np.float32)
    labels, loss = np.array([[1, 0.5], [0, np.nan]], np.float32), np.array([1.5, np.nan], np.float32)
    for name in ("out.csv", "out.npz"):
        assert list(answer(Export(checkpoint, tmp_path / name, index, z, labels, columns, loss))) == [2]
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"index": "4", "kind": "dog", "size, cm": "0.5", "loss": "1.5", "z0": "0.1", "z1": "-2.5"}
    assert rows[1]["size, cm"] == rows[1]["loss"] == ""
    arrays = np.load(tmp_path / "out.npz")
    assert np.array_equal(arrays["z"], z) and arrays["label_names"].tolist() == ["kind", "size, cm"]
    assert not list(tmp_path.glob(".*"))


def test_an_export_that_cannot_be_is_told(checkpoint: Checkpoint, tmp_path: Path) -> None:
    none = np.zeros((0, 1), np.float32)
    for path, said in ((tmp_path / "out.txt", ".csv or .npz"), (tmp_path / "file" / "x.csv", "cannot be written")):
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match=said):
            list(answer(Export(checkpoint, path, none[:, 0], none, none, (), none[:, 0])))
