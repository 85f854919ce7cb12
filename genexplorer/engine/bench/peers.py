"""Training against PyTorch's own VAE example."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from genexplorer.core.data import Data

from .rounds import Side, median_ratio, side
from .rows import benchmark
from .turns import in_process
from .workload import BATCH, load, mlp_vae, new_run, steps_of, workplace


@benchmark("train_mlp", bound="≥ 4", what="images/s of training an MLP VAE, to PyTorch's own example")
def train_mlp() -> tuple[float, str]:
    """784-400-20 on both sides."""
    with in_process(__name__, "our_mlp") as ours, in_process(__name__, "example_mlp") as peer:
        return median_ratio(ours, peer)


@contextmanager
def our_mlp() -> Iterator[Side]:
    with workplace() as home, closing(steps_of(new_run(home, mlp_vae()))) as steps:
        yield side(steps)


@contextmanager
def example_mlp() -> Iterator[Side]:
    with workplace() as home:
        yield side(_pytorch_example(load(home / "cache")))


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
