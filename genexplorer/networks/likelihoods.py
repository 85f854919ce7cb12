"""log p(x | z) of images under the usual output distributions. Images are in [-1, 1]; results are nats per image."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LikelihoodName = Literal["gaussian", "gaussian_learned", "bernoulli", "binary", "logistic"]


class Likelihood(nn.Module):
    """Turns a decoder's raw output (B, C, H, W) into a distribution over images."""

    def observe(self, x: Tensor, uniform: Callable[[], Tensor]) -> Tensor:
        """What is explained of images x; `uniform` gives noise in [0, 1) of their shape, where some is needed."""
        return x

    def log_prob(self, x: Tensor, raw: Tensor) -> Tensor:
        """log p(x) in nats, summed over pixels: (B,)."""
        raise NotImplementedError

    def mean(self, raw: Tensor) -> Tensor:
        """The expected image, in [-1, 1]."""
        return raw.clamp(-1, 1)


class Gaussian(Likelihood):
    """N(x; raw, sigma^2), sigma fixed or learned (one for all pixels: σ-VAE, Rybkin et al. 2021, eq. 4).

    Pixels end at -1 and 1; the numbers of a point do not: they are not `bounded`.
    """

    def __init__(self, sigma: float, learned: bool, bounded: bool = True) -> None:
        super().__init__()
        self.bounded = bounded
        self.log_sigma = nn.Parameter(torch.tensor(math.log(sigma)), requires_grad=learned)

    def log_prob(self, x: Tensor, raw: Tensor) -> Tensor:
        # The bound keeps a perfect reconstruction from driving the density to infinity: half of one grey level.
        log_sigma = self.log_sigma.clamp(min=math.log(1 / 255))
        squared = (x - raw).square().flatten(1).sum(1)
        pixels = x[0].numel()
        return -0.5 * squared * torch.exp(-2 * log_sigma) - pixels * (log_sigma + 0.5 * math.log(2 * math.pi))

    def mean(self, raw: Tensor) -> Tensor:
        return super().mean(raw) if self.bounded else raw


class Bernoulli(Likelihood):
    """Each pixel a coin with P(white) = sigmoid(raw); grey counts as an expected coin (Kingma & Welling 2014, C.1)."""

    def log_prob(self, x: Tensor, raw: Tensor) -> Tensor:
        losses = F.binary_cross_entropy_with_logits(raw, (x + 1) / 2, reduction="none")
        return -losses.flatten(1).sum(1)

    def mean(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw) * 2 - 1


class Binary(Bernoulli):
    """Each image is seen in black and white: every time, a pixel is white with its grey as the probability.

    Salakhutdinov & Murray 2008; the binarised MNIST of Burda et al. 2016, section 5.
    """

    def observe(self, x: Tensor, uniform: Callable[[], Tensor]) -> Tensor:
        return torch.where(uniform() < (x + 1) / 2, 1.0, -1.0)


class DiscretisedLogistic(Likelihood):
    """P of the 256 grey levels under one logistic of learned scale (Salimans et al. 2017, eq. 2)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.full((channels, 1, 1), -2.0))

    def log_prob(self, x: Tensor, raw: Tensor) -> Tensor:
        inverse = torch.exp(-self.log_scale.clamp(min=-7.0))
        upper = (x - raw + 1 / 255) * inverse
        lower = (x - raw - 1 / 255) * inverse
        # log(σ(b) - σ(a)) = b + log(1 - e^(a-b)) - softplus(b) - softplus(a), which cannot cancel; the ends
        # of the scale, black and white, take all that lies beyond them.
        gap = (upper - lower).expand_as(upper)
        middle = upper + torch.log(-torch.expm1(-gap)) - F.softplus(upper) - F.softplus(lower)
        log_p = torch.where(x < -0.999, F.logsigmoid(upper), torch.where(x > 0.999, F.logsigmoid(-lower), middle))
        return log_p.flatten(1).sum(1)


def make_likelihood(name: LikelihoodName, channels: int, sigma: float, bounded: bool = True) -> Likelihood:
    match name:
        case "bernoulli":
            return Bernoulli()
        case "binary":
            return Binary()
        case "logistic":
            return DiscretisedLogistic(channels)
        case _:
            return Gaussian(sigma, name == "gaussian_learned", bounded)
