"""The sparse autoencoder: a wide code, of which each image uses little (Olshausen & Field 1997)."""

from typing import Literal

import torch
from torch import Tensor, nn

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.model import MODELS, Metrics, Model
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import BackboneRecipe, check_images
from genexplorer.networks.sparsity import kl_sparsity, top_k, weighted_l1


@MODELS.register("sparse")
class SparseRecipe(BackboneRecipe):
    title = "Sparse autoencoder"
    about = "A wide code of which each image uses only a few units, so that each unit draws one thing."

    network: Literal["linear", "conv", "mlp"] = knob(  # type: ignore[assignment]  # frozen: nobody writes another
        "linear", "One layer, whose units add up to the image; convolutions; or fully connected layers."
    )
    latent_dim: int = knob(256, "How many units the code has.", ge=1, le=8192)
    penalty: Literal["top_k", "l1", "kl"] = knob(
        "top_k", "Keep the largest activations; or charge for their sum; or for firing more often than the target."
    )
    k: int = knob(16, "How many units of an image stay on, with top_k.", ge=1, le=8192, unit="units")
    k_warmup: int = knob(
        500, "Steps over which k falls from all units, so that none dies early.", ge=0, unit="steps", advanced=True
    )
    weight: float = knob(1.0, "Weight of the penalty, with l1 and kl.", ge=0, le=1000)
    target: float = knob(0.05, "How active a unit should be on average, with kl.", gt=0, lt=1)

    def build(self, spec: DataSpec) -> "SparseAutoencoder":
        check_images(self.name, spec)
        return SparseAutoencoder(self, spec)


class SparseAutoencoder(Model):
    """a = f(x), sparse; x' = g(a)."""

    def __init__(self, recipe: SparseRecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        self.latent_dim = recipe.latent_dim
        if recipe.network == "linear":
            pixels = spec.channels * spec.size**2
            self.encoder: nn.Module = nn.Sequential(nn.Flatten(), nn.Linear(pixels, recipe.latent_dim))
            self.decoder: nn.Module = nn.Sequential(nn.Linear(recipe.latent_dim, pixels), nn.Unflatten(1, spec.shape))
        else:
            self.encoder = recipe.encoder(spec, recipe.latent_dim)
            self.decoder = recipe.decoder(spec, recipe.latent_dim)

    def activations(self, x: Tensor, k: int) -> Tensor:
        """(B, D): linear and then the k largest (Makhzani & Frey 2013); rectified for l1; in (0, 1) for kl."""
        h = self.encoder(x).float()
        match self.recipe.penalty:
            case "top_k":
                return top_k(h, k)
            case "l1":
                return torch.relu(h)
            case "kl":
                return torch.sigmoid(h)

    def encode(self, x: Tensor) -> Tensor:
        return self.activations(x, self.recipe.k)

    def decode(self, z: Tensor) -> Tensor:
        x: Tensor = self.decoder(z).float().clamp(-1, 1)
        return x

    def fires(self, z: Tensor) -> Tensor:
        return z > 0.5 if self.recipe.penalty == "kl" else z != 0

    def loss(self, batch: Batch) -> Metrics:
        """‖x' - x‖² and the penalty, per pixel so that one learning rate suits all sizes."""
        recipe = self.recipe
        a = self.activations(batch.x, self.kept(batch.step))
        recon = (self.decoder(a).float() - batch.x).square().flatten(1).sum(1).mean()
        penalty = torch.zeros_like(recon)
        if recipe.penalty == "l1":
            atoms = next(layer for layer in self.decoder.modules() if isinstance(layer, nn.Linear)).weight
            penalty = weighted_l1(a, atoms).mean()
        elif recipe.penalty == "kl":
            penalty = kl_sparsity(batch.whole(a), recipe.target)
        firing = self.fires(a).float().sum(1).mean()
        loss = (recon + recipe.weight * penalty) / batch.x[0].numel()
        return {"loss": loss, "recon": recon.detach(), "penalty": penalty.detach(), "firing": firing}

    def kept(self, step: int) -> int:
        """k at this step: falls along a line from all units (Makhzani & Frey 2013, on scheduling sparsity)."""
        recipe = self.recipe
        left = max(0.0, 1 - step / recipe.k_warmup) if recipe.k_warmup else 0.0
        return round(recipe.k + max(0, recipe.latent_dim - recipe.k) * left)
