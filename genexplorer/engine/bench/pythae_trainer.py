"""pythae's own trainer around our encoder and decoder, let run a slice at a time."""

import importlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genexplorer.core.data import Data, to_float
from genexplorer.core.model import ModelRecipe

from .rounds import Side
from .rows import Missing
from .workload import BATCH, THREADS


@dataclass(frozen=True)
class Kind:
    """One of pythae's models by its class, and the settings that it has of its own."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_variational(self) -> bool:
        return self.name in ("VAE", "BetaVAE")


@dataclass(frozen=True)
class Peer:
    """`turn` trains, `decoder` is what it has learnt by then."""

    turn: Side
    decoder: nn.Module


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
def pythae_trainer(data: Data, home: Path, recipe: ModelRecipe, kind: Kind, seed: int = 0) -> Iterator[Peer]:
    """pythae's BaseTrainer with Adam at a rate of 1e-3, saving once per epoch; its progress bar is left out."""
    try:
        models = importlib.import_module("pythae.models")
        base = importlib.import_module("pythae.models.nn")
        output = importlib.import_module("pythae.models.base.base_utils").ModelOutput
        trainers: Any = importlib.import_module("pythae.trainers.base_trainer.base_trainer")
        config_class = importlib.import_module("pythae.trainers").BaseTrainerConfig
        dataset = importlib.import_module("pythae.data.datasets").BaseDataset
    except ImportError as error:
        raise Missing("peer not installed: pip install pythae") from error
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        ours: Any = recipe.build(data.spec)

    class Encoder(base.BaseEncoder):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = ours.encoder

        def forward(self, x: Tensor) -> Any:
            told = self.net(x)
            if not kind.is_variational:
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
    chosen = getattr(models, f"{kind.name}Config", None) or getattr(models, f"{kind.name}_Config")
    config = chosen(input_dim=data.spec.shape, latent_dim=ours.latent_dim, **kind.settings)
    model = getattr(models, kind.name)(config, encoder=Encoder(), decoder=Decoder())
    training = config_class(
        output_dir=str(home / "pythae"),
        per_device_train_batch_size=BATCH,
        num_epochs=1000,
        learning_rate=1e-3,
        steps_saving=1,
        seed=seed,
        no_cuda=True,
    )
    trainer = trainers.BaseTrainer(
        model, dataset(x, data.train.labels[:, 0]), training_config=training, callbacks=[Turnstile()]
    )
    thread = threading.Thread(target=turns.run, args=(trainer.train,), name="pythae", daemon=True)
    thread.start()
    try:
        yield Peer(turns.turn, ours.decoder)
    finally:
        turns.close()
        thread.join()
        trainers.ProgressBarCallback = shown
