"""The autoencoder: Rumelhart, Hinton & Williams 1986; deep, Hinton & Salakhutdinov 2006."""

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Metrics, Model
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import BackboneRecipe, check_images
from genexplorer.networks.recurrent import RowDecoder, RowEncoder
from genexplorer.networks.stacked import Stacked


@MODELS.register("autoencoder")
class AutoencoderRecipe(BackboneRecipe):
    title = "Autoencoder"
    about = "Squeezes an image into a small code and draws it again; nothing says where codes lie, so it cannot sample."

    network: Literal["conv", "deep", "recurrent"] = knob(  # type: ignore[assignment]  # frozen: nobody writes another
        "conv", "Convolutions, a stack of fully connected layers, or a GRU that reads row by row."
    )
    hidden: int = knob(400, "Units of the recurrent network's state.", ge=8, le=8192)
    layers: tuple[int, ...] = knob(
        (1000, 500, 250), "Widths of the deep network's layers, down to the code; none: linear, which is PCA."
    )
    tied: bool = knob(False, "The deep network's decoder uses its encoder's weights, transposed.")
    pretrain: int = knob(
        0, "Steps that each layer of the deep network trains alone at first (Bengio et al. 2007).", ge=0, unit="steps"
    )

    @property
    def settled(self) -> int:
        return self.pretrain * (len(self.layers) + 1) if self.network == "deep" else 0

    @property
    def partial(self) -> bool:
        return self.network == "deep" and self.pretrain > 0

    def build(self, spec: DataSpec) -> "Autoencoder":
        check_images(self.name, spec)
        if any(not 1 <= width <= 8192 for width in self.layers) or len(self.layers) > 16:
            raise UserError(f"autoencoder: layers should be up to 16 widths of 1 to 8192, got {self.layers}.")
        return Autoencoder(self, spec)


class Autoencoder(Model):
    """z = f(x), x' = g(z), trained to make ‖x' - x‖² small."""

    def __init__(self, recipe: AutoencoderRecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        self.shape = spec.shape
        match recipe.network:
            case "deep":
                pixels = spec.channels * spec.size**2
                self.stack = Stacked((pixels, *recipe.layers, recipe.latent_dim), recipe.tied)
            case "recurrent":
                self.encoder: nn.Module = RowEncoder(spec.channels, spec.size, recipe.hidden, recipe.latent_dim)
                self.decoder: nn.Module = RowDecoder(recipe.latent_dim, spec.channels, spec.size, recipe.hidden)
            case _:
                self.encoder = recipe.encoder(spec, recipe.latent_dim)
                self.decoder = recipe.decoder(spec, recipe.latent_dim)

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.stack.encode(x.flatten(1)) if self.recipe.network == "deep" else self.encoder(x)
        return z.float()

    def redraw(self, z: Tensor) -> Tensor:
        """The image of a code before it is cut to [-1, 1], so that gradients come back from outside."""
        deep = self.recipe.network == "deep"
        x: Tensor = self.stack.decode(z).view(-1, *self.shape) if deep else self.decoder(z)
        return x.float()

    def decode(self, z: Tensor) -> Tensor:
        return self.redraw(z).clamp(-1, 1)

    def loss(self, batch: Batch) -> Metrics:
        """Mean squared error of a pixel; while a layer is pretrained, of what that layer sees."""
        layer = self.pretrained(batch.step)
        if layer is not None:
            return {"loss": self.stack.layer_loss(layer, batch.x.flatten(1))}
        return {"loss": F.mse_loss(self.redraw(self.encode(batch.x)), batch.x)}

    def pretrained(self, step: int) -> int | None:
        """Which layer trains alone at this step, the lowest first; None once all train together.

        A function of the step alone, so that a run goes on where it stopped.
        """
        if self.recipe.network != "deep" or step > self.recipe.pretrain * len(self.stack):
            return None
        return (step - 1) // self.recipe.pretrain
