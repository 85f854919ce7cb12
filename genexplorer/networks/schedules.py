"""The noise schedules that papers have, by name."""

import math
from functools import lru_cache
from typing import Literal

import torch

from genexplorer.core.schedule import Schedule, T

ScheduleName = Literal["linear", "cosine", "sigmoid", "sqrt", "edm", "straight"]
_MOST = 0.999  # of β: Nichol & Dhariwal 2021, after eq. 17


@lru_cache(maxsize=16)
def schedule(name: ScheduleName) -> Schedule:
    """One of those that papers have."""
    s = torch.linspace(0, 1, T + 1, dtype=torch.float64)
    match name:
        case "linear":  # Ho et al. 2020, section 4
            bars = torch.cumprod(1 - torch.linspace(1e-4, 0.02, T, dtype=torch.float64), 0)
            return Schedule(torch.cat([torch.ones(1, dtype=torch.float64), bars]))
        case "cosine":  # Nichol & Dhariwal 2021, eq. 17
            f = torch.cos((s + 0.008) / 1.008 * math.pi / 2).square()
            betas = (1 - f[1:] / f[:-1]).clamp(max=_MOST)
            return Schedule(torch.cat([torch.ones(1, dtype=torch.float64), torch.cumprod(1 - betas, 0)]))
        case "sigmoid":  # Jabri et al. 2022, algorithm 1, from -3 to 3 with τ = 1
            v = torch.sigmoid(-(s * 6 - 3))
            bars = ((v - v[-1]) / (v[0] - v[-1])).clamp(min=1e-9)
            return Schedule(bars)
        case "sqrt":  # Li et al. 2022, section 4.2: 1 - √(t / T + 0.0001)
            bars = 1 - torch.sqrt(s + 1e-4)
            return Schedule(torch.cat([torch.ones(1, dtype=torch.float64), bars[1:].clamp(min=1e-9)]))
        case "edm":  # Karras et al. 2022, eq. 5, σ from 0.002 to 80
            low, high = 0.002 ** (1 / 7), 80 ** (1 / 7)
            sigma = (low + torch.linspace(0, 1, T, dtype=torch.float64) * (high - low)) ** 7
            return Schedule(torch.cat([torch.ones(1, dtype=torch.float64), 1 / (1 + sigma.square())]))
        case "straight":  # Liu et al. 2023: x_s = (1 - s) x0 + s eps
            return Schedule((1 - s).square() / ((1 - s).square() + s.square()))
