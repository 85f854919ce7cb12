import pytest
import torch
from torch.nn.functional import avg_pool2d

from genexplorer.sources.portrait import ABOUT, FACTORS, Scene, parts, render, sample
from genexplorer.sources.portrait.layers import Part


def people(num: int, seed: int = 0) -> Scene:
    return sample(num, torch.Generator().manual_seed(seed))


def plain(num: int = 1) -> Scene:
    """Bare faces looking straight ahead: nothing covers anything."""
    return people(num, 3).changed(
        yaw=0, tilt=0, hair_style=0, beard=0, glasses=0, mouth_open=0, eye_open=0.7, age=25, light=0.3, freckles=0
    )


def moved(before: Scene, after: Scene, size: int = 64) -> torch.Tensor:
    """Where pixels differ, bool (N, size, size)."""
    return (render(before, size).int() - render(after, size).int()).abs().amax(1) > 6


def test_every_factor_is_told_of_and_drawn_within_its_range() -> None:
    labels = people(2000).labels()
    assert labels.dtype == torch.float32
    assert labels.shape == (2000, len(FACTORS))
    for factor, column in zip(FACTORS, labels.unbind(1), strict=True):
        assert ABOUT[factor.name]
        if factor.kind == "class":
            assert set(column.tolist()) == set(range(len(factor.classes)))
        else:
            assert factor.low <= column.min() < column.max() <= factor.high


def test_labels_give_the_same_people_back() -> None:
    scene = people(8)
    back = Scene.from_labels(scene.labels())
    assert torch.equal(back.labels(), scene.labels())
    assert torch.equal(render(back, 32), render(scene, 32))


def test_from_labels_clips_to_what_can_be_drawn() -> None:
    wild = Scene.from_labels(torch.full((2, len(FACTORS)), 1e3))
    assert render(wild, 32).shape == (2, 3, 32, 32)


def test_the_same_seed_draws_the_same_pixels_however_many_at_once() -> None:
    scene = people(40)
    whole = render(scene, 64)
    assert torch.equal(whole, render(people(40), 64))
    assert (whole[7:9].int() - render(scene.rows(7, 9), 64).int()).abs().max() <= 1
    assert not torch.equal(whole, render(people(40, 1), 64))


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_every_factor_shows(factor: object) -> None:
    name = factor.name  # type: ignore[attr-defined]
    low, high = (0, len(factor.classes) - 1) if factor.classes else (factor.low, factor.high)  # type: ignore[attr-defined]
    if name.endswith("_hue"):
        high = 0.5
    scene = plain(2).changed(hair_style=7, skin=0.2, hair_length=0.2)
    assert moved(scene.changed(**{name: low}), scene.changed(**{name: high})).sum() >= 8


def band(change: torch.Tensor) -> tuple[int, int, int, int]:
    """First and last row, first and last column that changed."""
    rows, columns = change.any(0).any(1).nonzero()[:, 0], change.any(0).any(0).nonzero()[:, 0]
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def test_smile_moves_the_lower_face_only() -> None:
    scene = plain(4)
    top, bottom, left, right = band(moved(scene.changed(smile=-0.5), scene.changed(smile=0.8)))
    assert top >= 28
    assert bottom <= 54
    assert left >= 15
    assert right <= 48


def test_glasses_sit_around_the_eyes_and_brows_above_them() -> None:
    scene = plain(4)
    top, bottom, _, _ = band(moved(scene, scene.changed(glasses=2)))
    assert top >= 22
    assert bottom <= 44
    top, bottom, _, _ = band(moved(scene.changed(brow_height=-1), scene.changed(brow_height=1)))
    assert top >= 20
    assert bottom <= 34


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("part", [Part.BROW, Part.EYE, Part.EAR])
def test_small_features_stay_whole_however_the_head_leans(part: Part, side: int) -> None:
    """What is drawn in windows loses nothing at their edges, nor at those of the picture."""
    scene = plain(2).changed(yaw=30 * side, eye_spacing=1, eye_size=1, brow_thickness=1)
    upright, leaning = ((parts(scene.changed(tilt=tilt), 64) == part).sum() for tilt in (0, 14 * side))
    assert 0.85 < leaning / upright < 1.15


def test_gaze_moves_the_irises_towards_where_they_look() -> None:
    scene = plain(3).changed(eye_open=1)
    columns = torch.arange(128).float()
    where = []
    for gaze in (-1, 1):
        iris = (parts(scene.changed(gaze=gaze), 128) == Part.IRIS).float()
        where.append((iris * columns).sum((1, 2)) / iris.sum((1, 2)))
    assert (where[1] - where[0] > 2).all()


def test_closed_eyes_hide_the_iris_and_an_open_mouth_shows_its_inside() -> None:
    scene = plain(4)
    assert not (parts(scene.changed(eye_open=0), 64) == Part.IRIS).any()
    inside = [(parts(scene.changed(mouth_open=o), 64) == Part.MOUTH).sum((1, 2)) for o in (0, 0.5, 1)]
    assert (inside[0] == 0).all()
    assert (inside[2] > inside[1]).all()


def test_light_brightens_the_side_it_comes_from() -> None:
    scene = plain(4)
    face = slice(24, 48)
    left, right = (render(scene.changed(light=light), 64).float() for light in (-1, 1))
    assert (left[:, :, face, 18:26].mean((1, 2, 3)) > right[:, :, face, 18:26].mean((1, 2, 3)) + 10).all()
    assert (right[:, :, face, 38:46].mean((1, 2, 3)) > left[:, :, face, 38:46].mean((1, 2, 3)) + 10).all()


def test_a_mirrored_scene_is_a_mirrored_picture_of_the_face() -> None:
    scene = plain(4).changed(gaze=0, yaw=20, tilt=8, light=0.5, clothes=0)
    other = scene.changed(yaw=-20, tilt=-8, light=-0.5)
    gap = (render(scene, 64).float() - render(other, 64).flip(3).float()).abs()
    assert gap.mean() < 1.5


def test_size_does_not_change_the_picture() -> None:
    scene = people(24)
    large = avg_pool2d(render(scene, 128).float(), 2)
    small = render(scene, 64).float()
    assert (large - small).abs().mean() < 2.5


@pytest.mark.parametrize("size", [16, 33, 256])
def test_any_size(size: int) -> None:
    images = render(people(2), size)
    assert images.shape == (2, 3, size, size)
    assert images.dtype == torch.uint8
    assert images.float().std() > 20


def test_plausible_people() -> None:
    scene = people(4000)
    young, old = scene.age < 30, scene.age > 65
    assert scene.grey[old].mean() > scene.grey[young].mean() + 0.4
    assert scene.jaw[scene.beard > 0].mean() > scene.jaw.mean() + 0.2
    assert scene.hair_light[scene.skin > 0.8].mean() < scene.hair_light[scene.skin < 0.2].mean()


def test_part_map_has_a_face_in_the_middle_and_background_in_the_corner() -> None:
    maps = parts(plain(3), 64)
    assert (maps[:, 0, 0] == Part.BACKGROUND).all()
    assert (maps[:, 40, 22] == Part.FACE).all()
    assert (maps[:, 63, 20] == Part.CLOTHES).all()
