"""Scene in, pixels out: geometry and shading give layers, compositing stacks them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter

import torch
from torch import Tensor

from ...core.memory import keep_big_blocks
from .beard import beard
from .body import background, clothes, ears, neck
from .eyes import brows, eyes
from .face import cheeks, freckles, hollows, nose, skin, wrinkles
from .frame import Frame
from .glasses import glasses
from .hair import Hair, falls
from .layers import Layer, Part
from .mouth import mouth
from .scene import Scene

RENDERER_VERSION = 5
"""Goes up whenever the same scene gives other pixels, so that rendered sets are drawn anew."""

_PIXELS_AT_ONCE = 1 << 18  # fewer: the cost of calls shows; more: the working set leaves the cache


def layers(scene: Scene, size: int) -> Iterator[Layer]:
    """All layers of these portraits, back to front."""
    frame = Frame(scene, size)
    hair = Hair(frame)
    yield from background(frame)
    yield from clothes(frame)
    yield from hair.behind()
    yield from neck(frame)
    yield from skin(frame)
    yield from ears(frame, (hair.of("drop") < 0.2).float())
    yield from cheeks(frame)
    yield from freckles(frame)
    yield from hollows(frame)
    yield from wrinkles(frame)
    yield from nose(frame)
    yield from hair.shadow()
    yield from beard(frame)
    yield from mouth(frame)
    yield from eyes(frame)
    yield from brows(frame)
    yield from glasses(frame)
    yield from hair.front()


def _chunks(scene: Scene, size: int) -> Iterator[tuple[Tensor, Scene]]:
    """Indices and scenes of portraits to draw together: alike ones, since what none of them has is not drawn."""
    has = [scene.glasses > 0, falls(scene), scene.beard > 0, scene.freckles > 0]  # the costliest first
    kinds = sum((seen.float() * 2**place for place, seen in enumerate(reversed(has), 4)), scene.hair_style)
    order = torch.argsort(kinds, stable=True)
    alike = Scene.from_labels(scene.labels()[order])
    step = max(1, _PIXELS_AT_ONCE // size**2)
    for start in range(0, len(scene), step):
        yield order[start : start + step], alike.rows(start, start + step)


def render(scene: Scene, size: int) -> Tensor:
    """Draw the portraits as uint8 (N, 3, size, size); size 16…256, on the scene's device."""
    keep_big_blocks()
    device = scene.smile.device
    images = torch.empty(len(scene), 3, size, size, dtype=torch.uint8, device=device)

    @torch.inference_mode()
    def draw(chunk: tuple[Tensor, Scene]) -> None:
        where, part = chunk
        images[where] = _composite(part, size)

    # Many small operations: whole chunks side by side keep the cores busier than each operation split over them.
    workers = torch.get_num_threads() if device.type == "cpu" else 1
    with ThreadPoolExecutor(workers, "genexplorer-portrait", torch.set_num_threads, (1,)) as pool:
        list(pool.map(draw, _chunks(scene, size)))
    return images


def _composite(scene: Scene, size: int) -> Tensor:
    canvas = torch.zeros(len(scene), 3, size, size, device=scene.smile.device)
    for area, group in groupby(layers(scene, size), attrgetter("area")):
        part = area.cut(canvas)
        for layer in group:
            part.lerp_(layer.colour, layer.alpha)
        area.paste(canvas, part)
    return canvas.mul_(255.0).add_(0.5).clamp_(0.0, 255.0).to(torch.uint8)


@torch.inference_mode()
def parts(scene: Scene, size: int) -> Tensor:
    """Which Part each pixel shows, uint8 (N, size, size): the topmost that covers at least half of it."""
    device = scene.smile.device
    maps = torch.zeros(len(scene), size, size, dtype=torch.uint8, device=device)
    for where, part in _chunks(scene, size):
        chunk = torch.zeros(len(part), 1, size, size, dtype=torch.uint8, device=device)
        for layer in layers(part, size):
            if layer.part != Part.SHADE:
                shown = layer.area.cut(chunk).masked_fill_(layer.alpha >= 0.5, int(layer.part))
                layer.area.paste(chunk, shown)
        maps[where] = chunk[:, 0]
    return maps
