"""PSNR and SSIM, beside torchmetrics where it is there, and by what they must be."""

import pytest
import torch

from genexplorer.statistics.likeness import psnr, ssim


def images(seed: int, size: int = 32) -> torch.Tensor:
    return torch.rand(3, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_psnr_is_ten_times_the_logarithm() -> None:
    x = torch.zeros(1, 1, 4, 4)
    assert psnr(x, x + 0.2).item() == pytest.approx(20, abs=1e-4)  # an error of 0.1 of white
    assert psnr(x, x).item() == pytest.approx(100)


@pytest.mark.parametrize("size", [8, 28, 64])
def test_ssim_is_one_for_the_same_and_less_for_others(size: int) -> None:
    x, other = images(0, size), images(1, size)
    assert torch.allclose(ssim(x, x), torch.ones(3), atol=1e-5)
    near, far = ssim(x, x + 0.1 * other), ssim(x, other)
    assert (near > far).all() and (far < 0.3).all() and torch.allclose(ssim(x, other), ssim(other, x), atol=1e-6)


def test_ssim_is_torchmetrics_s() -> None:
    image = pytest.importorskip("torchmetrics.functional.image", exc_type=ImportError)
    x, y = images(0), images(0) + 0.3 * images(1)
    theirs = image.structural_similarity_index_measure((x + 1) / 2, (y + 1) / 2, data_range=1.0, reduction="none")
    assert torch.allclose(ssim(x, y), theirs, atol=0.01)  # theirs also looks beyond the edges
