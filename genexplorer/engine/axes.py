"""Directions in the space of codes that a slider can go along: single dimensions, principal directions, named ones."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Axes:
    """K directions in a space of D dimensions.

    A code z stands at `duals @ (z - origin)`, (K,); to go by t along axis k is to add t * vectors[k]. An axis and its
    dual satisfy duals[k] @ vectors[k] = 1; different axes need not be orthogonal.
    """

    names: tuple[str, ...]
    vectors: np.ndarray  # (K, D)
    duals: np.ndarray  # (K, D)
    origin: np.ndarray  # (D,)
    low: np.ndarray  # (K,), the reach of real images
    high: np.ndarray  # (K,)
    details: tuple[str, ...]  # one short figure each, such as "1.32 nats"
    weights: np.ndarray | None = None  # (K,), what they are ranked by
    active: np.ndarray | None = None  # (K,) bool: the others change next to nothing
    hints: tuple[str, ...] = ()  # a sentence each on what is known of it, where anything is

    def __len__(self) -> int:
        return len(self.names)

    def places(self, z: np.ndarray) -> np.ndarray:
        """Where a code stands on each axis, (K,)."""
        return np.asarray(self.duals @ (z - self.origin), np.float32)

    def moved(self, z: np.ndarray, axis: int, place: float) -> np.ndarray:
        """The code that stands at `place` on this axis, reached along it."""
        now = float(self.duals[axis] @ (z - self.origin))
        return np.asarray(z + (place - now) * self.vectors[axis], np.float32)

    def only(self, axis: int) -> "Axes":
        """This one alone, whatever it changes."""
        one = slice(axis, axis + 1)
        parts = {
            name: getattr(self, name)[one] for name in ("names", "vectors", "duals", "low", "high", "details", "hints")
        }
        return replace(self, **parts, weights=None, active=None)

    @property
    def ranked(self) -> np.ndarray:
        """The axes by falling weight, as indices."""
        return np.arange(len(self)) if self.weights is None else np.argsort(-self.weights, kind="stable")

    def keeping(self, held: np.ndarray) -> "Axes":
        """The same axes, bent so that going along them moves no code on any of the duals in `held` (L, D).

        v - P v, P projecting on the span of `held`: the conditional direction of Shen et al. 2020, "InterFaceGAN",
        §3.2, made as long as it takes to go one unit along its own dual. An axis that `held` leaves no room becomes 0.
        """
        if not len(held):
            return self
        free = freed(self.vectors, held)
        gain = np.einsum("kd,kd->k", self.duals, free)
        scale = np.where(np.abs(gain) > 1e-3, gain, np.inf)
        return replace(self, vectors=np.asarray(free / scale[:, None], np.float32))


def freed(changes: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Changes of codes (..., D) without their part in the span of `held` (L, D)."""
    basis: list[np.ndarray] = []
    for row in np.asarray(held, np.float64):
        left = row - sum(((row @ b) * b for b in basis), np.zeros_like(row))
        if np.linalg.norm(left) > 1e-6 * np.linalg.norm(row):
            basis.append(left / np.linalg.norm(left))
    if not basis:
        return changes
    across = np.stack(basis)
    return np.asarray(changes - (changes @ across.T) @ across, np.float32)


def unit_axes(dim: int) -> Axes:
    """One axis per dimension, of which nothing is known yet."""
    eye, ones = np.eye(dim, dtype=np.float32), np.ones(dim, np.float32)
    names = tuple(f"z{subscript(i)}" for i in range(dim))
    return Axes(names, eye, eye, 0 * ones, -3 * ones, 3 * ones, ("",) * dim)


def subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789-", "₀₁₂₃₄₅₆₇₈₉₋"))
