"""Where things are: the pixel grid, the head's own coordinates, and the light that falls on it."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from . import palette
from .layers import RISE, WHOLE, ZOOM, Box
from .scene import FACTORS, Scene
from .sdf import Value, ellipse, smooth_union

PIVOT = 0.66  # the head leans about this point of the neck
TURN = 0.5  # features ride on a cylinder of this radius


@dataclass(frozen=True)
class Place:
    """Pixels as one feature sees them: x, y in canvas units around it, undone of lean and turn."""

    x: Tensor  # (N, 1, h, w)
    y: Tensor


class Frame:
    """One batch of portraits at one size. Factors are (N, 1, 1, 1) in `at`."""

    def __init__(self, scene: Scene, size: int) -> None:
        self.size, self.pixel = size, 2.0 * ZOOM / size
        self.device = scene.smile.device
        self.at = Scene(**{f.name: getattr(scene, f.name)[:, None, None, None] for f in FACTORS})
        turn = torch.deg2rad(self.at.yaw)
        self.turn = torch.sin(turn)
        self._yaw = turn
        self.old = ((self.at.age - 30) / 50).clamp(0, 1)  # 0 young … 1 old
        self.young = ((30 - self.at.age) / 14).clamp(0, 1)
        self.skin, self.shadow = palette.skin(self.at.skin)
        self.blush = torch.lerp(self.skin, palette.fixed("#e8505a", self.skin), 0.55) * (1 - 0.25 * self.at.skin)
        self.hair = palette.hair(self.at.hair_light, self.at.hair_red, self.at.grey)
        self.half_width = 0.435 + 0.045 * self.at.face_width
        light = torch.cat([0.8 * self.at.light, torch.full_like(turn, -0.55), torch.full_like(turn, 0.65)], 1)
        self._light: Tensor = light / torch.linalg.vector_norm(light, dim=1, keepdim=True)  # (N, 3, 1, 1)

    def of_class(self, index: Tensor, table: Tensor) -> Tensor:
        """Look up one number per class. index: (N, 1, 1, 1), table: (K,)."""
        chosen: Tensor = table.to(self.device)[index.long()]
        return chosen

    def grid(self, box: Box = WHOLE) -> tuple[Tensor, Tensor]:
        """Canvas coordinates of the pixel centres of a box: x (1, 1, 1, w), y (1, 1, h, 1)."""
        rows, columns = box.slices(self.size)
        line = (torch.arange(self.size, device=self.device) + 0.5) * self.pixel - ZOOM
        return line[columns][None, None, None, :], line[rows][None, None, :, None] + RISE

    def crop(self, whole: Tensor, box: Box) -> Tensor:
        """The box's part of a full-canvas tensor (N, C, H, W)."""
        rows, columns = box.slices(self.size)
        return whole[:, :, rows, columns]

    @cached_property
    def head(self) -> Place:
        """The whole canvas in the head's coordinates (lean undone): the face's middle is at the origin."""
        x, y = self.grid()
        lean = torch.deg2rad(self.at.tilt)
        c, s = torch.cos(lean), torch.sin(lean)
        y = y - PIVOT
        return Place(c * x + s * y, c * y - s * x + PIVOT)

    @cached_property
    def outline(self) -> Tensor:
        """Distance to the face: a skull and a jaw that turns ahead of it. (N, 1, H, W)"""
        at, x, y = self.at, self.head.x, self.head.y
        skull = ellipse(x - 0.03 * self.turn, y + 0.1, self.half_width, 0.5)
        width = self.half_width * (0.76 + 0.09 * at.jaw + 0.05 * self.old + 0.06 * at.face_width)
        ahead = x - 0.1 * self.turn
        jaw = ellipse(ahead, y - 0.17 - 0.04 * at.mouth_open, width, 0.4 + 0.02 * at.jaw - 0.03 * self.young)
        return smooth_union(skull, jaw, 0.12)

    @cached_property
    def lit(self) -> Tensor:
        """How much light the head's round form gets, 0…1. (N, 1, H, W)"""
        x, y = self.head.x, self.head.y
        nx, ny = (x - 0.06 * self.turn) * (1 / 0.52), (y - 0.02) * (1 / 0.72)
        nz = (1.0 - nx * nx - ny * ny).clamp_min_(0.02).sqrt_()
        lx, ly, lz = self._light[:, 0:1], self._light[:, 1:2], self._light[:, 2:3]
        return (nx * lx + ny * ly + nz * lz).mul_(0.85).add_(0.28).clamp_(0.0, 1.0)

    def on_skin(self, light: Tensor) -> Tensor:
        """Skin under this much light: (N, 1, h, w) to (N, 3, h, w)."""
        return torch.lerp(self.shadow, self.skin, light)

    def feature(self, u: Value, v: Value, box: Box, out: float = 0.0) -> Place:
        """Pixels of a box around the face's point (u, v), foreshortened by the turn; `out` is how far it stands off."""
        angle = torch.asin(torch.as_tensor(u, device=self.device).div(TURN).clamp(-0.95, 0.95))
        middle = (TURN + out) * torch.sin(angle + self._yaw) - out * torch.sin(angle)
        narrow = (torch.cos(angle + self._yaw) / torch.cos(angle)).clamp(0.35, 1.25)
        x, y = self.crop(self.head.x, box), self.crop(self.head.y, box)
        return Place((x - middle) / narrow, y - v)
