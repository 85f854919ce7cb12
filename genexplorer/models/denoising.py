"""The denoising autoencoder: Vincent et al. 2008, "Extracting and Composing Robust Features"."""

from typing import Literal

from torch import Tensor
from torch.nn import functional as F

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.model import MODELS, Metrics, Model
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import BackboneRecipe, check_images
from genexplorer.networks.corruption import NOISES, corrupt, corrupt_each


@MODELS.register("denoising")
class DenoisingRecipe(BackboneRecipe):
    title = "Denoising autoencoder"
    about = "Sees spoilt images and learns to draw what they were: removes noise, fills in what is missing."

    latent_dim: int = knob(128, "How many numbers describe an image.", ge=1, le=1024)
    noise: Literal["gaussian", "salt_and_pepper", "masking", "block", "mixed"] = knob(
        "mixed", "What spoils an image: added noise, pixels turned black or white, or black, a grey block, or any."
    )
    strength: float = knob(0.5, "The spread of the noise, or the part of the image that is lost.", ge=0, le=1)
    vary: bool = knob(True, "Learn from every strength up to this one, not from it alone.")

    def build(self, spec: DataSpec) -> "DenoisingAutoencoder":
        check_images(self.name, spec)
        return DenoisingAutoencoder(self, spec)


class DenoisingAutoencoder(Model):
    """x̃ ~ q(x̃ | x), z = f(x̃), and g(z) near x."""

    def __init__(self, recipe: DenoisingRecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        self.encoder = recipe.encoder(spec, recipe.latent_dim)
        self.decoder = recipe.decoder(spec, recipe.latent_dim)

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.encoder(x).float()
        return z

    def decode(self, z: Tensor) -> Tensor:
        x: Tensor = self.decoder(z).float().clamp(-1, 1)
        return x

    def restore(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def corrupted(self, batch: Batch) -> Tensor:
        """x̃ as this step draws it."""
        recipe, x = self.recipe, batch.x
        u = batch.rand(*x.shape[1:])
        strength = recipe.strength * batch.rand() if recipe.vary else recipe.strength
        if recipe.noise == "mixed":
            return corrupt_each(x, (batch.rand() * len(NOISES)).long(), strength, u)
        return corrupt(x, recipe.noise, strength, u)

    def loss(self, batch: Batch) -> Metrics:
        """‖g(f(x̃)) - x‖² per pixel, and beside it ‖x̃ - x‖², the error of leaving it as it is."""
        spoilt = self.corrupted(batch)
        loss = F.mse_loss(self.decoder(self.encoder(spoilt)).float(), batch.x)
        return {"loss": loss, "noise": F.mse_loss(spoilt, batch.x)}
