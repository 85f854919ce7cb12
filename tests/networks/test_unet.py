"""The U-Net, weight for weight beside diffusers'; sizes that do not halve; what conditions change."""

import pytest
import torch
from diffusers import UNet2DModel

from genexplorer.networks.unet import UNet, sizes
from genexplorer.networks.unet2d import settings_of, theirs


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("size", "widths", "blocks"), [(28, [16, 32, 64], 1), (32, [32, 64, 64], 2), (8, [16, 16], 1)])
def test_it_is_diffusers_s(size: int, widths: list[int], blocks: int) -> None:
    torch.manual_seed(0)
    mine = UNet(3, 3, widths, blocks).eval()
    for weight in mine.parameters():  # norms too, which begin as nothing
        torch.nn.init.normal_(weight, 0.05 if weight.ndim > 1 else 1.0, 0.1)
    other = UNet2DModel(**settings_of(mine, size)).eval()
    other.load_state_dict(theirs(mine.state_dict(), mine))
    x, t = torch.randn(2, 3, size, size, generator=rng()), torch.tensor([3.0, 700.0])
    with torch.no_grad():
        assert torch.allclose(mine(x, t), other(x, t).sample, atol=2e-4, rtol=1e-3)


def test_sizes_halve_until_the_whole_is_seen() -> None:
    assert sizes(28) == [28, 14, 7] and sizes(64) == [64, 32, 16, 8] and sizes(8) == [8, 4] and sizes(9) == [10, 5]


@pytest.mark.parametrize("patch", [1, 2, 4])
@pytest.mark.parametrize("size", [9, 28, 33])
def test_any_size_comes_out_as_it_went_in(size: int, patch: int) -> None:
    network = UNet(1, 1, [16] * len(sizes(-(-size // patch))), patch=patch)
    assert network(torch.randn(2, 1, size, size), torch.ones(2)).shape == (2, 1, size, size)


def test_all_zeros_tell_nothing() -> None:
    network = UNet(1, 1, [16, 16], conditions=3).eval()
    x, t = torch.randn(2, 1, 8, 8, generator=rng()), torch.tensor([5.0, 9.0])
    assert torch.equal(network(x, t), network(x, t, torch.zeros(2, 3)))
    assert not torch.allclose(network(x, t), network(x, t, torch.ones(2, 3)))
