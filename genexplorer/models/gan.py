"""Generative adversarial networks: Goodfellow et al. 2014, and what came after.

What they play for (`networks/adversarial`), who plays (`networks/residual_pair`, `networks/dcgan`, `networks/mlp`) and
what holds the discriminator back (`networks/penalties`) are chosen one by one; well-known choices have a name below.
"""

from functools import partial
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from genexplorer.core.data import Batch, DataSpec
from genexplorer.core.errors import UserError
from genexplorer.core.model import MODELS, Group, Metrics, Model, ModelRecipe, Optimizers
from genexplorer.core.recipe import knob
from genexplorer.networks.adversarial import GAMES, GameName
from genexplorer.networks.augment import augment
from genexplorer.networks.backbone import check_images
from genexplorer.networks.conditions import SEEN, Conditions, draw_seen, keep_seen
from genexplorer.networks.dcgan import DCGANFeatures, DCGANGenerator
from genexplorer.networks.mlp import mlp
from genexplorer.networks.penalties import PenaltyName, gradient_penalty, zero_centred
from genexplorer.networks.residual_pair import ResidualFeatures, ResidualGenerator


class AdversarialRecipe(ModelRecipe):
    """Settings of two players: a generator G, and a discriminator D that tells its images from real ones."""

    training: ClassVar = {
        "steps": 20_000,
        "batch_size": 64,
        "lr": 2e-4,
        "warmup": 0,
        "decay": "none",
        "clip": 0.0,
        "save_every": 200,
    }

    network: Literal["residual", "dcgan", "mlp"] = knob(
        "dcgan",
        "DCGAN's convolutions, R3GAN's residual blocks without norms, which learn slower, or fully connected layers; "
        "points always have these.",
    )
    game: GameName = knob("relativistic", "What the two play for.")
    penalty: PenaltyName = knob(
        "r1r2", "What keeps D from being steep: its slope at real and made images, or ‖slope‖ = 1 in between."
    )
    gamma: float = knob(1.0, "Weight of that penalty.", ge=0, le=1000)
    penalty_every: int = knob(
        4, "It is paid at every so many steps only, that many times (Karras et al. 2020).", ge=1, le=64, advanced=True
    )
    spectral: bool = knob(False, "Divide D's weights by their largest singular value (Miyato et al. 2018).")
    latent_dim: int = knob(64, "How many numbers an image is made from.", ge=1, le=1024)
    width: int = knob(32, "Channels where images are largest; they double as maps halve.", ge=4, le=256)
    blocks: int = knob(1, "Residual blocks at each size.", ge=0, le=8)
    hidden: int = knob(256, "Units of a hidden layer of the fully connected network.", ge=8, le=8192)
    depth: int = knob(3, "Hidden layers of the fully connected network.", ge=1, le=8)
    condition: tuple[str, ...] = knob((), "Labels of the data set that images are made for: digit, or smile, glasses …")
    d_steps: int = knob(1, "Steps of D for each step of G.", ge=1, le=100)
    d_lr: float = knob(1.0, "D's learning rate, by that of G (Heusel et al. 2017).", gt=0, le=100)
    smoothing: float = knob(0.0, "By how much the label of real images falls short of 1.", ge=0, lt=0.5)
    augment: bool = knob(False, "Show D images changed at random, for small data sets (Zhao et al. 2020).")
    beta1: float = knob(0.0, "Adam's memory of the gradient.", ge=0, lt=1, advanced=True)
    beta2: float = knob(0.99, "Adam's memory of its square.", ge=0, lt=1, advanced=True)

    def build(self, spec: DataSpec) -> "GAN":
        if spec.is_image:
            check_images(self.name, spec)
        elif len(spec.shape) != 1:
            raise UserError(f"The model {self.name} wants square images or points, not {spec.shape}.")
        if self.smoothing and not GAMES[self.game].smooths:
            raise UserError(
                f"{self.name}: smoothing is of a label that is 1, which the {self.game} game does not have; leave it 0."
            )
        return ConditionalGAN(self, spec) if self.condition else GAN(self, spec)

    def generator(self, spec: DataSpec, inputs: int) -> nn.Module:
        """(B, inputs) to (B, *shape)."""
        if not spec.is_image:
            return mlp(inputs, (self.hidden,) * self.depth, spec.shape[0])
        match self.network:
            case "residual":
                return ResidualGenerator(inputs, spec.channels, spec.size, self.width, self.blocks)
            case "dcgan":
                return DCGANGenerator(inputs, spec.channels, spec.size, self.width)
        layers = mlp(inputs, (self.hidden,) * self.depth, spec.channels * spec.size**2)
        return nn.Sequential(layers, nn.Tanh(), nn.Unflatten(1, spec.shape))

    def features(self, spec: DataSpec) -> tuple[nn.Module, int]:
        """D but its last layer, (B, *shape) to (B, F), and F."""
        found: ResidualFeatures | DCGANFeatures
        if not spec.is_image or self.network == "mlp":
            inputs = spec.shape[0] if not spec.is_image else spec.channels * spec.size**2
            layers = mlp(inputs, (self.hidden,) * (self.depth - 1), self.hidden)
            return nn.Sequential(nn.Flatten(), layers, nn.ReLU(inplace=True)), self.hidden
        if self.network == "dcgan":
            # batch norm makes an image's score hang on the others: no slope of its own, and no Lipschitz constant
            norm = self.penalty == "none" and not self.spectral
            found = DCGANFeatures(spec.channels, spec.size, self.width, norm)
        else:
            found = ResidualFeatures(spec.channels, spec.size, self.width, self.blocks)
        return found, found.outputs


@MODELS.register("r3gan")
class R3GAN(AdversarialRecipe):
    title = "R3GAN"
    about = "Adversaries that train without luck: a relativistic game, both slopes held to 0 (Huang et al. 2024)."
    training: ClassVar = AdversarialRecipe.training | {"lr": 5e-4, "decay": "cosine"}


@MODELS.register("gan")
class Vanilla(
    AdversarialRecipe,
    network="mlp",
    game="nonsaturating",
    penalty="none",
    hidden=512,
    latent_dim=100,
    beta1=0.5,
    beta2=0.999,
):
    title = "GAN"
    about = (
        "The first of them: fully connected players, one tells real from made, the other deceives it (Goodfellow 2014)."
    )


@MODELS.register("dcgan")
class DCGAN(
    AdversarialRecipe,
    network="dcgan",
    game="nonsaturating",
    penalty="none",
    width=64,
    latent_dim=100,
    beta1=0.5,
    beta2=0.999,
):
    title = "DCGAN"
    about = (
        "Convolutions with batch norm, as the first GAN that drew convincing pictures has them (Radford et al. 2016)."
    )


@MODELS.register("wgan_gp")
class WGANGP(
    AdversarialRecipe,
    network="dcgan",
    game="wasserstein",
    penalty="gradient",
    gamma=10.0,
    penalty_every=1,
    d_steps=5,
    width=32,
    beta2=0.9,
):
    title = "WGAN-GP"
    about = "A critic whose slope is held to 1: its loss tells how far samples are from data (Gulrajani et al. 2017)."


@MODELS.register("sngan")
class SNGAN(
    AdversarialRecipe, network="dcgan", game="hinge", penalty="none", spectral=True, width=32, latent_dim=128, beta2=0.9
):
    title = "SNGAN"
    about = "Hinge loss, and a discriminator whose layers stretch nothing more than once (Miyato et al. 2018)."


@MODELS.register("lsgan")
class LSGAN(
    AdversarialRecipe,
    network="dcgan",
    game="least_squares",
    penalty="none",
    width=32,
    latent_dim=100,
    beta1=0.5,
    beta2=0.999,
):
    title = "LSGAN"
    about = "Scores held to 0 and 1 by their squared distance, which still pulls where D is sure (Mao et al. 2017)."


class GAN(Model):
    """x = G(z) with z ~ N(0, I), and D(x), a logit."""

    def __init__(self, recipe: AdversarialRecipe, spec: DataSpec, conditions: int = 0) -> None:
        super().__init__()
        self.recipe = recipe
        self.game = GAMES[recipe.game]
        self.noise_dim = recipe.latent_dim
        self.latent_dim = recipe.latent_dim + conditions
        self.bounded = spec.is_image
        self.generator = recipe.generator(spec, self.latent_dim)
        self.body, features = recipe.features(spec)
        self.head = nn.Linear(features, 1)
        self.inner = nn.Linear(conditions, features, bias=False) if conditions else None
        if recipe.spectral:
            for layer in [*self.body.modules(), self.head, *([self.inner] if self.inner else [])]:
                if isinstance(layer, nn.Conv2d | nn.Linear):
                    spectral_norm(layer)

    def groups(self) -> dict[str, Group]:
        betas = self.recipe.beta1, self.recipe.beta2
        players: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for name, weight in self.named_parameters():
            players[name.startswith("generator.")].append(weight)
        return {"d": Group(players[False], self.recipe.d_lr, betas), "g": Group(players[True], 1.0, betas)}

    def score(self, x: Tensor, y: Tensor | None) -> Tensor:
        """D(x | y) = w·φ(x) + y·V φ(x), (B,): Miyato & Koyama 2018, eq. 3; where y is not said, its mean of 0."""
        features = self.body(x)
        score: Tensor = self.head(features)[:, 0]
        if self.inner is not None and y is not None:
            score = score + (self.inner(y) * features).sum(1) / features.shape[1] ** 0.5
        return score.float()

    def decode(self, z: Tensor) -> Tensor:
        x: Tensor = self.generator(z).float()
        return x.clamp(-1, 1) if self.bounded else x

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        return torch.randn(num, self.latent_dim, generator=rng, device=rng.device)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(self.draw(num, rng))

    def discriminate(self, x: Tensor) -> Tensor:
        return self.score(x, None)

    def features(self, x: Tensor) -> Tensor:
        found: Tensor = self.body(x)
        return found.float()

    def conditions_of(self, batch: Batch) -> Tensor | None:
        """y of a batch's labels, (B, dim)."""
        return None

    def imagine(self, batch: Batch, y: Tensor | None) -> Tensor:
        """Images as many as there are real ones, of the same conditions."""
        z = batch.randn(self.noise_dim)
        made: Tensor = self.generator(z if y is None else torch.cat([z, y], 1))
        return made.float()

    def shown(self, x: Tensor, batch: Batch) -> Tensor:
        """What D is shown of images."""
        return augment(x, batch.rand) if self.recipe.augment and self.bounded else x

    def train_step(self, batch: Batch, optimizers: Optimizers) -> Metrics:
        """Algorithm 1 of Goodfellow et al. 2014: at every step D, at every k-th G too."""
        metrics = self.d_loss(batch)
        optimizers.step(metrics["d_loss"], "d")
        if batch.step % self.recipe.d_steps == 0:
            metrics["g_loss"] = self.g_loss(batch)
            optimizers.step(metrics["g_loss"], "g")
        return metrics

    def d_loss(self, batch: Batch) -> Metrics:
        """D's loss with its penalty, and what it thought: mean and spread of its scores, and how often it was right."""
        recipe, y = self.recipe, self.conditions_of(batch)
        with torch.no_grad():
            made = self.imagine(batch, y)
        pays = recipe.penalty != "none" and batch.step % recipe.penalty_every == 0
        x = self.shown(batch.x, batch).detach().requires_grad_(pays and recipe.penalty in ("r1", "r1r2"))
        made = self.shown(made, batch).detach().requires_grad_(pays and recipe.penalty == "r1r2")
        real, fake = self.score(x, y), self.score(made, y)
        loss = self.game.d(real, fake, recipe.smoothing)
        right = (real > fake).float() if self.game.relative else torch.cat([real > 0, fake <= 0]).float()
        metrics = {
            "real": real.detach().mean(),
            "real_std": real.detach().std(correction=0),
            "fake": fake.detach().mean(),
            "fake_std": fake.detach().std(correction=0),
            "accuracy": right.mean(),
        }
        if pays:
            penalty = self.penalty(batch, x, real, made, fake, y)
            metrics["penalty"] = penalty.detach()
            loss = loss + recipe.gamma * recipe.penalty_every * penalty
        return {"d_loss": loss, **metrics}

    def penalty(self, batch: Batch, x: Tensor, real: Tensor, made: Tensor, fake: Tensor, y: Tensor | None) -> Tensor:
        if self.recipe.penalty == "gradient":
            return gradient_penalty(partial(self.score, y=y), x, made, batch.rand(*(1,) * (x.ndim - 1)))
        at_real = zero_centred(real, x)
        return at_real + zero_centred(fake, made) if self.recipe.penalty == "r1r2" else at_real

    def g_loss(self, batch: Batch) -> Tensor:
        """G's loss through a D whose weights do not move."""
        y = self.conditions_of(batch)
        fake = self.score(self.shown(self.imagine(batch, y), batch), y)
        if self.game.relative:
            with torch.no_grad():
                fake_of = self.score(self.shown(batch.x, batch), y)
            fake = fake - fake_of
        loss: Tensor = self.game.g(fake)
        return loss


class ConditionalGAN(GAN):
    """x = G(z, y), and D(x | y), y standing for labels as `Conditions` writes them: the code is (z, y)."""

    def __init__(self, recipe: AdversarialRecipe, spec: DataSpec) -> None:
        labels = Conditions(spec, recipe.condition)
        super().__init__(recipe, spec, labels.dim)
        self.labels = labels
        self.conditions = labels.labels
        self.seen: Tensor
        self.register_buffer("seen", torch.zeros(SEEN, len(self.conditions)))

    def conditions_of(self, batch: Batch) -> Tensor:
        return self.labels.write(batch.labels[:, self.labels.columns])

    def d_loss(self, batch: Batch) -> Metrics:
        if self.training:
            keep_seen(self.seen, batch.labels[:, self.labels.columns], batch.step)
        return super().d_loss(batch)

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        """z of the prior, y of images that it was trained on."""
        z = torch.randn(num, self.noise_dim, generator=rng, device=rng.device)
        return torch.cat([z, self.labels.write(draw_seen(self.seen, num, rng))], 1)

    def given(self, y: Tensor) -> "GivenGAN":
        return GivenGAN(self, self.labels.write(y[None])[0])


class GivenGAN(Model):
    """A conditional GAN where y, (dim,), is known: its code is z."""

    def __init__(self, whole: ConditionalGAN, y: Tensor) -> None:
        super().__init__()
        self.whole, self.y = whole, y
        self.latent_dim = whole.noise_dim

    def decode(self, z: Tensor) -> Tensor:
        return self.whole.decode(torch.cat([z, self.y.expand(len(z), -1)], 1))

    def draw(self, num: int, rng: torch.Generator) -> Tensor:
        return torch.randn(num, self.latent_dim, generator=rng, device=rng.device)

    def sample(self, num: int, rng: torch.Generator) -> Tensor:
        return self.decode(self.draw(num, rng))

    def discriminate(self, x: Tensor) -> Tensor:
        return self.whole.score(x, self.y.expand(len(x), -1))

    def features(self, x: Tensor) -> Tensor:
        return self.whole.features(x)
