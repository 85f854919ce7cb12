"""The encoder and decoder that families share, and the settings that choose them."""

import math
from typing import Literal

from torch import nn

from genexplorer.core.data import DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import ModelRecipe
from genexplorer.core.recipe import knob

from .conv import ConvDecoder, ConvEncoder
from .mlp import mlp


def check_images(family: str, spec: DataSpec) -> None:
    """UserError where these are not square images of 8 to 128 px, grey or in colour."""
    square = len(spec.shape) == 3 and spec.shape[1] == spec.shape[2]
    if not square or not 8 <= spec.size <= 128 or spec.channels not in (1, 3):
        raise UserError(
            f"The model {family} wants square images of 8 to 128 px with 1 or 3 channels, not {spec.shape}; "
            "change --data.size."
        )


def check_examples(family: str, spec: DataSpec) -> None:
    """UserError where these are neither such images nor points."""
    if len(spec.shape) != 1:
        check_images(family, spec)


class BackboneRecipe(ModelRecipe):
    """Settings of a family whose encoder ends in a code and whose decoder begins with one.

    Of points there is nothing to convolve: they always have the fully connected network.
    """

    network: Literal["conv", "mlp"] = knob("conv", "Convolutions, or fully connected layers.")
    latent_dim: int = knob(32, "How many numbers describe an image.", ge=1, le=1024)
    width: int = knob(32, "Channels of the first convolution; they double as the image halves.", ge=4, le=256)
    blocks: int = knob(0, "Residual blocks at each size up to 16 px: crisper, slower.", ge=0, le=8)
    hidden: int = knob(400, "Units of a hidden layer of the fully connected network.", ge=8, le=8192)
    depth: int = knob(1, "Hidden layers of the fully connected network.", ge=1, le=8)

    def encoder(self, spec: DataSpec, outputs: int) -> nn.Module:
        """(B, *shape) to (B, outputs)."""
        check_examples(self.name, spec)
        if self.network == "conv" and spec.is_image:
            return ConvEncoder(spec.channels, spec.size, self.width, outputs, self.blocks)
        return nn.Sequential(nn.Flatten(), mlp(math.prod(spec.shape), (self.hidden,) * self.depth, outputs))

    def decoder(self, spec: DataSpec, inputs: int) -> nn.Module:
        """(B, inputs) to (B, *shape), of any value."""
        check_examples(self.name, spec)
        if self.network == "conv" and spec.is_image:
            return ConvDecoder(inputs, spec.channels, spec.size, self.width, self.blocks)
        numbers = math.prod(spec.shape)
        return nn.Sequential(mlp(inputs, (self.hidden,) * self.depth, numbers), nn.Unflatten(1, spec.shape))
