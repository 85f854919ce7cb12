"""Training against the loops that people would use else: pythae's trainer, and PyTorch's own VAE example."""

import importlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.core.data import Data, to_float

from .rounds import Side, median_ratio, side
from .rows import Missing, benchmark
from .turns import in_process
from .workload import BATCH, THREADS, conv_vae, load, mlp_vae, new_run, steps_of, workplace


@benchmark("train_conv", bound="≥ 1.6", what="images/s of training a convolutional VAE, to pythae's trainer")
def train_conv() -> tuple[float, str]:
    """The same network on both sides, with each one's own saves and logs."""
    with in_process(__name__, "our_conv") as ours, in_process(__name__, "pythae_conv") as peer:
        return median_ratio(ours, peer)


@benchmark("train_mlp", bound="≥ 4", what="images/s of training an MLP VAE, to PyTorch's own example")
def train_mlp() -> tuple[float, str]:
    """784-400-20 on both sides."""
    with in_process(__name__, "our_mlp") as ours, in_process(__name__, "example_mlp") as peer:
        return median_ratio(ours, peer)


@contextmanager
def our_conv() -> Iterator[Side]:
    with workplace() as home, closing(steps_of(new_run(home, conv_vae()))) as steps:
        yield side(steps)


@contextmanager
def our_mlp() -> Iterator[Side]:
    with workplace() as home, closing(steps_of(new_run(home, mlp_vae()))) as steps:
        yield side(steps)


@contextmanager
def pythae_conv() -> Iterator[Side]:
    with workplace() as home, _pythae(load(home / "cache"), home) as peer:
        yield peer


@contextmanager
def example_mlp() -> Iterator[Side]:
    with workplace() as home:
        yield side(_pytorch_example(load(home / "cache")))


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
def _pythae(data: Data, home: Path) -> Iterator[Side]:
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
    ours: Any = conv_vae().build(data.spec)

    class Encoder(base.BaseEncoder):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = ours.encoder

        def forward(self, x: Tensor) -> Any:
            mu, logvar = self.net(x).chunk(2, dim=1)
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
    model = models.VAE(
        models.VAEConfig(input_dim=data.spec.shape, latent_dim=ours.latent_dim), encoder=Encoder(), decoder=Decoder()
    )
    config = config_class(
        output_dir=str(home / "pythae"),
        per_device_train_batch_size=BATCH,
        num_epochs=1000,
        learning_rate=1e-3,
        steps_saving=1,
        no_cuda=True,
    )
    trainer = trainers.BaseTrainer(
        model, dataset(x, data.train.labels[:, 0]), training_config=config, callbacks=[Turnstile()]
    )
    thread = threading.Thread(target=turns.run, args=(trainer.train,), name="pythae", daemon=True)
    thread.start()
    try:
        yield turns.turn
    finally:
        turns.close()
        thread.join()
        trainers.ProgressBarCallback = shown


class _Pictures(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """torchvision.datasets.FashionMNIST with ToTensor: a PIL image each time."""

    def __init__(self, data: Data) -> None:
        from torchvision import transforms

        self._pixels = data.train.images.take(torch.arange(len(data.train)))[:, 0]
        self._labels = data.train.labels[:, 0].long()
        self._transform = transforms.ToTensor()

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self._pixels[index].numpy())
        return self._transform(image), int(self._labels[index])


class _ExampleVAE(nn.Module):
    """The network of examples/vae/main.py."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h1 = F.relu(self.fc1(x.view(-1, 784)))
        mu, logvar = self.fc21(h1), self.fc22(h1)
        std = torch.exp(0.5 * logvar)
        z = mu + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def _pytorch_example(data: Data) -> Iterator[int]:
    """The training loop of examples/vae/main.py, without what it prints."""
    loader = torch.utils.data.DataLoader(_Pictures(data), batch_size=BATCH, shuffle=True)
    model = _ExampleVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    while True:
        model.train()
        train_loss = 0.0
        for x, _ in loader:
            optimizer.zero_grad()
            recon, mu, logvar = model(x)
            bce = F.binary_cross_entropy(recon, x.view(-1, 784), reduction="sum")
            loss = bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            loss.backward()  # type: ignore[no-untyped-call]
            train_loss += loss.item()
            optimizer.step()
            yield len(x)
