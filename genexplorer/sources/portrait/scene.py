# ruff: noqa: RUF009 - a factor is declared as a dataclass field is
"""What a portrait shows, apart from how it is drawn: one tensor per factor, and how people vary."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import torch
from torch import Tensor

from ...core.data import Label

GLASSES = ("none", "round", "square", "sunglasses")
HAIR = ("bald", "buzz", "short", "side part", "quiff", "bangs", "bob", "long", "wavy", "curly", "afro", "bun")
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
CLOTHES = ("crew neck", "v-neck", "shirt", "hoodie")


def _number(low: float, high: float, about: str, sign_of: str = "") -> Any:
    return field(metadata={"kind": "number", "low": low, "high": high, "about": about, "sign_of": sign_of})


def _hue() -> Any:
    about, quarters = "hue, once around the circle", ("red", "green", "cyan", "violet")
    return field(metadata={"kind": "number", "classes": quarters, "period": 1.0, "about": about})


def _class(classes: tuple[str, ...], about: str) -> Any:
    return field(metadata={"kind": "class", "classes": classes, "about": about})


@dataclass(frozen=True)
class Scene:
    """N portraits: each factor is a float32 tensor (N,); classes are held as their index."""

    smile: Tensor = _number(-1, 1, "corners of the mouth, down to up")
    mouth_open: Tensor = _number(0, 1, "closed to wide open")
    lips: Tensor = _number(0, 1, "thin to full")
    eye_open: Tensor = _number(0, 1, "closed to wide open")
    eye_size: Tensor = _number(-1, 1, "small to large")
    eye_spacing: Tensor = _number(-1, 1, "close to wide apart")
    eye_hue: Tensor = _number(0, 1, "brown over hazel and green to blue")
    gaze: Tensor = _number(-1, 1, "looks to the image's left to right")
    lashes: Tensor = _number(0, 1, "short to long")
    brow_height: Tensor = _number(-1, 1, "low to raised")
    brow_angle: Tensor = _number(-1, 1, "frowning to worried")
    brow_thickness: Tensor = _number(0, 1, "fine to bushy")
    nose_size: Tensor = _number(-1, 1, "narrow to broad")
    nose_length: Tensor = _number(-1, 1, "short to long")
    face_width: Tensor = _number(-1, 1, "slim to round")
    jaw: Tensor = _number(-1, 1, "pointed to square")
    skin: Tensor = _number(0, 1, "light to dark")
    blush: Tensor = _number(0, 1, "how rosy the cheeks are")
    freckles: Tensor = _number(0, 1, "none to many")
    age: Tensor = _number(16, 85, "years")
    glasses: Tensor = _class(GLASSES, "kind of glasses")
    beard: Tensor = _class(BEARDS, "kind of beard")
    hair_style: Tensor = _class(HAIR, "cut of the hair")
    hair_length: Tensor = _number(0, 1, "how far hair falls that is worn open")
    hair_light: Tensor = _number(0, 1, "black to blond, before greying")
    hair_red: Tensor = _number(0, 1, "ash to red")
    grey: Tensor = _number(0, 1, "share of grey hair", sign_of="age")
    yaw: Tensor = _number(-30, 30, "head turned to the image's left to right, degrees")
    tilt: Tensor = _number(-14, 14, "head leaned, clockwise, degrees")
    light: Tensor = _number(-1, 1, "light from the image's left to right")
    background_hue: Tensor = _hue()
    background_light: Tensor = _number(0, 1, "dark to light")
    clothes: Tensor = _class(CLOTHES, "kind of clothes")
    clothes_hue: Tensor = _hue()

    def __len__(self) -> int:
        return len(self.smile)

    def labels(self) -> Tensor:
        """One row per portrait, one column per factor in the order of FACTORS: float32 (N, L)."""
        return torch.stack([getattr(self, factor.name) for factor in FACTORS], 1)

    @classmethod
    def from_labels(cls, labels: Tensor) -> "Scene":
        """The inverse of `labels`; values outside their range are clipped. labels: (N, L)."""
        columns: Mapping[str, Tensor] = {f.name: c for f, c in zip(FACTORS, labels.float().unbind(1), strict=True)}
        return cls(**{factor.name: _legal(factor, columns[factor.name]) for factor in FACTORS})

    def changed(self, **factors: Tensor | float) -> "Scene":
        """The same portraits with some factors set, each to one value or to (N,) values."""
        here = self.smile
        new = {k: torch.as_tensor(v, dtype=torch.float32, device=here.device) for k, v in factors.items()}
        old = {f.name: getattr(self, f.name) for f in FACTORS}
        return Scene(**(old | {name: value.expand_as(here) for name, value in new.items()}))

    def rows(self, start: int, stop: int) -> "Scene":
        """Portraits start … stop - 1."""
        return Scene(**{factor.name: getattr(self, factor.name)[start:stop] for factor in FACTORS})

    def dealt(self, rng: torch.Generator) -> "Scene":
        """Each factor's values as often as here, but dealt out by themselves: none tells of another."""
        columns = self.labels().unbind(1)
        order = [torch.randperm(len(self), generator=rng).to(columns[0].device) for _ in columns]
        return Scene.from_labels(torch.stack([column[row] for column, row in zip(columns, order, strict=True)], 1))

    def to(self, device: torch.device | str) -> "Scene":
        return Scene(**{factor.name: getattr(self, factor.name).to(device) for factor in FACTORS})


FACTORS: tuple[Label, ...] = tuple(
    Label(
        f.name,
        f.metadata["kind"],
        f.metadata.get("classes", ()),
        float(f.metadata.get("low", 0)),
        float(f.metadata.get("high", 1)),
        f.metadata.get("sign_of", ""),
        float(f.metadata.get("period", 0)),
    )
    for f in fields(Scene)
)
"""The factor table: name, kind and range of each label column."""

ABOUT: dict[str, str] = {f.name: f.metadata["about"] for f in fields(Scene)}
"""One line on each factor."""


def _legal(factor: Label, values: Tensor) -> Tensor:
    if factor.kind == "class":
        return values.round().clamp(0, len(factor.classes) - 1)
    return values.clamp(factor.low, factor.high)


def sample(num: int, rng: torch.Generator) -> Scene:
    """Draw `num` people as one meets them: grey comes with age, beards with square jaws, dark hair with dark skin."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(num, generator=rng) * (high - low) + low

    def normal(mean: Tensor | float, std: float, low: float = -1.0, high: float = 1.0) -> Tensor:
        return (mean + std * torch.randn(num, generator=rng)).clamp(low, high)

    def choose(weights: Tensor) -> Tensor:
        return torch.multinomial(weights, 1, generator=rng)[:, 0].float()

    def fork(first: Tensor, a: list[float], b: list[float]) -> Tensor:
        """Weights (num, K): a where first is 1, b where it is 0."""
        return first[:, None] * torch.tensor(a) + (1 - first)[:, None] * torch.tensor(b)

    rugged = (uniform(0, 1) < 0.5).float()  # hidden: what jaws, brows, beards and cuts have in common
    age = 18 + 62 * torch.rand(num, generator=rng).pow(1.5)
    old = ((age - 35) / 45).clamp(0, 1)
    skin = uniform(0, 1)
    smile = normal(0.45, 0.45)
    laugh = (uniform(0, 1) < 0.35).float() * (smile > -0.1)
    style = fork(
        rugged,
        [1.0, 1.2, 3.0, 2.5, 2.2, 0.6, 0.2, 0.4, 0.4, 1.6, 0.8, 0.3],
        [0.0, 0.2, 0.7, 0.5, 0.2, 2.0, 2.2, 2.8, 2.4, 1.2, 1.0, 1.8],
    )
    style[:, 0] += rugged * 2.5 * old
    style[:, 10] *= 0.3 + 2.5 * skin
    beard = fork(rugged, [3.0, 1.6, 0.9, 0.9, 1.8], [1.0, 0.0, 0.0, 0.0, 0.0])
    glasses = torch.tensor([6.0, 1.5, 1.5, 0.8]).expand(num, 4) * torch.stack([1 - 0.5 * old] + [1 + old] * 3, 1)
    return Scene(
        smile=smile,
        mouth_open=(laugh * uniform(0.25, 0.9) + (1 - laugh) * (uniform(-0.3, 0.2))).clamp(0, 1),
        lips=normal(0.6 - 0.25 * rugged, 0.2, 0, 1),
        eye_open=torch.where(uniform(0, 1) < 0.06, uniform(0.0, 0.15), normal(0.72, 0.15, 0.3, 1)),
        eye_size=normal(0.25 - 0.4 * rugged, 0.4),
        eye_spacing=normal(0, 0.45),
        eye_hue=torch.where(uniform(0, 1) < 0.25 + 0.7 * skin, uniform(0, 0.3), uniform(0.2, 1.0)),
        gaze=normal(0, 0.35),
        lashes=normal(0.75 - 0.55 * rugged, 0.15, 0, 1),
        brow_height=normal(0, 0.45),
        brow_angle=normal(0.2, 0.4),
        brow_thickness=normal(0.3 + 0.4 * rugged, 0.2, 0, 1),
        nose_size=normal(0.1 * rugged + 0.4 * skin - 0.2, 0.4),
        nose_length=normal(0, 0.45),
        face_width=normal(0, 0.45),
        jaw=normal(1.0 * rugged - 0.5, 0.4),
        skin=skin,
        blush=normal(0.5, 0.25, 0, 1),
        freckles=(uniform(-1.6, 1.0) * (1.2 - skin)).clamp(0, 1),
        age=age,
        glasses=choose(glasses),
        beard=choose(beard),
        hair_style=choose(style),
        hair_length=uniform(0, 1),
        hair_light=(uniform(0, 1) * (1.05 - 0.85 * skin)).clamp(0, 1),
        hair_red=(uniform(-0.4, 1) * (1.0 - 0.5 * skin)).clamp(0, 1),
        grey=normal(1.5 * old - 0.35, 0.25, 0, 1),
        yaw=normal(0, 13, -30, 30),
        tilt=normal(0, 5, -14, 14),
        light=normal(0, 0.6),
        background_hue=uniform(0, 1),
        background_light=uniform(0, 1),
        clothes=choose(torch.tensor([3.0, 2.0, 2.0, 1.5]).expand(num, 4)),
        clothes_hue=uniform(0, 1),
    )
