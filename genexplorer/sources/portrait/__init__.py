"""Procedural portraits: a scene of exact factors, and a renderer for it."""

from .render import RENDERER_VERSION, parts, render
from .scene import ABOUT, FACTORS, Scene, sample
from .studio import drawn

__all__ = ["ABOUT", "FACTORS", "RENDERER_VERSION", "Scene", "drawn", "parts", "render", "sample"]
