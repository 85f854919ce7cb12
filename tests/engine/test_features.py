"""What images are compared by: near nothing between real images, and more with every corruption."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.data import DATASETS, Data, DataSpec, Images, Split, to_float, to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.events import drain
from genexplorer.engine import features
from genexplorer.engine.features import feature_net, features_of, learn_features, read_net, shipped_path
from genexplorer.engine.inception import InceptionFeatures, inception_input
from genexplorer.sources import portrait, sprites
from genexplorer.statistics.frechet import frechet_distance
from genexplorer.statistics.kernel import kernel_distance


def real(name: str, num: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images and the kind of each, as the data set has them."""
    rng = torch.Generator().manual_seed(seed)
    if name == "shapes":
        labels = sprites.sample(num, False, rng)
        return sprites.render(labels, 32), labels[:, 0]
    if name == "faces":
        scene = portrait.sample(num, rng)
        return portrait.render(scene, 64), (scene.glasses > 0).float()
    split = drain(DATASETS["digits"]().load(Path())).train  # its test part was written by other people
    order = torch.randperm(len(split), generator=torch.Generator().manual_seed(0))[seed * num : (seed + 1) * num]
    return split.images.take(order), split.labels[order, 0]


def soft(x: Tensor, much: float) -> Tensor:
    size = max(2, round(x.shape[-1] / much))
    small = F.interpolate(to_float(x), (size, size), mode="area")
    return to_uint8(F.interpolate(small, x.shape[2:], mode="bilinear"))


def noisy(x: Tensor, much: float) -> Tensor:
    return to_uint8(to_float(x) + much * torch.randn(x.shape, generator=torch.Generator().manual_seed(0)))


def swirled(x: Tensor, much: float) -> Tensor:
    line = (torch.arange(x.shape[-1]) + 0.5) * 2 / x.shape[-1] - 1
    down, right = torch.meshgrid(line, line, indexing="ij")
    turn = much * torch.exp(-2 * (down.square() + right.square()).sqrt())
    grid = torch.stack([right * turn.cos() - down * turn.sin(), right * turn.sin() + down * turn.cos()], -1)
    seen = F.grid_sample(to_float(x), grid.expand(len(x), -1, -1, -1), padding_mode="border", align_corners=False)
    return to_uint8(seen)


def blocked(x: Tensor, much: float) -> Tensor:
    x, side = x.clone(), round(x.shape[-1] * much)
    rng = torch.Generator().manual_seed(0)
    for image in x:
        top, left = torch.randint(x.shape[-1] - side + 1, (2,), generator=rng).tolist()
        image[:, top : top + side, left : left + side] = 128
    return x


CORRUPTIONS: dict[Callable[[Tensor, float], Tensor], tuple[float, ...]] = {
    soft: (1.6, 2.7, 4),
    noisy: (0.3, 0.6, 1.2),
    swirled: (1.0, 2.0, 4.0),
    blocked: (0.3, 0.5, 0.7),
}


@pytest.mark.parametrize(
    "name", [name for name in ("digits", "faces", "shapes") if shipped_path(DATASETS[name]()).exists()]
)
def test_distances_rise_with_every_corruption(name: str) -> None:
    net = read_net(shipped_path(DATASETS[name]()))

    def seen(x: Tensor) -> Tensor:
        return drain(features_of(net, Images(x), ""))

    (first, _), (second, kinds) = real(name, 500, 0), real(name, 500, 1)
    base = seen(first)
    for distance in (frechet_distance, kernel_distance):
        nothing = distance(base, seen(second)).value
        for corrupt, levels in CORRUPTIONS.items():
            values = [distance(base, seen(corrupt(second, much))).value for much in levels]
            assert nothing < values[0] < values[1] < values[2], (corrupt.__name__, nothing, values)
            assert values[-1] > 4 * abs(nothing), corrupt.__name__
        dropped = [distance(base, seen(second[kinds < most])).value for most in (kinds.max(), (kinds.max() + 1) // 2)]
        assert nothing < dropped[0] <= dropped[1]


def unlabelled() -> Data:
    x, _ = real("shapes", 400, 0)
    x = x[:, :, ::2, ::2].contiguous()
    return Data(DataSpec((1, 16, 16)), Split(Images(x), torch.zeros(400, 0)), Split(Images(x[:50]), torch.zeros(50, 0)))


def test_learnt_without_labels_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_STEPS", 20)
    monkeypatch.setattr(features, "_BATCH", 32)
    data, recipe = unlabelled(), DATASETS["folder"].parse({"path": tmp_path, "size": 16})
    net = drain(feature_net(recipe, data, tmp_path))
    seen = drain(features_of(net, data.train.images, ""))
    assert seen.mean(0).abs().max() < 0.05 and (seen.std(0) - 1).abs().max() < 0.05
    clean, flawed = (
        to_float(data.test.images.take(torch.arange(50))),
        to_float(noisy(data.test.images.take(torch.arange(50)), 0.5)),
    )
    assert (net(clean) - net(flawed)).norm(dim=1).mean() > 1
    monkeypatch.setattr(features, "learn_features", lambda *_: pytest.fail("learnt again"))
    again = drain(feature_net(recipe, data, tmp_path))
    torch.testing.assert_close(again(clean), net(clean), atol=0.05, rtol=0.02)  # kept in 16 bits
    (kept,) = (tmp_path / "features").iterdir()
    kept.write_bytes(kept.read_bytes()[:-50])
    monkeypatch.setattr(features, "learn_features", learn_features)
    torch.testing.assert_close(drain(feature_net(recipe, data, tmp_path))(clean), net(clean))


def test_inception_sees_what_torch_fidelity_shows_it() -> None:
    peer = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow")
    x = torch.randint(0, 256, (2, 3, 50, 64), dtype=torch.uint8)
    larger = peer.interpolate_bilinear_2d_like_tensorflow1x(x.float(), size=(299, 299), align_corners=False)
    torch.testing.assert_close(inception_input(x), (larger - 128) / 128, atol=1e-5, rtol=0)
    grey = x[:, :1]
    torch.testing.assert_close(inception_input(grey), inception_input(grey.expand(-1, 3, -1, -1)))


class _Small(torch.nn.Module):
    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.outputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((1, 2, 3))[:, None].repeat(1, self.outputs)


def test_a_file_that_is_no_inception_is_told(tmp_path: Path) -> None:
    images = Images(torch.full((40, 1, 8, 8), 192, dtype=torch.uint8))
    with pytest.raises(UserError, match="There is no file"):
        InceptionFeatures(tmp_path / "none.pt")
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(UserError, match="cannot be used as Inception-v3"):
        drain(InceptionFeatures(tmp_path / "junk.pt")(images, ""))
    torch.jit.script(_Small(3)).save(str(tmp_path / "small.pt"))
    with pytest.raises(UserError, match="not Inception-v3's 2048"):
        drain(InceptionFeatures(tmp_path / "small.pt")(images, ""))
    torch.jit.script(_Small(2048)).save(str(tmp_path / "good.pt"))
    seen = drain(InceptionFeatures(tmp_path / "good.pt")(images, ""))
    assert seen.shape == (40, 2048) and float(seen.mean()) == pytest.approx(0.5)
