"""A picture of points on the plane."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

REAL, MADE = "#0072b2", "#d55e00"  # Okabe & Ito 2008: told apart by whoever sees colours otherwise
REACH = 1.25  # the plane is shown from -REACH to REACH
_RADIUS, _GROUND = 0.008, 255.0


def dots(groups: Sequence[tuple[Tensor, str]], size: int) -> Tensor:
    """Each group of points (N, 2) in its colour, the later over the earlier: uint8 (3, size, size), y upwards."""
    image = torch.full((3, size, size), _GROUND)
    radius = max(1, round(_RADIUS * size))
    reach = torch.arange(-radius, radius + 1).float()
    disc = (radius + 0.5 - torch.hypot(reach[:, None], reach[None])).clamp(0, 1)
    for points, color in groups:
        place = ((points.float().cpu() / REACH + 1) * size / 2).floor().long()
        place = place[((place >= 0) & (place < size)).all(1)]
        count = torch.zeros(size * size).index_add_(
            0, (size - 1 - place[:, 1]) * size + place[:, 0], torch.ones(len(place))
        )
        cover = F.conv2d(count.view(1, 1, size, size), disc[None, None], padding=radius)[0]
        rgb = torch.tensor([int(color[at : at + 2], 16) for at in (1, 3, 5)]).float()
        image = torch.lerp(image, rgb[:, None, None].expand_as(image), 1 - torch.exp(-cover))
    return torch.from_numpy(np.rint(image.numpy()).astype(np.uint8))
