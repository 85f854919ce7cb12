"""What a network that denoises sees in a noisy image at once, without a way of many steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from genexplorer.core.abilities import Denoises
from genexplorer.core.data import to_uint8
from genexplorer.core.errors import UserError
from genexplorer.core.model import Model
from genexplorer.core.precision import quick

from .query import Query


@dataclass(frozen=True, eq=False)
class OneLook(Query):
    """x̂0 = E[x0 | x_t] as the network has it, of a state x_t, float (C, H, W), at a time t in 1…T.

    The answer is uint8 (C, H, W).
    """

    state: np.ndarray
    t: float

    def answer(self, model: Model) -> Iterator[np.ndarray]:
        if not isinstance(model, Denoises):
            raise UserError("This model does not denoise; open a diffusion model.")
        with quick():
            seen = model.denoise(torch.from_numpy(self.state.astype(np.float32))[None], max(self.t, 1.0))
        yield to_uint8(seen.float())[0].numpy()
