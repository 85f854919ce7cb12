"""log p(x) of a model that only draws samples: a Gaussian window around each of them."""

import math
from collections.abc import Generator

import torch
from torch import Tensor

from genexplorer.core.data import Images, to_float
from genexplorer.core.events import Progress

_CHUNK = 1024
_SIGMAS = torch.logspace(-1.5, 0.5, 17)  # of pixels in [-1, 1]


def parzen(samples: Images, valid: Images, judged: Images) -> Generator[Progress, None, tuple[Tensor, float]]:
    """log 1/M Σ N(x; sample, sigma² I) of each judged image in nats (N,), and sigma: Goodfellow et al. 2014, section 5.

    Pixels are in [-1, 1]. Sigma is the one of 17 that finds images which are not judged, `valid`, most probable.
    """
    found = yield from _log_windows(samples, valid, _SIGMAS)
    sigma = _SIGMAS[int(found.mean(1).argmax())]
    values = yield from _log_windows(samples, judged, sigma[None])
    return values[0], float(sigma)


def _log_windows(samples: Images, judged: Images, sigmas: Tensor) -> Generator[Progress, None, Tensor]:
    """(S, N) for each of the sigmas; one pass over all pairs, in chunks."""
    num, pixels = len(judged), math.prod(judged.shape[1:])
    total = torch.full((len(sigmas), num), -torch.inf)
    for start in range(0, num, _CHUNK):
        x = to_float(judged.take(torch.arange(start, min(start + _CHUNK, num)))).flatten(1)
        for first in range(0, len(samples), _CHUNK):
            drawn = to_float(samples.take(torch.arange(first, min(first + _CHUNK, len(samples))))).flatten(1)
            squared = torch.cdist(x, drawn, compute_mode="use_mm_for_euclid_dist").square_()
            for row, sigma in zip(total, sigmas, strict=True):
                part = torch.logsumexp(squared * (-0.5 / sigma**2), 1)
                row[start : start + len(x)] = torch.logaddexp(row[start : start + len(x)], part)
            yield Progress("Parzen windows", start + len(x) * (first + len(drawn)) // len(samples), num)
    return total - math.log(len(samples)) - pixels * (sigmas[:, None].log() + 0.5 * math.log(2 * math.pi))
