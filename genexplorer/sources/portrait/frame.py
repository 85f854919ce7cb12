"""Where things are: the pixel grid, the head's own coordinates, and the light that falls on it."""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from . import palette
from .layers import RISE, WHOLE, ZOOM, Box, Window
from .scene import FACTORS, Scene
from .sdf import Value, ellipse, smooth_union

PIVOT = 0.66  # the head leans about this point of the neck
TURN = 0.5  # features ride on a cylinder of this radius
_MOST_TILT = max(abs(edge) for f in FACTORS if f.name == "tilt" for edge in (f.low, f.high))


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
        self.yaw = torch.deg2rad(self.at.yaw)
        self.turn = torch.sin(self.yaw)
        self.old = ((self.at.age - 24) / 54).clamp(0, 1)  # 0 young … 1 old
        self.young = ((30 - self.at.age) / 14).clamp(0, 1)
        self.skin, self.shadow = palette.skin(self.at.skin, self.old)
        self._tan = self.skin - self.shadow
        self.blush = torch.lerp(self.skin, palette.fixed("#e8505a", self.skin), 0.55) * (1 - 0.25 * self.at.skin)
        self.hair = palette.hair(self.at.hair_light, self.at.hair_red, self.at.grey)
        self.half_width = 0.435 + 0.045 * self.at.face_width
        light = torch.cat([0.8 * self.at.light, torch.full_like(self.yaw, -0.55), torch.full_like(self.yaw, 0.65)], 1)
        self._light: Tensor = light / torch.linalg.vector_norm(light, dim=1, keepdim=True)  # (N, 3, 1, 1)

    def of_class(self, index: Tensor, table: Tensor) -> Tensor:
        """Look up one number per class. index: (N, 1, 1, 1), table: (K,)."""
        chosen: Tensor = table.to(self.device)[index.long()]
        return chosen

    def grid(self, box: Box = WHOLE) -> tuple[Tensor, Tensor]:
        """Canvas coordinates of the pixel centres of a box: x (1, 1, 1, w), y (1, 1, h, 1)."""
        rows, columns = box.slices(self.size)
        return self._line[columns][None, None, None, :], self._line[rows][None, None, :, None] + RISE

    @cached_property
    def _line(self) -> Tensor:
        """Where the centres of a row of pixels are."""
        return (torch.arange(self.size, device=self.device) + 0.5) * self.pixel - ZOOM

    @cached_property
    def head(self) -> Place:
        """The whole canvas in the head's coordinates (lean undone): the face's middle is at the origin."""
        x, y = self.grid()
        return self._upright(x, y)

    @cached_property
    def _lean(self) -> tuple[Tensor, Tensor]:
        """Cosine and sine of how far the head leans."""
        lean = torch.deg2rad(self.at.tilt)
        return torch.cos(lean), torch.sin(lean)

    def _upright(self, x: Tensor, y: Tensor) -> Place:
        """From the canvas into the head's coordinates."""
        c, s = self._lean
        y = y - PIVOT
        return Place(c * x + s * y, (c * y + PIVOT) - s * x)

    def _leaned(self, x: Tensor, y: Value) -> tuple[Tensor, Tensor]:
        """From the head's coordinates onto the canvas."""
        c, s = self._lean
        y = y - PIVOT
        return c * x - s * y, s * x + c * y + PIVOT

    @cached_property
    def outline(self) -> Tensor:
        """Distance to the face: a skull and a jaw that turns ahead of it. (N, 1, H, W)"""
        at, x, y = self.at, self.head.x, self.head.y
        skull = ellipse(x - 0.03 * self.turn, y + 0.1, self.half_width, 0.5)
        width = self.half_width * (0.76 + 0.09 * at.jaw + 0.06 * at.face_width)
        ahead = x - 0.1 * self.turn
        long = 0.4 + 0.02 * at.jaw - 0.03 * self.young + 0.025 * self.old
        jaw = ellipse(ahead, y - 0.17 - 0.04 * at.mouth_open, width, long)
        jowls = ellipse(ahead, y - 0.40, width * (0.84 + 0.16 * self.old), 0.06 + 0.09 * self.old)
        return smooth_union(smooth_union(skull, jaw, 0.12), jowls, 0.08)

    @cached_property
    def lit(self) -> Tensor:
        """How much light the head's round form gets, 0…1. (N, 1, H, W)"""
        x, y = self.head.x, self.head.y
        nx, ny = (x - 0.06 * self.turn).mul_(1 / 0.52), (y - 0.02).mul_(1 / 0.72)
        nz = (1.0 - torch.addcmul(nx * nx, ny, ny)).clamp_min_(0.02).sqrt_()
        lx, ly, lz = (0.85 * self._light).unsqueeze(1).unbind(2)
        return nz.mul_(lz).addcmul_(nx, lx).addcmul_(ny, ly).add_(0.28).clamp_(0.0, 1.0)  # n·l

    def on_skin(self, light: Tensor) -> Tensor:
        """Skin under this much light: (N, 1, h, w) to (N, 3, h, w)."""
        return (light * self._tan).add_(self.shadow)

    def feature(self, u: Value, v: Value, box: Box, out: float = 0.0) -> Place:
        """Pixels of a box around the face's point (u, v), foreshortened by the turn; `out` is how far it stands off."""
        middle, narrow = self._turned(u, out)
        x, y = box.cut(self.head.x), box.cut(self.head.y)
        return Place((x - middle).mul_(1.0 / narrow), y - v)

    def close_up(self, u: Value, v: Value, wide: float, high: float, out: float = 0.0) -> tuple[Window, Place]:
        """As `feature`, in a window that holds all pixels within ±wide, ±high of that point."""
        middle, narrow = self._turned(u, out)
        window, place = self.window(middle, v, wide, high)
        return window, Place((place.x - middle).mul_(1.0 / narrow), place.y - v)

    def window(self, x: Tensor, y: Value, wide: float, high: float) -> tuple[Window, Place]:
        """All pixels within ±wide, ±high of a point of the head, and where they are, in the head's coordinates."""
        slant = math.sin(math.radians(_MOST_TILT))
        left, top = self._leaned(x, y)
        width, height = self._pixels(wide + slant * high), self._pixels(high + slant * wide)
        column = ((left + ZOOM) / self.pixel - 0.5 * width).round().long().clamp(0, self.size - width)
        row = ((top - RISE + ZOOM) / self.pixel - 0.5 * height).round().long().clamp(0, self.size - height)
        window = Window(row, column, height, width, self.size)
        return window, self._upright(self._line[window.columns], self._line[window.rows] + RISE)

    def _pixels(self, reach: float) -> int:
        """How many pixels in a line hold all that is within this reach of a point, and half a pixel more for edges."""
        return min(self.size, math.ceil(2 * reach / self.pixel) + 2)

    def _turned(self, u: Value, out: float) -> tuple[Tensor, Tensor]:
        """Where the face's middle line's point u … is seen, and how foreshortened."""
        angle = torch.asin(torch.as_tensor(u, device=self.device).div(TURN).clamp(-0.95, 0.95))
        middle = (TURN + out) * torch.sin(angle + self.yaw) - out * torch.sin(angle)
        narrow = (torch.cos(angle + self.yaw) / torch.cos(angle)).clamp(0.35, 1.25)
        return middle, narrow
