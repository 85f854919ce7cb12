"""Training each family that pythae has against pythae's trainer, with the same network on both sides."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from genexplorer.core.model import MODELS, ModelRecipe

from .pythae_trainer import Kind, pythae_trainer
from .rounds import Side, median_ratio, side
from .rows import benchmark
from .turns import in_process
from .workload import conv_vae, load, new_run, steps_of, workplace

_KINDS = {
    "autoencoder": Kind("AE"),
    "vae": Kind("VAE"),
    "wae": Kind("WAE_MMD"),
    "vqvae": Kind("VQVAE", {"num_embeddings": 256, "use_ema": True}),
}


@benchmark("train_conv", bound="≥ 1.6", what="images/s of training a convolutional VAE, to pythae's trainer")
def train_conv() -> tuple[float, str]:
    """The same network on both sides, with each one's own saves and logs."""
    return _beside("vae")


@benchmark("train_autoencoder", bound="≥ 1.5", what="images/s of an autoencoder, to pythae's trainer", slow=True)
def train_autoencoder() -> tuple[float, str]:
    return _beside("autoencoder")


@benchmark("train_wae", bound="≥ 1.5", what="images/s of a WAE-MMD, to pythae's trainer", slow=True)
def train_wae() -> tuple[float, str]:
    return _beside("wae")


@benchmark(
    "train_vqvae", bound="≥ 1.5", what="images/s of a VQ-VAE, to pythae's trainer, which trains no prior", slow=True
)
def train_vqvae() -> tuple[float, str]:
    return _beside("vqvae")


def _beside(family: str) -> tuple[float, str]:
    with in_process(__name__, f"our_{family}") as ours, in_process(__name__, f"pythae_{family}") as peer:
        return median_ratio(ours, peer)


def _recipe(family: str) -> ModelRecipe:
    """The network of the VAE; a VQ-VAE's own, with a prior of the smallest kind."""
    if family == "vae":
        return conv_vae()
    small = {"prior_width": 8, "prior_layers": 1} if family == "vqvae" else {"latent_dim": 16}
    return MODELS[family].parse({"width": 32, **small})


@contextmanager
def _ours(family: str) -> Iterator[Side]:
    with workplace() as home, closing(steps_of(new_run(home, _recipe(family)))) as steps:
        yield side(steps)


@contextmanager
def _theirs(family: str) -> Iterator[Side]:
    with workplace() as home, pythae_trainer(load(home / "cache"), home, _recipe(family), _KINDS[family]) as peer:
        yield peer.turn


our_autoencoder, pythae_autoencoder = partial(_ours, "autoencoder"), partial(_theirs, "autoencoder")
our_vae, pythae_vae = partial(_ours, "vae"), partial(_theirs, "vae")
our_wae, pythae_wae = partial(_ours, "wae"), partial(_theirs, "wae")
our_vqvae, pythae_vqvae = partial(_ours, "vqvae"), partial(_theirs, "vqvae")
