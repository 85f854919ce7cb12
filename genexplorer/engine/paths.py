"""Ways through the space of codes: between codes, around at random, over a square, and sums of them. NumPy only."""

from typing import Literal

import numpy as np

How = Literal["lerp", "slerp"]


def lerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The straight line (1 − t) a + t b.

    a, b: (..., D); t in [0, 1], broadcast against their leading shape. Float32 (..., D).
    """
    return np.asarray(a + np.asarray(t)[..., None] * (b - a), np.float32)


def slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """sin((1 − t) Ω) / sin Ω · a + sin(t Ω) / sin Ω · b, with Ω the angle between a and b.

    Two codes of equal length keep it all the way, as draws from a normal distribution in many dimensions do, whose
    straight line would pass through the unlikely middle. Codes that are parallel, opposed or zero have no arc: lerp.
    Shapes as in `lerp`. Shoemake 1985, "Animating Rotation with Quaternion Curves"; for codes White 2016, "Sampling
    Generative Networks", section 2.1.
    """
    one, other, t = np.asarray(a, np.float64), np.asarray(b, np.float64), np.asarray(t, np.float64)
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    cosine = (one * other).sum(-1) / np.where(lengths > 0, lengths, 1)
    omega = np.arccos(np.clip(cosine, -1, 1))
    sine = np.sin(omega)
    arc = (sine > 1e-6) & (lengths > 0)
    safe = np.where(arc, sine, 1)
    left = np.where(arc, np.sin((1 - t) * omega) / safe, 1 - t)
    right = np.where(arc, np.sin(t * omega) / safe, t)
    return np.asarray(left[..., None] * one + right[..., None] * other, np.float32)


def between(a: np.ndarray, b: np.ndarray, t: np.ndarray, how: How) -> np.ndarray:
    return slerp(a, b, t) if how == "slerp" else lerp(a, b, t)


def through(stops: np.ndarray, per_leg: int, how: How, loop: bool) -> np.ndarray:
    """From stop to stop: stops (K, D), each leg in `per_leg` even steps; float32 (N, D).

    A loop goes on from the last stop to the first and has K · per_leg codes: none is there twice, so that it can be
    played over and over. A way that ends has (K − 1) · per_leg + 1.
    """
    if len(stops) == 1:
        return np.asarray(stops, np.float32)
    t = np.arange(per_leg) / per_leg
    ends = np.roll(stops, -1, axis=0) if loop else stops[1:]
    legs = [between(a[None], b[None], t, how) for a, b in zip(stops, ends, strict=False)]
    return np.concatenate(legs if loop else [*legs, np.asarray(stops[-1:], np.float32)])


def walk(dim: int, count: int, wander: float, rng: np.random.Generator) -> np.ndarray:
    """A smooth random loop of standard normal codes: float32 (count, dim); the last is followed by the first.

    Each dimension is an exact draw from a Gaussian process on the circle, with covariance
    exp(wander² (cos 2πτ − 1) / 2π²) at distance τ in [0, 1) around the loop (Rasmussen & Williams 2006, "Gaussian
    Processes for Machine Learning", equation 4.31, with ℓ = √2 π / wander): every code alone is a draw from N(0, I),
    and codes a share of 1 / wander of the loop apart correlate with 1 / e. The covariance is circulant, so the FFT is
    its eigenbasis.
    """
    tau = np.arange(count) / count
    covariance = np.exp(wander**2 * (np.cos(2 * np.pi * tau) - 1) / (2 * np.pi**2))
    power = np.clip(np.fft.fft(covariance).real, 0, None)
    noise = rng.standard_normal((count, dim)) + 1j * rng.standard_normal((count, dim))
    return np.asarray(np.fft.fft(np.sqrt(power / count)[:, None] * noise, axis=0).real, np.float32)


def corners(square: np.ndarray, n: int, how: How) -> np.ndarray:
    """An n × n grid between four corners: square (2, 2, D), rows first; float32 (n, n, D).

    Rows run between the left and the right edge, and the edges between the corners; with lerp this is bilinear.
    """
    t = np.linspace(0, 1, n)
    left, right = (between(square[0, side][None], square[1, side][None], t, how) for side in (0, 1))
    return between(left[:, None], right[:, None], t[None], how)


def arithmetic(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """mean(A) − mean(B) + mean(C) of sets of codes (n, D); an empty set counts as zero. Float32 (D,).

    Means of several codes, for that of one carries too much of its own: Radford, Metz & Chintala 2016, "Unsupervised
    Representation Learning with Deep Convolutional GANs", section 6.3.2.
    """
    return np.asarray(mean(a) - mean(b) + mean(c), np.float32)


def mean(codes: np.ndarray) -> np.ndarray:
    """(n, D) to float32 (D,); zeros where n is 0."""
    return np.asarray(codes.mean(0) if len(codes) else np.zeros(codes.shape[1]), np.float32)
