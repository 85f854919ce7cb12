import math

import pytest
import torch

from genexplorer.sources import sprites
from genexplorer.sources.portrait import sdf


def grid(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    line = (torch.arange(size) + 0.5) * (2 / size) - 1
    return line[None, :], line[:, None]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_circle_covers_its_area(size: int) -> None:
    x, y = grid(size)
    area = sdf.cover(sdf.circle(x - 0.013, y + 0.007, 0.6), 2 / size).sum() * (2 / size) ** 2
    assert float(area) == pytest.approx(math.pi * 0.36, rel=2e-3)


def test_box_and_segment_are_exact() -> None:
    point = torch.tensor([1.3]), torch.tensor([1.4])
    assert float(sdf.box(*point, 1.0, 1.0)) == pytest.approx(0.5)
    assert float(sdf.segment(*point, -1.0, 1.0, 1.0, 1.0)) == pytest.approx(0.5)


def test_a_line_thinner_than_a_pixel_grows_faint_but_keeps_its_ink() -> None:
    for size in (16, 64):
        _, y = grid(size)
        ink = sdf.stroke(y - 0.01, 0.005, 2 / size).sum() * (2 / size)
        assert float(ink) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "area"),
    [("square", 2.56), ("ellipse", math.pi * 0.6), ("triangle", 3 * math.sqrt(3) / 4)],
)
def test_shapes_have_their_area_wherever_they_lie(shape: str, area: float) -> None:
    kind = float(sprites.SHAPES.index(shape))
    labels = torch.tensor([[kind, 0.3, 0.0, 0.0, 0.0], [kind, 0.3, 77.0, 0.31, -0.4]])
    drawn = sprites.render(labels, 64).float().sum((1, 2, 3)) / 255 * (2 / 64) ** 2
    torch.testing.assert_close(drawn, torch.full((2,), area * 0.09), rtol=0.01, atol=0)


@pytest.mark.parametrize("shape", sprites.SHAPES)
def test_place_moves_the_centre_and_nothing_touches_the_rim(shape: str) -> None:
    kind = float(sprites.SHAPES.index(shape))
    labels = torch.tensor([[kind, 0.4, 30.0, 0.5, -0.5], [kind, 0.4, 30.0, -0.5, 0.5]])
    images = sprites.render(labels, 64)[:, 0].float()
    x, y = grid(64)
    mass = images.sum((1, 2))
    moved_x = (images * x).sum((1, 2)) / mass
    moved_y = (images * y).sum((1, 2)) / mass
    assert float(moved_x[0] - moved_x[1]) == pytest.approx(1.0, abs=0.01)
    assert float(moved_y[1] - moved_y[0]) == pytest.approx(1.0, abs=0.01)
    assert images[:, :2].max() == images[:, -2:].max() == images[:, :, :2].max() == images[:, :, -2:].max() == 0


def test_hue_colours_and_a_full_turn_comes_back() -> None:
    labels = torch.tensor([[4.0, 0.4, 0.0, 0.0, 0.0, hue] for hue in (0.0, 1.0, 0.5)])
    images = sprites.render(labels, 32)
    assert images.shape == (3, 3, 32, 32)
    assert (images[0].int() - images[1].int()).abs().max() <= 1
    assert images[0, 0].sum() > images[0, 1].sum()
    assert images[2, 0].sum() < images[2, 1].sum()


def test_sampling_depends_on_the_seed_only() -> None:
    first, again, other = (sprites.sample(50, True, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
