"""Colours of skin, hair, eyes and cloth: factors in, (N, 3, 1, 1) in 0…1 out."""

import torch
from torch import Tensor

_SKIN = ("#ffe3d0", "#fbd0b2", "#efb68d", "#d99a6c", "#b47446", "#8a5434", "#5f3825")
_SKIN_SHADOW = ("#e59c86", "#dd8d70", "#c97552", "#ad5f3f", "#823f28", "#5b2c22", "#3a1c18")
_HAIR = ("#17131a", "#2a1c19", "#4a2d20", "#6f4529", "#9a6b3c", "#cfa05a", "#f0d08c")
_RED = ("#2a1118", "#48161a", "#7a2718", "#a23c1c", "#c4562a", "#dd7f3e", "#f2a965")
_GREY = ("#6f7078", "#9c9ea6", "#c9cbd2", "#eceef2")
_SALLOW = torch.tensor([1.04, 0.98, 0.86])[None, :, None, None]
_EYE = ("#4a2a17", "#7a4a22", "#8a6a2e", "#5c8a4a", "#3f94a0", "#4a8fd6", "#8fb4d4")


def hexes(codes: tuple[str, ...]) -> Tensor:
    """(K, 3) in 0…1."""
    return torch.tensor([[int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)] for code in codes])


def ramp(codes: tuple[str, ...], position: Tensor) -> Tensor:
    """Linear along a list of colours. position: (N, 1, 1, 1) in 0…1; gives (N, 3, 1, 1)."""
    stops = hexes(codes).to(position.device)
    place = position[:, 0, 0, 0].clamp(0, 1) * (len(codes) - 1)
    index = place.floor().long().clamp(max=len(codes) - 2)
    colour = torch.lerp(stops[index], stops[index + 1], (place - index)[:, None])
    return colour[:, :, None, None]


def fixed(code: str, like: Tensor) -> Tensor:
    """One colour as (1, 3, 1, 1)."""
    return hexes((code,)).to(like.device)[:, :, None, None]


def hsv(hue: Tensor, saturation: Tensor | float, value: Tensor | float) -> Tensor:
    """(N, 1, 1, 1) each, hue once around in 0…1; gives (N, 3, 1, 1)."""
    offset = torch.tensor([5.0, 3.0, 1.0], device=hue.device)[None, :, None, None]
    k = (offset + hue * 6.0) % 6.0
    return value - value * saturation * torch.minimum(k, 4.0 - k).clamp(0.0, 1.0)


def skin(tone: Tensor, old: Tensor) -> tuple[Tensor, Tensor]:
    """Skin in the light, and in the shade; age makes it sallow. old: (N, 1, 1, 1) in 0…1."""
    fresh = ramp(_SKIN, tone), ramp(_SKIN_SHADOW, tone)
    light, shade = (torch.lerp(colour, colour.mean(1, keepdim=True) * _SALLOW, 0.42 * old) for colour in fresh)
    return light, shade


def hair(light: Tensor, red: Tensor, grey: Tensor) -> Tensor:
    young = torch.lerp(ramp(_HAIR, light), ramp(_RED, light), red * 0.9)
    return torch.lerp(young, ramp(_GREY, 0.25 + 0.45 * light + 0.35 * grey), grey)


def iris(hue: Tensor) -> Tensor:
    return ramp(_EYE, hue)
