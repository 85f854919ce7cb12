"""The vector-quantised VAE: van den Oord, Vinyals & Kavukcuoglu 2017; equations are its own."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Group, Metrics, Model, ModelRecipe, Optimizers
from genexplorer.core.recipe import knob
from genexplorer.networks.backbone import check_images
from genexplorer.networks.causal import CausalTransformer
from genexplorer.networks.codebook import Codebook, perplexity
from genexplorer.networks.conv import ConvDown, ConvUp, pyramid


@MODELS.register("vqvae")
class VQVAERecipe(ModelRecipe):
    title = "Vector-quantised VAE"
    about = "Writes an image as words of a learned book, and learns which words follow which: so it samples."

    codes: int = knob(256, "How many words the codebook has.", ge=2, le=8192)
    code_dim: int = knob(8, "How many numbers a word has.", ge=1, le=256)
    grid: int = knob(8, "The grid of words has at most this many on a side.", ge=2, le=32)
    width: int = knob(32, "Channels of the first convolution; they double as the image halves.", ge=4, le=256)
    blocks: int = knob(1, "Residual blocks at each size up to 16 px: crisper, slower.", ge=0, le=8)
    codebook: Literal["ema", "loss"] = knob(
        "ema", "Words follow the mean of what they stand for, or are moved by a loss."
    )
    commitment: float = knob(0.25, "β, how strongly the encoder keeps to its words.", ge=0, le=10)
    decay: float = knob(0.99, "Memory of the means that words follow.", ge=0, lt=1, advanced=True)
    prior_width: int = knob(64, "Width of the network that learns which words follow which.", ge=8, le=1024)
    prior_layers: int = knob(3, "Its layers.", ge=1, le=24)
    temperature: float = knob(1.0, "Below 1, samples keep to likelier words.", gt=0, le=2, advanced=True)

    def build(self, spec: DataSpec) -> "VQVAE":
        check_images(self.name, spec)
        if self.prior_width % _HEADS:
            raise UserError(f"vqvae: prior_width should be a multiple of {_HEADS}, got {self.prior_width}.")
        return VQVAE(self, spec)


_HEADS = 4


class VQVAE(Model):
    """h = f(x) is a grid of vectors; e, the nearest word for each; x' = g(e). A causal network learns p(words).

    To sliders and maps a code is the words' vectors one after another, row by row; what is decoded is first brought to
    the nearest words.
    """

    def __init__(self, recipe: VQVAERecipe, spec: DataSpec) -> None:
        super().__init__()
        self.recipe = recipe
        sizes = pyramid(spec.size, recipe.grid)
        self.grid = sizes[-1]
        self.latent_dim = self.grid**2 * recipe.code_dim
        down = ConvDown(spec.channels, sizes, recipe.width, recipe.blocks)
        up = ConvUp(spec.channels, sizes, recipe.width, recipe.blocks)
        self.encoder = nn.Sequential(down, nn.Conv2d(down.channels, recipe.code_dim, 1))
        self.decoder = nn.Sequential(nn.Conv2d(recipe.code_dim, up.channels, 3, padding=1), up)
        self.codebook = Codebook(recipe.codes, recipe.code_dim, recipe.codebook == "ema", recipe.decay)
        self.prior = CausalTransformer(recipe.codes, self.grid**2, recipe.prior_width, recipe.prior_layers, _HEADS)

    def vectors(self, x: Tensor) -> Tensor:
        """h, row by row: (B, T, D)."""
        h: Tensor = self.encoder(x).float()
        return h.flatten(2).transpose(1, 2)

    def words(self, h: Tensor) -> Tensor:
        """The nearest word to each vector (B, T, D), eq. 1: indices (B, T)."""
        return self.codebook.nearest(h.reshape(-1, h.shape[2])).view(h.shape[:2])

    def paint(self, e: Tensor) -> Tensor:
        """g(e) for vectors (B, T, D), before it is cut to [-1, 1]."""
        maps = e.transpose(1, 2).reshape(len(e), -1, self.grid, self.grid)
        x: Tensor = self.decoder(maps.contiguous(memory_format=torch.channels_last)).float()
        return x

    def encode(self, x: Tensor) -> Tensor:
        e: Tensor = self.codebook(self.words(self.vectors(x)))
        return e.flatten(1)

    def decode(self, z: Tensor) -> Tensor:
        vectors = z.reshape(len(z), self.grid**2, self.recipe.code_dim)
        return self.paint(self.codebook(self.words(vectors))).clamp(-1, 1)

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        e: Tensor = self.codebook(self.prior.sample(num, rng, self.recipe.temperature))
        return e.flatten(1)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(self.draw(num, rng))

    def groups(self) -> dict[str, Group]:
        own = [*self.encoder.parameters(), *self.decoder.parameters(), *self.codebook.parameters()]
        return {"all": Group(own), "prior": Group(self.prior.parameters())}

    def train_step(self, batch: Batch, optimizers: Optimizers) -> Metrics:
        """Both at once: the prior learns the words as they are now, and moves nothing but itself."""
        metrics, words = self.words_loss(batch)
        optimizers.step(metrics["loss"])
        metrics["prior"] = self.prior_loss(words)
        optimizers.step(metrics["prior"], "prior")
        return metrics

    def words_loss(self, batch: Batch) -> tuple[Metrics, Tensor]:
        """‖x - x'‖² + ‖sg[h] - e‖² + β ‖h - sg[e]‖², eq. 3, as means over pixels and vectors; and the words (B, T).

        Where words follow means the middle term is left out. Gradients pass from e to h as they are (section 3.2).
        """
        h = self.vectors(batch.x)
        words = self.words(h)
        e = self.codebook(words)
        recon = F.mse_loss(self.paint(h + (e - h).detach()), batch.x)
        commit = F.mse_loss(h, e.detach())
        loss = recon + self.recipe.commitment * commit
        if not self.codebook.follows:
            loss = loss + F.mse_loss(e, h.detach())
        metrics = {"loss": loss, "recon": recon.detach(), "commit": commit.detach()}
        metrics["perplexity"] = perplexity(batch.whole(words), self.recipe.codes)
        if self.training:
            metrics["revived"] = self.codebook.learn(h.detach(), words, batch)
            epoch = max(batch.total / (len(batch.x) * batch.world), 1)
            metrics["in_use"] = (self.codebook.idle < epoch).float().mean()  # share of words that an epoch needed
        return metrics, words

    def prior_loss(self, words: Tensor) -> Tensor:
        """-log p of a word, given those before it, in nats."""
        return F.cross_entropy(self.prior(words).flatten(0, 1), words.flatten())
