"""What a denoising network says, and the image that follows from it.

With a = √ᾱ and s = √(1 - ᾱ), x_t = a x0 + s eps: whoever knows one of x0 and eps knows the other.
"""

from typing import Literal

from torch import Tensor

PredictionName = Literal["eps", "x0", "v", "velocity", "edm"]
SIGMA_DATA = 0.5
"""Standard deviation of images as Karras et al. 2022 take it."""


def target(prediction: PredictionName, x0: Tensor, eps: Tensor, a: Tensor, s: Tensor) -> Tensor:
    """What the network should say of x_t = a x0 + s eps."""
    match prediction:
        case "eps":  # Ho et al. 2020, eq. 14
            return eps
        case "x0":
            return x0
        case "v":  # Salimans & Ho 2022, section 4
            return a * eps - s * x0
        case "velocity":  # Liu et al. 2023, eq. 1: from the image to the noise
            return eps - x0
        case "edm":  # Karras et al. 2022, eq. 8, in its own scale x = x0 + σ eps, σ = s / a
            norm = (s.square() + (a * SIGMA_DATA).square()).sqrt()
            return (x0 - _skip(a, s) * (a * x0 + s * eps)) * norm / (s * SIGMA_DATA)


def image(prediction: PredictionName, said: Tensor, xt: Tensor, a: Tensor, s: Tensor) -> Tensor:
    """x0 from what the network said of x_t."""
    match prediction:
        case "eps":
            return (xt - s * said) / a.clamp(min=1e-4)
        case "x0":
            return said
        case "v":
            return a * xt - s * said
        case "velocity":  # of x_t / (a + s), which is (1 - r) x0 + r eps with r = s / (a + s)
            return (xt - s * said) / (a + s)
        case "edm":
            norm = (s.square() + (a * SIGMA_DATA).square()).sqrt()
            return _skip(a, s) * xt + s * SIGMA_DATA / norm * said


def _skip(a: Tensor, s: Tensor) -> Tensor:
    """c_skip of Karras et al. 2022, table 1, for the scale where x_t = a x0 + s eps."""
    return a * SIGMA_DATA**2 / (s.square() + (a * SIGMA_DATA).square())


def min_snr(prediction: PredictionName, gamma: float, a: Tensor, s: Tensor) -> Tensor:
    """Weights by which no time counts for more than γ in terms of x0: Hang et al. 2023, eq. 10, for what is said."""
    snr = (a / s).square()
    weight = snr.clamp(max=gamma)
    match prediction:
        case "eps":
            return weight / snr.clamp(min=1e-8)
        case "v":
            return weight / (snr + 1)
        case _:
            return weight
