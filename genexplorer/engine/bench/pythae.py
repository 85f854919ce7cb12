"""Training each family that pythae has against pythae's trainer, with the same network on both sides."""

import importlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genexplorer.core.data import Data, to_float
from genexplorer.core.model import MODELS, ModelRecipe

from .rounds import Side, median_ratio, side
from .rows import Missing, benchmark
from .turns import in_process
from .workload import BATCH, THREADS, conv_vae, load, new_run, steps_of, workplace

_MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "autoencoder": ("AE", {}),
    "vae": ("VAE", {}),
    "wae": ("WAE_MMD", {}),
    "vqvae": ("VQVAE", {"num_embeddings": 256, "use_ema": True}),
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
    with workplace() as home, _pythae(load(home / "cache"), home, _recipe(family)) as peer:
        yield peer


our_autoencoder, pythae_autoencoder = partial(_ours, "autoencoder"), partial(_theirs, "autoencoder")
our_vae, pythae_vae = partial(_ours, "vae"), partial(_theirs, "vae")
our_wae, pythae_wae = partial(_ours, "wae"), partial(_theirs, "wae")
our_vqvae, pythae_vqvae = partial(_ours, "vqvae"), partial(_theirs, "vqvae")


class _Enough(Exception):  # noqa: N818 - ends the peer's thread
    """No more turns."""


class _Turns:
    """Lets a loop that cannot be paused, on a thread of its own, run a slice at a time."""

    def __init__(self) -> None:
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        self._until, self._steps, self._start = 0.0, 0, 0.0
        self._ended: BaseException | None = None
        self._closed = False

    def run(self, work: Any) -> None:
        torch.set_num_threads(THREADS)
        try:
            self._wait()
            work()
        except _Enough:
            pass
        except BaseException as error:  # told by turn()
            self._ended = error
        self._done.release()

    def step_done(self) -> None:
        self._steps += 1
        if time.perf_counter() >= self._until:
            self._rate = self._steps * BATCH / (time.perf_counter() - self._start)
            self._done.release()
            self._wait()

    def _wait(self) -> None:
        self._go.acquire()
        if self._closed:
            raise _Enough
        self._steps, self._start = 0, time.perf_counter()

    def turn(self, seconds: float) -> float:
        self._until = time.perf_counter() + seconds
        self._go.release()
        self._done.acquire()
        if self._ended:
            raise self._ended
        return self._rate

    def close(self) -> None:
        self._closed = True
        self._go.release()


@contextmanager
def _pythae(data: Data, home: Path, recipe: ModelRecipe) -> Iterator[Side]:
    """pythae's BaseTrainer around our encoder and decoder, saving once per epoch; its progress bar is left out."""
    try:
        models = importlib.import_module("pythae.models")
        base = importlib.import_module("pythae.models.nn")
        output = importlib.import_module("pythae.models.base.base_utils").ModelOutput
        trainers: Any = importlib.import_module("pythae.trainers.base_trainer.base_trainer")
        config_class = importlib.import_module("pythae.trainers").BaseTrainerConfig
        dataset = importlib.import_module("pythae.data.datasets").BaseDataset
    except ImportError as error:
        raise Missing("peer not installed: pip install pythae") from error
    ours: Any = recipe.build(data.spec)
    kind, settings = _MODELS[recipe.name]

    class Encoder(base.BaseEncoder):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = ours.encoder

        def forward(self, x: Tensor) -> Any:
            told = self.net(x)
            if kind != "VAE":
                return output(embedding=told)
            mu, logvar = told.chunk(2, dim=1)
            return output(embedding=mu, log_covariance=logvar)

    class Decoder(base.BaseDecoder):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = ours.decoder

        def forward(self, z: Tensor) -> Any:
            return output(reconstruction=self.net(z))

    turns = _Turns()

    class Turnstile(trainers.TrainingCallback):  # type: ignore[misc]
        def on_train_step_end(self, training_config: Any, **kwargs: Any) -> None:
            turns.step_done()

    shown = trainers.ProgressBarCallback
    trainers.logger.setLevel("WARNING")
    trainers.ProgressBarCallback = trainers.TrainingCallback
    x = to_float(data.train.images.take(torch.arange(len(data.train))))
    chosen = getattr(models, f"{kind}Config", None) or getattr(models, f"{kind}_Config")
    config = chosen(input_dim=data.spec.shape, latent_dim=ours.latent_dim, **settings)
    model = getattr(models, kind)(config, encoder=Encoder(), decoder=Decoder())
    training = config_class(
        output_dir=str(home / "pythae"),
        per_device_train_batch_size=BATCH,
        num_epochs=1000,
        learning_rate=1e-3,
        steps_saving=1,
        no_cuda=True,
    )
    trainer = trainers.BaseTrainer(
        model, dataset(x, data.train.labels[:, 0]), training_config=training, callbacks=[Turnstile()]
    )
    thread = threading.Thread(target=turns.run, args=(trainer.train,), name="pythae", daemon=True)
    thread.start()
    try:
        yield turns.turn
    finally:
        turns.close()
        thread.join()
        trainers.ProgressBarCallback = shown
